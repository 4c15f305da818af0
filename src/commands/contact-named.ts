import { groupTitle } from "../core/chats/chat-profiles.ts";
import { commandTarget } from "../core/chats/command-target.ts";
import type { ContactChat } from "../core/chats/contacts.ts";
import { shortened } from "../core/model/cut-text.ts";
import type { Network } from "../core/ports/network.ts";
import type { Login } from "../core/ports/rows.ts";
import { type CommandContext, type CommandRequest, networkNamed } from "./command.ts";
import { theirsFirst } from "./help/theirs-first.ts";
import { loginsNamed } from "./logins-named.ts";

export interface NamedContact {
  readonly network: Network;
  readonly login: Login;
  readonly chat: ContactChat;
  /** Stands for this contact, and nobody else, in a command; with the network before it. */
  readonly target: string;
}

/** The contact that a command is about, or the sentence that says why there is none; `orGroup`: it may be a group's. */
export async function contactNamed(
  request: Pick<CommandRequest, "user" | "words">,
  verb: string,
  context: CommandContext,
  orGroup = false,
): Promise<NamedContact | string> {
  const named = await loginsNamed(request, context);
  if (typeof named === "string") return `${named}${await withNetwork(request, verb, context)}`;
  const { network } = named;
  const typed = request.words.slice(1).join(" ");
  const whose = orGroup && network.groups ? "the contact's or the group's" : "the contact's";
  const usage = `“${verb} ${network.id} …” with ${whose} name as the chat shows it, or ${network.addressing}`;
  if (typed === "") return `Whom? Write ${usage}.`;
  const logins = named.logins.filter(({ state }) => state === "active");
  if (logins.length === 0) return `${network.name} is off for you. Write “enable ${network.id}” first.`;
  const found: { readonly login: Login; readonly chat: ContactChat }[] = [];
  for (const login of logins)
    for (const chat of await context.contacts.named(login, network, typed)) found.push({ login, chat });
  const [one] = found;
  if (!one) {
    const instead = await groupWords(logins, network, { typed, verb }, context);
    if (instead !== undefined) return instead;
    const looked = logins.every(({ id }) => context.connections.state(id).kind === "connected");
    const unlooked = looked ? "" : ` ${network.name} is not connected now, so I looked for their name only.`;
    return `You have no chat with “${shortened(typed, 60)}” on ${network.name}.${unlooked} Write ${usage}.`;
  }
  if (found.length > 1) {
    const all = found.map(({ chat }) => chat);
    return severalWords(all, verb, context);
  }
  const { login, chat } = one;
  return { network, login, chat, target: await commandTarget(context.store, chat.portal) };
}

/** How the command is written with a network, where it was written without one; otherwise nothing. */
async function withNetwork(
  { user, words }: Pick<CommandRequest, "user" | "words">,
  verb: string,
  context: CommandContext,
): Promise<string> {
  const [network] = await theirsFirst(user, context);
  if (!network || typeof networkNamed(words[0], context) !== "string") return "";
  const whom = words.length === 0 ? "…" : shortened(words.join(" "), 60);
  return ` It comes before the contact: “${verb} ${network.id} ${whom}”.`;
}

/** The sentence where a group is named, or a member of a group without a chat of their own. */
async function groupWords(
  logins: readonly Login[],
  network: Network,
  { typed, verb }: { readonly typed: string; readonly verb: string },
  { contacts }: CommandContext,
): Promise<string | undefined> {
  for (const login of logins) {
    const [group] = await contacts.groups(login, network, typed);
    if (group) {
      return `“${shortened(typed, 60)}” is a group, and “${verb}” is about one person. Write “${verb} ${network.id} …” with the name of somebody you have a chat with; what concerns the group as a whole is done in ${network.name} itself.`;
    }
    const [shared] = await contacts.members(login, network, typed);
    if (shared !== undefined) {
      return `${shortened(typed, 60)} is in the group “${groupTitle(shared.group)}” with you, and you have no chat of your own with them. Write “start-chat ${network.id} …” with ${network.addressing} to open one, and then “${verb} ${network.id} ${shortened(typed, 60)}”.`;
    }
  }
  return undefined;
}

/** The sentence that gives the command for each contact who could be meant. */
export async function severalWords(
  found: readonly ContactChat[],
  verb: string,
  { store }: CommandContext,
): Promise<string> {
  const lines: string[] = [];
  for (const { portal } of found) {
    const command = `“${verb} ${await commandTarget(store, portal)}”`;
    lines.push(
      portal.room === undefined ? `• ${command}` : `• ${command} for https://matrix.to/#/${portal.room}`,
    );
  }
  return ["Several contacts are called that. Write the one you mean:", ...lines].join("\n");
}
