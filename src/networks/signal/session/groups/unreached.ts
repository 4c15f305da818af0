import type { BridgeError } from "../../../../core/model/errors.ts";
import type { PersonId } from "../../../../core/model/ids.ts";
import type { LoginContext } from "../../login-context.ts";
import { unreachedScope } from "../../record-scopes.ts";
import { signalFamily } from "../../records.ts";
import { shownName } from "../../shown-name.ts";
import type { OpenGroup } from "./open-group.ts";

/** Tells our person who did not get what they wrote in a group; of each member once. Rejects where the store fails. */
export async function tellUnreached(
  context: Pick<LoginContext, "login" | "network" | "store" | "sink">,
  { chat, state }: Pick<OpenGroup, "chat" | "state">,
  unreached: ReadonlyMap<PersonId, BridgeError>,
): Promise<void> {
  const { store, login, sink } = context;
  const scope = unreachedScope(login, chat);
  for (const [person, { words }] of unreached) {
    if ((await store.records.get(scope, person)) !== undefined) continue;
    const { profile } = (await store.family(signalFamily).recipient(login, person)) ?? {};
    const name = await shownName(context, { profile, person });
    const where = state.title === "" ? "a Signal group" : `“${state.title}”`;
    await sink.tell(
      `${name} does not get what you write in ${where}; all others do. Signal says: ${words} You are told this once.`,
      (tx) => tx.records.set(scope, person, "told"),
    );
  }
}
