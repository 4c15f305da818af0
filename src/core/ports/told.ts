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
