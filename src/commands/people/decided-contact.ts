import type { Decision } from "../../core/management/questions.ts";
import type { CommandContext, CommandRequest } from "../command.ts";
import { contactNamed, type NamedContact } from "../contact-named.ts";
import { loginsNamed } from "../logins-named.ts";

interface DecidedContact {
  /** Or the sentence that says why there is none. */
  readonly about: NamedContact | string;
  /** The yes or no at the end of the command, which asks where there is none. */
  readonly decision: Decision | undefined;
}

/** The contact that a command is about, and whether it ends in a yes or no. */
export async function decidedContact(
  request: CommandRequest,
  verb: string,
  context: CommandContext,
): Promise<DecidedContact> {
  const { named, decision } = await decisionAbout(request, context);
  return { about: await contactNamed(named, verb, context), decision };
}

/** The command without the yes or no in which it ends. Somebody's own name may end in “yes”. */
export async function decisionAbout(
  request: CommandRequest,
  context: CommandContext,
): Promise<Pick<DecidedContact, "decision"> & { readonly named: CommandRequest }> {
  const rest = request.words.slice(1);
  const last = rest.length > 1 ? rest.at(-1)?.toLowerCase() : undefined;
  const typed = last === "yes" || last === "no" ? last : undefined;
  const decision = typed && (await isCalled(request, rest.join(" "), context)) ? undefined : typed;
  const words = decision ? request.words.slice(0, -1) : request.words;
  return { named: { ...request, words }, decision };
}

async function isCalled(request: CommandRequest, name: string, context: CommandContext): Promise<boolean> {
  const named = await loginsNamed(request, context);
  if (typeof named === "string") return false;
  for (const login of named.logins) {
    if ((await context.contacts.called(login, named.network, name)).length > 0) return true;
    if ((await context.contacts.members(login, named.network, name)).length > 0) return true;
  }
  return false;
}
