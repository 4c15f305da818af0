import type { Store } from "../../../core/ports/store.ts";
import { cryptoRecords } from "../crypto-records.ts";

const DAY = 86_400_000;
/** Longer than the homeserver takes to show an event, also after days of which the bridge knows nothing. */
const SEALED_KEPT = 7 * DAY;
/** Longer than a failed message can be sent again, for which it is read once more. */
const SESSIONS_KEPT = 100 * DAY;
/** So many rows a time. */
const MOST = 2_000;

/**
 * Forgets what was sent, and the keys of sessions that nobody used for long; a part of it at each call. Only while all that
 * the homeserver tells is known: what is forgotten must not be shown any more. Throws BridgeError.
 */
export const sweepKeys = (store: Store, now: number): Promise<void> =>
  store.write((tx) => {
    tx.family(cryptoRecords).unsealEnded(now - SEALED_KEPT, MOST);
    tx.family(cryptoRecords).forgetSessions(now - SESSIONS_KEPT, MOST);
  });
