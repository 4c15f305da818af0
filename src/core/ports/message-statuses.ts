import type { EventId } from "../model/ids.ts";
import type { NewMatrixOutboxRow } from "./rows.ts";

/** `refused`: nothing was queued for a part of the event or for all of it, and no retry helps. */
export type ShownStatus = "pending" | "sent" | "delivered" | "failed" | "refused";

/** A status to be shown in the room of an event. */
interface StatusChange {
  readonly event: EventId;
  readonly status: ShownStatus;
  /** The row that shows it. */
  readonly row: NewMatrixOutboxRow;
  /** Whether it may be the event's first; otherwise it is shown only where an earlier one was. */
  readonly first: boolean;
}

/** What the rooms' statuses of people's events show. */
export interface MessageStatusWrites {
  /**
   * Queues the row where it is news and true, by the event's rows of the network outbox as they are then: `pending`
   * while one is queued and none failed, `sent` once all are with the network, `delivered` once all are with the
   * contact, `failed` while one failed, `refused` always. Nothing follows `refused`; only `failed` follows `sent`, and
   * `pending` or `sent` follow `failed`.
   */
  show(change: StatusChange): void;
}
