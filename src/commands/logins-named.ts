import { loginHandle, loginsCalled } from "../core/chats/login-handle.ts";
import { shortened } from "../core/model/cut-text.ts";
import type { Network } from "../core/ports/network.ts";
import type { Login } from "../core/ports/rows.ts";
import { type CommandContext, type CommandRequest, networkNamed } from "./command.ts";

export interface NamedLogins {
  readonly network: Network;
  /** The person's logins there that are meant: several only where the person named none of them. */
  readonly logins: readonly Login[];
  /** The login's handle for commands. */
  readonly handle: (login: Login) => string;
}

/** The logins that the first word of a command means, or the sentence that says why there are none. */
export async function loginsNamed(
  { user, words: [word] }: Pick<CommandRequest, "user" | "words">,
  context: CommandContext,
): Promise<NamedLogins | string> {
  const network = networkNamed(word, context);
  if (typeof network === "string") return network;
  const theirs = await context.logins.of(user, network.id);
  const handle = (login: Login): string => loginHandle(login, theirs);
  const which = word?.slice(network.id.length + 1) ?? "";
  const logins = which === "" ? theirs : loginsCalled(which, theirs);
  if (logins.length > 0 || theirs.length === 0) return { network, logins, handle };
  const there = theirs.map((login) => `${login.visibleId} (${handle(login)})`).join(", ");
  return `You have no account “${shortened(which, 60)}” on ${network.name}. There is: ${there}.`;
}

/** Asks which of several logins is meant, with the whole command for each: `verb`, the login's handle, `rest`. */
export function whichLogin({ network, logins, handle }: NamedLogins, verb: string, rest: string): string {
  const commands = logins.map((login) => `• “${[verb, handle(login), rest].filter(Boolean).join(" ")}”`);
  return [`You have several accounts on ${network.name}. Write the one you mean:`, ...commands].join("\n");
}
