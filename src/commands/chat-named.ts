import { groupTitle } from "../core/chats/chat-profiles.ts";
import { commandTarget } from "../core/chats/command-target.ts";
import type { Network } from "../core/ports/network.ts";
import type { Login, Portal } from "../core/ports/rows.ts";
import type { CommandContext, CommandRequest } from "./command.ts";
import { contactNamed } from "./contact-named.ts";
import { loginsNamed } from "./logins-named.ts";

export interface NamedChat {
  readonly network: Network;
  readonly login: Login;
  readonly portal: Portal;
  /** Whom the chat is with, for a sentence. */
  readonly name: string;
  /** Stands for the chat in a command. */
  readonly target: string;
}

/** The chat that a command is about, with a contact or of a group; or the sentence that says why there is none. */
export async function chatNamed(
  request: Pick<CommandRequest, "user" | "words">,
  verb: string,
  context: CommandContext,
): Promise<NamedChat | string> {
  const about = await contactNamed(request, verb, context);
  if (typeof about !== "string") {
    const { network, login, chat, target } = about;
    return { network, login, portal: chat.portal, name: chat.ghost.name, target };
  }
  const named = await loginsNamed(request, context);
  if (typeof named === "string") return about;
  const typed = request.words.slice(1).join(" ");
  for (const login of named.logins.filter(({ state }) => state === "active")) {
    const [group, ...others] = await context.contacts.groups(login, named.network, typed);
    // Several groups of one name cannot be told apart.
    if (!group || others.length > 0) continue;
    const target = await commandTarget(context.store, group);
    return {
      network: named.network,
      login,
      portal: group,
      name: `the group “${groupTitle(group)}”`,
      target,
    };
  }
  return about;
}
