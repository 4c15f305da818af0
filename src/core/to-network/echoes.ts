import type { DeliveryStatus } from "../delivery/delivery-status.ts";
import type { MatrixEvent } from "../model/events.ts";
import type { Store, Writes } from "../ports/store.ts";

interface EchoParts {
  readonly store: Pick<Store, "matrixOutbox">;
  readonly delivery: Pick<DeliveryStatus, "withdraw">;
}

/**
 * What a person seems to have written, and the bridge sent as them: nothing to send to the network. Only where the row it
 * names is of that room and sender, and no other event was made of it: clients copy content, ours too. Undefined for
 * what they wrote themself.
 */
export async function echoOf(
  { store: { matrixOutbox }, delivery }: EchoParts,
  { row, room, sender, id }: MatrixEvent,
): Promise<((tx: Writes) => void) | undefined> {
  const made = row && (await matrixOutbox.madeBy(row));
  if (!row || made?.room !== room) return undefined;
  // A try that seemed to fail was late, and a ghost has said the same by now.
  if (made.insteadOf === sender) return delivery.withdraw(room, id);
  if (made.sender !== sender) return undefined;
  // It is here before the answer, or that is lost.
  if (made.event === undefined) return (tx) => tx.matrixOutbox.sent(row, id);
  return made.event === id ? () => {} : undefined;
}
