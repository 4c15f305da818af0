import type { IndexEntry, IndexSchema, ObjectStoreSchema } from "../crypto-records.ts";
import { Cursor } from "./cursor.ts";
import { indexEntries } from "./index-entries.ts";
import { rangeOf } from "./key-range.ts";
import { decodeKey, encodeKey } from "./keys.ts";
import { ObjectIndex } from "./object-index.ts";
import { Request } from "./request.ts";
import type { CursorSource, StoreTransaction } from "./store-transaction.ts";
import { bytesOf, valueOf } from "./stored-value.ts";

/** `IDBObjectStore` whose keys stand beside the values. */
export class ObjectStore implements CursorSource {
  readonly #transaction: StoreTransaction;
  readonly #schema: ObjectStoreSchema;

  constructor(transaction: StoreTransaction, schema: ObjectStoreSchema) {
    this.#transaction = transaction;
    this.#schema = schema;
  }

  get name(): string {
    return this.#schema.name;
  }

  get transaction(): StoreTransaction {
    return this.#transaction;
  }

  get(query: unknown): Request {
    const range = rangeOf(query);
    return this.#ask(async () => {
      const [row] = await this.#layer.rows({ store: this.name, range, limit: 1 });
      return row && valueOf(row.value);
    });
  }

  getAll(query?: unknown, count?: number): Request {
    const wanted = { store: this.name, range: rangeOf(query), limit: count || undefined };
    return this.#ask(async () => (await this.#layer.rows(wanted)).map(({ value }) => valueOf(value)));
  }

  getAllKeys(query?: unknown, count?: number): Request {
    const wanted = { store: this.name, range: rangeOf(query), limit: count || undefined };
    return this.#ask(async () => (await this.#layer.rows(wanted)).map(({ key }) => decodeKey(key)));
  }

  count(query?: unknown): Request {
    const wanted = { store: this.name, range: rangeOf(query) };
    return this.#ask(async () => (await this.#layer.rows(wanted)).length);
  }

  put(value: unknown, key: unknown): Request {
    return this.#write(value, key, async () => undefined);
  }

  /** As `put`, but fails with a `ConstraintError` where the key is taken. */
  add(value: unknown, key: unknown): Request {
    return this.#write(value, key, async (encoded) => {
      if ((await this.#layer.get(this.name, encoded)) !== undefined)
        throw new DOMException("The key is taken.", "ConstraintError");
    });
  }

  delete(query: unknown): Request {
    this.#requireWritable();
    const range = rangeOf(query);
    return this.#ask(async () => {
      for (const { key } of await this.#layer.rows({ store: this.name, range }))
        this.#layer.remove(this.name, key);
    });
  }

  clear(): Request {
    this.#requireWritable();
    return this.#ask(async () => this.#layer.clear(this.name));
  }

  openCursor(query?: unknown, direction: string = "next"): Request {
    return Cursor.open(this, { range: rangeOf(query), direction });
  }

  index(name: string): ObjectIndex {
    const schema = this.#schema.indexes.find((index) => index.name === name);
    if (!schema) throw new DOMException("The object store has no such index.", "NotFoundError");
    return new ObjectIndex(this, schema);
  }

  /** Only while a database is upgraded, and before it has rows. */
  createIndex(name: string, keyPath: string | readonly string[], options?: { readonly unique?: boolean }) {
    const index: IndexSchema = {
      name,
      keyPath: typeof keyPath === "string" ? keyPath : Array.from(keyPath),
      unique: options?.unique === true,
    };
    this.#transaction.db.addIndex(this.#schema.name, index);
    return new ObjectIndex(this, index);
  }

  #write(value: unknown, key: unknown, check: (key: Uint8Array) => Promise<void>): Request {
    this.#requireWritable();
    const encoded = encodeKey(key);
    // The value is what it is at the call, whatever its owner does with it later.
    const bytes = bytesOf(value);
    const entries = indexEntries(this.#schema.indexes, value);
    return this.#ask(async () => {
      await check(encoded);
      await this.#requireUnique(encoded, entries);
      this.#layer.put(this.name, { key: encoded, value: bytes }, entries);
      return key;
    });
  }

  async #requireUnique(key: Uint8Array, entries: readonly IndexEntry[]): Promise<void> {
    const unique = new Set(this.#schema.indexes.filter((index) => index.unique).map(({ name }) => name));
    for (const { index, value } of entries) {
      if (!unique.has(index)) continue;
      const range = { lower: value, upper: value, lowerOpen: false, upperOpen: false };
      const rows = await this.#layer.rows({ store: this.name, index, range });
      if (rows.some((row) => Buffer.compare(row.key, key) !== 0))
        throw new DOMException("Another row has this key in an index.", "ConstraintError");
    }
  }

  get #layer() {
    return this.#transaction.layer;
  }

  #requireWritable(): void {
    if (this.#transaction.mode === "readonly")
      throw new DOMException("The transaction only reads.", "ReadOnlyError");
  }

  #ask(act: () => Promise<unknown>): Request {
    return this.#transaction.ask(new Request(this), act);
  }
}
