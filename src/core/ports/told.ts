import type { EventId, OutboxId } from "../model/ids.ts";
import type { NewMatrixOutboxRow } from "./rows.ts";

/** A row that marks an event. */
export interface Mark {
  readonly event: EventId;
  readonly row: NewMatrixOutboxRow;
}

/** What was said in rooms lately, and which events were marked as not delivered. */
export interface ToldReads {
  /** The row that made an event's mark. */
  markOf(event: EventId): Promise<OutboxId | undefined>;
}
export interface ToldWrites {
  /**
   * Queues the row where words of this kind were not said in its room in the day before it was created; they are from
   * now on. Where they were, the mark is queued instead, unless its event bears one already.
   */
  once(kind: string, row: NewMatrixOutboxRow, otherwise?: Mark): void;
  unmark(event: EventId): void;
}
