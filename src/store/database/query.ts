import type { Database } from "better-sqlite3";
import { storageError } from "./storage-error.ts";

type Value = string | number | Uint8Array | null;

/**
 * A prepared SELECT, which throws BridgeErrors. Frequent ones say `+?` beside ORDER BY and `0 + ?` after LIMIT: SQLite
 * compiles a statement again at each run (10 µs) when its plan depends on a parameter's value.
 */
export interface Query<Params extends readonly Value[], Row> {
  one(...params: Params): Row | undefined;
  all(...params: Params): Row[];
  /** The first rows, until the sum of their weights reaches `most`; at least one where there is one. */
  within(most: number, weigh: (row: Row) => number, ...params: Params): Row[];
}

export function query<Params extends readonly Value[], Row>(db: Database, sql: string): Query<Params, Row> {
  const statement = db.prepare<Value[], Row>(sql);
  const guarded = <T>(run: () => T): T => {
    try {
      return run();
    } catch (error) {
      throw storageError(error);
    }
  };
  return {
    one: (...params) => guarded(() => statement.get(...params)),
    all: (...params) => guarded(() => statement.all(...params)),
    within: (most, weigh, ...params) =>
      guarded(() => {
        const rows: Row[] = [];
        let left = most;
        for (const row of statement.iterate(...params)) {
          rows.push(row);
          left -= weigh(row);
          if (left <= 0) break;
        }
        return rows;
      }),
  };
}

/**
 * A prepared INSERT, UPDATE or DELETE; answers how many rows it changed. Run it only inside a transaction, whose owner
 * turns failures into BridgeErrors.
 */
export function command<Params extends readonly Value[]>(
  db: Database,
  sql: string,
): (...params: Params) => number {
  const statement = db.prepare<Value[]>(sql);
  return (...params) => statement.run(...params).changes;
}

/** The driver's Buffer as a plain Uint8Array, without a copy. */
export function bytes(blob: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(blob.buffer as ArrayBuffer, blob.byteOffset, blob.byteLength);
}
