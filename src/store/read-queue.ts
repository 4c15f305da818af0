import type { Log } from "../core/log.ts";
import type { DeadLetter } from "../core/rows.ts";
import type { Store, Writes } from "../core/store.ts";

/** What a queue's reads need beside the database: a way to put a row aside. */
export interface Mortuary {
  readonly write: Store["write"];
  readonly now: () => number;
  readonly log: Log;
}

interface Reading<Row, Item> {
  /** The first rows of a lane. */
  readonly load: () => readonly Row[];
  /** The row as the port has it, or undefined if its JSON is damaged. */
  readonly toItem: (row: Row) => Item | undefined;
  readonly toLetter: (row: Row) => Pick<DeadLetter, "direction" | "key" | "ref" | "body">;
  /** Takes the row out of its queue. */
  readonly end: (tx: Writes, row: Row) => void;
}

/** Reads the head of a lane. Rows nobody can read go to the dead letters, so that the lane goes on behind them. */
export async function readQueue<Row, Item>(
  { write, now, log }: Mortuary,
  { load, toItem, toLetter, end }: Reading<Row, Item>,
): Promise<readonly Item[]> {
  for (;;) {
    const rows = load();
    const items = rows.map(toItem);
    const good = items.filter((item) => item !== undefined);
    if (good.length === rows.length) return good;
    const damaged = rows.filter((_, index) => items[index] === undefined);
    for (const row of damaged) log.error("a stored row is unreadable", { ref: toLetter(row).ref });
    await write((tx) => {
      for (const row of damaged) {
        tx.deadLetters.add({ ...toLetter(row), reason: "unreadable row", at: now() });
        end(tx, row);
      }
    });
  }
}
