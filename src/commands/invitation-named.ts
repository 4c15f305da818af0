import { commandTarget } from "../core/chats/command-target.ts";
import { isRequest } from "../core/chats/requests.ts";
import type { Network } from "../core/ports/network.ts";
import type { GroupPortal, Login } from "../core/ports/rows.ts";
import type { CommandContext, CommandRequest } from "./command.ts";
import { loginsNamed } from "./logins-named.ts";

export interface InvitedGroup {
  readonly portal: GroupPortal;
  readonly login: Login;
  readonly network: Network;
}

/**
 * The group of that name to which the person is invited; undefined where there is none, and a sentence where there are
 * several.
 */
export async function invitationNamed(
  request: Pick<CommandRequest, "user" | "words">,
  verb: string,
  context: CommandContext,
): Promise<InvitedGroup | string | undefined> {
  const named = await loginsNamed(request, context);
  const typed = request.words.slice(1).join(" ");
  if (typeof named === "string" || typed === "") return undefined;
  const { network } = named;
  const found: InvitedGroup[] = [];
  for (const login of named.logins) {
    for (const portal of await context.contacts.groups(login, network, typed))
      if (await isRequest(context.store, portal)) found.push({ portal, login, network });
  }
  const [one, another] = found;
  if (!one || !another) return one;
  const targets = await Promise.all(found.map(({ portal }) => commandTarget(context.store, portal)));
  return `Which one? ${targets.map((target) => `“${verb} ${target}”`).join(" or ")}.`;
}
