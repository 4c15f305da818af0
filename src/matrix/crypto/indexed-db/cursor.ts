import type { ByteRange, IndexedRow } from "../crypto-records.ts";
import { decodeKey, encodeKey, type Key } from "./keys.ts";
import { Request } from "./request.ts";
import type { CursorSource } from "./store-transaction.ts";
import { valueOf } from "./stored-value.ts";

interface CursorOptions {
  readonly range: ByteRange;
  readonly direction: string;
  readonly index?: string;
}

/** `IDBCursor`; its rows have their values, so that it is an `IDBCursorWithValue` too. */
export class Cursor {
  readonly request: Request;
  readonly direction = "next";
  readonly #store: CursorSource;
  readonly #options: CursorOptions;
  #row: IndexedRow | undefined;

  private constructor(store: CursorSource, options: CursorOptions) {
    this.#store = store;
    this.#options = options;
    this.request = new Request(store);
  }

  /** Throws where the cursor would not go upwards: the library asks for no other. */
  static open(store: CursorSource, options: CursorOptions): Request {
    if (options.direction !== "next") throw new DOMException("Cursors go upwards only.", "NotSupportedError");
    const cursor = new Cursor(store, options);
    cursor.#ask(options.range);
    return cursor.request;
  }

  get source(): CursorSource {
    return this.#store;
  }

  get key(): Key {
    return decodeKey(this.#current().at);
  }

  get primaryKey(): Key {
    return decodeKey(this.#current().key);
  }

  get value(): unknown {
    return valueOf(this.#current().value);
  }

  /** Goes on to the next row, or to the first with that key or a later one. */
  continue(key?: unknown): void {
    const { range } = this.#options;
    const lower = key === undefined ? undefined : encodeKey(key);
    this.request.again();
    this.#ask(lower ? { ...range, lower, lowerOpen: false } : range);
  }

  update(value: unknown): Request {
    return this.#store.put(value, this.primaryKey);
  }

  delete(): Request {
    return this.#store.delete(this.primaryKey);
  }

  #current(): IndexedRow {
    if (!this.#row) throw new DOMException("The cursor is at no row.", "InvalidStateError");
    return this.#row;
  }

  #ask(range: ByteRange): void {
    const { transaction, name: store } = this.#store;
    transaction.ask(this.request, async () => {
      const { index } = this.#options;
      const [row] = await transaction.layer.rows({ store, index, range, after: this.#row, limit: 1 });
      this.#row = row;
      return row ? this : null;
    });
  }
}
