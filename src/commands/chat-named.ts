import { groupTitle } from "../core/chats/chat-profiles.ts";
import { commandTarget } from "../core/chats/command-target.ts";
import type { Network } from "../core/ports/network.ts";
import type { GroupPortal, Login, Portal } from "../core/ports/rows.ts";
import type { CommandContext, CommandRequest } from "./command.ts";
import { contactNamed } from "./contact-named.ts";
import { loginsNamed, type NamedLogins } from "./logins-named.ts";

export interface NamedChat {
  readonly network: Network;
  readonly login: Login;
  readonly portal: Portal;
  /** Whom the chat is with, for a sentence. */
  readonly name: string;
  /** Stands for the chat in a command. */
  readonly target: string;
}

export interface NamedGroup extends NamedChat {
  readonly portal: GroupPortal;
}

/** The chat that a command is about, with a contact or of a group; or the sentence that says why there is none. */
export async function chatNamed(
  request: Pick<CommandRequest, "user" | "words">,
  verb: string,
  context: CommandContext,
): Promise<NamedChat | string> {
  const named = await loginsNamed(request, context);
  const groups = typeof named === "string" ? [] : await groupsNamed(request, named, context);
  const contact = await contactNamed(request, verb, context, true);
  const [group] = groups;
  if (typeof contact === "string")
    return group && groups.length === 1 ? group : group ? whichChat(groups, verb) : contact;
  const { network, login, chat, target } = contact;
  const direct = { network, login, portal: chat.portal, name: chat.ghost.name, target };
  return group ? whichChat([direct, ...groups], verb) : direct;
}

/** The groups of that name, or of that id on the network. */
export async function groupsNamed(
  { words }: Pick<CommandRequest, "words">,
  { network, logins }: NamedLogins,
  { contacts, store }: CommandContext,
): Promise<readonly NamedGroup[]> {
  const groups: NamedGroup[] = [];
  const typed = words.slice(1).join(" ");
  for (const login of logins.filter(({ state }) => state === "active"))
    for (const portal of await contacts.groups(login, network, typed))
      groups.push(await namedGroup(portal, login, network, store));
  return groups;
}

const namedGroup = async (
  portal: GroupPortal,
  login: Login,
  network: Network,
  store: CommandContext["store"],
): Promise<NamedGroup> => ({
  network,
  login,
  portal,
  name: `the group “${groupTitle(portal)}”`,
  target: await commandTarget(store, portal),
});

/** The sentence that gives the command for each chat that could be meant. */
export function whichChat(chats: readonly NamedChat[], verb: string): string {
  const lines = chats.map(({ portal: { room }, target }) => {
    const command = `• “${verb} ${target}”`;
    return room === undefined ? command : `${command} for https://matrix.to/#/${room}`;
  });
  return ["Several chats are called that. Write the one you mean:", ...lines].join("\n");
}
