import type { Clock } from "../ports/clock.ts";
import type { Store } from "../ports/store.ts";
import { SYNC_SCOPE, SYNC_TOKEN } from "./matrix-intake.ts";

const SCOPE = "bridge";
const BEGUN = "begun";

/**
 * When this database was created, in milliseconds since the epoch; 0 for one of a version that did not store it.
 * Messages to the bot from before that were for another bridge.
 */
export async function beginning(store: Store, clock: Clock): Promise<number> {
  const stored = await store.records.get(SCOPE, BEGUN);
  if (stored !== undefined) return Number(stored);
  const fresh = (await store.records.get(SYNC_SCOPE, SYNC_TOKEN)) === undefined;
  const begun = fresh ? clock.now() : 0;
  await store.write((tx) => tx.records.set(SCOPE, BEGUN, String(begun)));
  return begun;
}
