import type { DeliveryStatus } from "../delivery/delivery-status.ts";
import type { MatrixEvent } from "../model/events.ts";
import type { Store, Writes } from "../ports/store.ts";
import { madeAt } from "../runtime/outbox-rows.ts";

/** Milliseconds for which the store knows every row, and more than a row waits for its homeserver. */
const KNOWN = 30 * 86_400_000;

interface EchoParts {
  readonly store: Pick<Store, "matrixOutbox">;
  readonly delivery: Pick<DeliveryStatus, "withdraw">;
}

/**
 * The writes for an event that looks like the person's, but that the bridge sent as them; undefined for what they wrote
 * themself. It counts as sent by us only where the row that it names is of that room and sender, and no other event
 * came of the row: clients copy content, our keys included.
 */
export async function echoOf(
  { store: { matrixOutbox }, delivery }: EchoParts,
  { row, room, sender, id, at }: MatrixEvent,
): Promise<((tx: Writes) => void) | undefined> {
  const made = row && (await matrixOutbox.madeBy(row));
  // An older copy of the database was put back, and does not know the row.
  if (row && !made && at - madeAt(row) < KNOWN) return () => {};
  if (!row || made?.room !== room) return undefined;
  // A try that seemed to fail was late, and a ghost has said the same by now.
  if (made.insteadOf === sender) return delivery.withdraw(room, id);
  if (made.sender !== sender) return undefined;
  // The event came before the answer to our request, or that answer was lost.
  if (made.event === undefined) return (tx) => tx.matrixOutbox.sent(row, id);
  return made.event === id ? () => {} : undefined;
}
