import type { MatrixEvent } from "../model/events.ts";
import type { Clock } from "../ports/clock.ts";
import type { Store, Writes } from "../ports/store.ts";
import type { MatrixEventContext } from "./event-context.ts";

interface ReadByWritingParts {
  readonly store: Pick<Store, "expiries">;
  readonly clock: Pick<Clock, "now">;
}

/**
 * The writes for a person who writes in a chat: they have read what is there, also where their client keeps receipts to
 * itself. Undefined where nothing waits for that.
 */
export async function readByWriting(
  { store, clock }: ReadByWritingParts,
  { kind, sender, at, row }: MatrixEvent,
  context: Pick<MatrixEventContext, "portal" | "login"> | undefined,
): Promise<((tx: Writes) => void) | undefined> {
  const writes = (kind === "message" || kind === "reaction") && row === undefined;
  if (!writes || context?.login.user !== sender) return undefined;
  const { portal } = context;
  if (!(await store.expiries.awaitsReading(portal))) return undefined;
  return (tx) => tx.expiries.read(portal, { writtenBy: at }, clock.now());
}
