import type { EventId, OutboxId, RoomId } from "../model/ids.ts";
import type { NewMatrixOutboxRow } from "./rows.ts";

/** A row that marks an event. */
export interface Mark {
  readonly event: EventId;
  readonly row: NewMatrixOutboxRow;
}

/** What was lately said in rooms, and which events are marked as not delivered. */
export interface ToldReads {
  /** The row that made an event's mark. */
  markOf(event: EventId): Promise<OutboxId | undefined>;
}
export interface ToldWrites {
  /**
   * Queues the row where words of this kind were not said in its room in the day before; they count as said now.
   * Otherwise queues the mark, unless its event is marked already.
   */
  once(kind: string, row: NewMatrixOutboxRow, otherwise?: Mark): void;
  unmark(event: EventId): void;
  /** Words of this kind are not in the room any more: the next ones are said again. */
  unsay(room: RoomId, kind: string): void;
}

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
