import type { CryptoReads, CryptoWrites, DatabaseSchema, IndexedRow } from "../crypto-records.ts";
import { RowLayer, type RowSource, type Wanted } from "./row-layer.ts";

/** What waits for its commit, with the writes that keep it and what follows once they are committed. */
export interface TakenRows {
  /** Whether there is nothing. */
  readonly isEmpty: boolean;
  record(writes: CryptoWrites): void;
  stored(): void;
}

/**
 * The rows of a database with what its finished transactions changed: that is read at once, and waits here until somebody
 * commits it with the rows of their own that belong to it.
 */
export class PendingRows {
  readonly #database: string;
  readonly #reads: CryptoReads;
  readonly layer: RowLayer;
  #schema: DatabaseSchema | undefined;

  constructor(database: string, reads: CryptoReads) {
    this.#database = database;
    this.#reads = reads;
    this.layer = new RowLayer(storedRows(database, reads));
  }

  async schema(): Promise<DatabaseSchema | undefined> {
    return this.#schema ?? (await this.#reads.schema(this.#database));
  }

  /** Takes over a finished transaction; `schema` where it changed that. */
  finish(layer: RowLayer, schema?: DatabaseSchema): void {
    this.layer.absorb(layer);
    this.#schema = schema ?? this.#schema;
  }

  take(): TakenRows {
    const database = this.#database;
    const schema = this.#schema;
    const cleared = new Map(this.layer.cleared);
    const changes = new Map(
      Array.from(this.layer.changes, ([store, rows]) => [store, new Map(rows)] as const),
    );
    return {
      isEmpty: schema === undefined && cleared.size === 0 && changes.size === 0,
      record(writes) {
        if (schema) writes.setSchema(database, schema);
        for (const store of cleared.keys()) writes.clear({ database, store });
        for (const [store, rows] of changes)
          for (const { key, value, entries } of rows.values())
            if (value === undefined) writes.remove({ database, store }, key);
            else writes.put({ database, store }, { key, value }, entries);
      },
      stored: () => {
        if (this.#schema === schema) this.#schema = undefined;
        this.layer.settle(changes, cleared);
      },
    };
  }
}

const storedRows = (database: string, reads: CryptoReads): RowSource => ({
  get: (store, key) => reads.get({ database, store }, key),
  rows: ({ store, ...wanted }: Wanted): Promise<readonly IndexedRow[]> =>
    reads.rows({ ...wanted, place: { database, store } }),
});
