import { personTarget } from "../../core/chats/command-target.ts";
import type { DirectPortal } from "../../core/ports/rows.ts";
import type { CommandContext, CommandRequest } from "../command.ts";
import { contactNamed, type NamedContact } from "../contact-named.ts";
import { loginsNamed } from "../logins-named.ts";

/** A contact, or a member of a group with whom there is no chat of two. */
export interface NamedPerson extends Pick<NamedContact, "network" | "login" | "target"> {
  readonly ghost: NamedContact["chat"]["ghost"];
  readonly contact: NamedContact["chat"]["contact"];
  /** Who they are, and the chat by which they are known. */
  readonly portal: Pick<DirectPortal, "login" | "person" | "chat">;
}

/** The person that a command is about, or the sentence that says why there is none. */
export async function personNamed(
  request: Pick<CommandRequest, "user" | "words">,
  verb: string,
  context: CommandContext,
): Promise<NamedPerson | string> {
  const about = await contactNamed(request, verb, context);
  if (typeof about !== "string") {
    const { chat, ...named } = about;
    return { ...named, ...chat };
  }
  const named = await loginsNamed(request, context);
  const typed = request.words.slice(1).join(" ");
  if (typeof named === "string" || typed === "") return about;
  const { network } = named;
  const found: NamedPerson[] = [];
  for (const login of named.logins.filter(({ state }) => state === "active")) {
    // A group of that name is what is meant.
    if ((await context.contacts.groups(login, network, typed)).length > 0) return about;
    for (const { group, ghost, contact } of await context.contacts.members(login, network, typed)) {
      const portal = { login: login.id, person: ghost.person, chat: group.chat };
      const target = await personTarget(context.store, group, ghost.person);
      found.push({ network, login, ghost, contact, portal, target });
    }
  }
  const [one, another] = found;
  if (!one || !another) return one ?? about;
  const lines = found.map(({ target, ghost }) => `• “${verb} ${target}”, who is ${ghost.user} here`);
  return ["Several people in your groups are called that. Write the one you mean:", ...lines].join("\n");
}
