import type { IndexSchema } from "../crypto-records.ts";
import { Cursor } from "./cursor.ts";
import { rangeOf } from "./key-range.ts";
import { decodeKey } from "./keys.ts";
import { Request } from "./request.ts";
import type { CursorSource } from "./store-transaction.ts";
import { valueOf } from "./stored-value.ts";

/** `IDBIndex`. */
export class ObjectIndex {
  readonly objectStore: CursorSource;
  readonly #schema: IndexSchema;

  constructor(store: CursorSource, schema: IndexSchema) {
    this.objectStore = store;
    this.#schema = schema;
  }

  get name(): string {
    return this.#schema.name;
  }

  get(query: unknown): Request {
    return this.#ask(query, 1, ([row]) => row && valueOf(row.value));
  }

  getAll(query?: unknown, count?: number): Request {
    return this.#ask(query, count, (rows) => rows.map(({ value }) => valueOf(value)));
  }

  /** The keys of the rows themselves. */
  getAllKeys(query?: unknown, count?: number): Request {
    return this.#ask(query, count, (rows) => rows.map(({ key }) => decodeKey(key)));
  }

  count(query?: unknown): Request {
    return this.#ask(query, undefined, (rows) => rows.length);
  }

  openCursor(query?: unknown, direction: string = "next"): Request {
    return Cursor.open(this.objectStore, { range: rangeOf(query), direction, index: this.name });
  }

  #ask(
    query: unknown,
    count: number | undefined,
    answer: (rows: readonly { readonly key: Uint8Array; readonly value: Uint8Array }[]) => unknown,
  ): Request {
    const { name: store, transaction } = this.objectStore;
    const wanted = { store, index: this.name, range: rangeOf(query), limit: count || undefined };
    return transaction.ask(new Request(this), async () => answer(await transaction.layer.rows(wanted)));
  }
}
