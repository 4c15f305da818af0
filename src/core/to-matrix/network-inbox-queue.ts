import type { PortalKey } from "../model/events.ts";
import type { DamagedNetworkInboxRow, NetworkInboxRow } from "../ports/rows.ts";
import { type Queue, usualPolicy } from "../runtime/drain.ts";
import { UNREADABLE } from "../runtime/put-aside.ts";
import { type LostEventParts, lostEvent } from "./lost-event.ts";
import { nameIn } from "./sender-name.ts";

const BATCH_ROWS = 50;
/** Tries after which an event that fails for no outside reason is put aside. */
export const MAX_TRIES = 5;

/** The network inbox as its lanes drain it, and how an event ends that they give up. */
export function networkInboxQueue(
  parts: LostEventParts,
): Queue<PortalKey, NetworkInboxRow, DamagedNetworkInboxRow> {
  const { networkInbox: reads } = parts.store;
  return {
    ...usualPolicy,
    direction: "to-matrix",
    batch: BATCH_ROWS,
    tries: MAX_TRIES,
    next: (...asked) => reads.next(...asked),
    damaged: (...asked) => reads.damaged(...asked),
    ids: ({ seq, key }) => ({ row: seq, login: key.login }),
    countTry: (tx, { seq }) => tx.networkInbox.countTry(seq),
    givenUp: (row, { reason }) => {
      const { seq, key, event } = row;
      return lostEvent(parts, {
        seq,
        key,
        ref: event.id,
        reason,
        name: nameIn(event),
        body: () => JSON.stringify(event),
      });
    },
    unreadable: ({ seq, key, id, body }) =>
      lostEvent(parts, { seq, key, ref: id, reason: UNREADABLE, name: undefined, body: () => body }),
  };
}
