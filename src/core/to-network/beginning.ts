import type { Clock } from "../ports/clock.ts";
import type { Store } from "../ports/store.ts";
import { SYNC_SCOPE, SYNC_TOKEN } from "./matrix-intake.ts";

const SCOPE = "bridge";
const BEGUN = "begun";

/**
 * When this database began, in milliseconds since the epoch; 0 for one of a version that did not note it. What was
 * written to the bot before was written to another bridge, or to none.
 */
export async function beginning(store: Store, clock: Clock): Promise<number> {
  const known = await store.records.get(SCOPE, BEGUN);
  if (known !== undefined) return Number(known);
  const fresh = (await store.records.get(SYNC_SCOPE, SYNC_TOKEN)) === undefined;
  const begun = fresh ? clock.now() : 0;
  await store.write((tx) => tx.records.set(SCOPE, BEGUN, String(begun)));
  return begun;
}
