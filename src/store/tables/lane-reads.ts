import { BATCH_SIZE } from "../../core/ports/queues.ts";

interface LaneQueries<Key, Row, Item, Damaged> {
  /** The rows at the head of a lane: at most `limit`, of about `size` characters. */
  readonly load: (key: Key, limit: number, size: number) => readonly Row[];
  /** The row as the port has it; undefined if its content is damaged. */
  readonly toItem: (row: Row) => Item | undefined;
  readonly toDamaged: (row: Row) => Damaged;
}

/** The readable and the unreadable rows at the head of a queue's lane. */
export function laneReads<Key, Row, Item, Damaged>({
  load,
  toItem,
  toDamaged,
}: LaneQueries<Key, Row, Item, Damaged>) {
  return {
    next: async (key: Key, limit: number, size = BATCH_SIZE): Promise<readonly Item[]> =>
      load(key, limit, size)
        .map(toItem)
        .filter((item) => item !== undefined),
    damaged: async (key: Key, limit: number, size = BATCH_SIZE): Promise<readonly Damaged[]> =>
      load(key, limit, size)
        .filter((row) => toItem(row) === undefined)
        .map(toDamaged),
  };
}
