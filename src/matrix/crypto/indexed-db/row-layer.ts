import type { CryptoRow, IndexEntry, IndexedRow, RowsWanted } from "../crypto-records.ts";
import { isWithin } from "./key-range.ts";

/** What is read of one database: `place.database` is not looked at. */
export type Wanted = Omit<RowsWanted, "place"> & { readonly store: string };

/** The rows of one database. */
export interface RowSource {
  get(store: string, key: Uint8Array): Promise<Uint8Array<ArrayBuffer> | undefined>;
  rows(wanted: Wanted): Promise<readonly IndexedRow[]>;
}

/** A row that was put, or removed where it has no value. */
export interface RowChange {
  readonly key: Uint8Array<ArrayBuffer>;
  readonly value: Uint8Array<ArrayBuffer> | undefined;
  readonly entries: readonly IndexEntry[];
}

/** Changes over rows that stay as they are. */
export class RowLayer implements RowSource {
  readonly #below: RowSource;
  readonly #changes = new Map<string, Map<string, RowChange>>();
  /** The stores of which nothing below counts, each with a mark of the clearing. */
  readonly #cleared = new Map<string, symbol>();

  constructor(below: RowSource) {
    this.#below = below;
  }

  get changes(): ReadonlyMap<string, ReadonlyMap<string, RowChange>> {
    return this.#changes;
  }

  get cleared(): ReadonlyMap<string, symbol> {
    return this.#cleared;
  }

  put(store: string, { key, value }: CryptoRow, entries: readonly IndexEntry[]): void {
    this.#of(store).set(nameOf(key), { key, value, entries });
  }

  remove(store: string, key: Uint8Array<ArrayBuffer>): void {
    this.#of(store).set(nameOf(key), { key, value: undefined, entries: [] });
  }

  clear(store: string): void {
    this.#changes.delete(store);
    this.#cleared.set(store, Symbol(store));
  }

  /** Takes over what was changed in a layer over this one. */
  absorb(upper: RowLayer): void {
    for (const [store, mark] of upper.#cleared) {
      this.#changes.delete(store);
      this.#cleared.set(store, mark);
    }
    for (const [store, changes] of upper.#changes) {
      const mine = this.#of(store);
      for (const [name, change] of changes) mine.set(name, change);
    }
  }

  /** Forgets those of these changes that are still the latest: they are below. */
  settle(
    changes: ReadonlyMap<string, ReadonlyMap<string, RowChange>>,
    cleared: ReadonlyMap<string, symbol>,
  ): void {
    for (const [store, mark] of cleared) if (this.#cleared.get(store) === mark) this.#cleared.delete(store);
    for (const [store, settled] of changes) {
      const mine = this.#changes.get(store);
      if (!mine) continue;
      for (const [name, change] of settled) if (mine.get(name) === change) mine.delete(name);
      if (mine.size === 0) this.#changes.delete(store);
    }
  }

  async get(store: string, key: Uint8Array): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const change = this.#changes.get(store)?.get(nameOf(key));
    if (change) return change.value;
    return this.#cleared.has(store) ? undefined : this.#below.get(store, key);
  }

  async rows(wanted: Wanted): Promise<readonly IndexedRow[]> {
    const { store, limit } = wanted;
    const changes = this.#changes.get(store);
    if (!changes && !this.#cleared.has(store)) return this.#below.rows(wanted);
    const below = this.#cleared.has(store)
      ? []
      : await this.#below.rows(
          // As many more as may be hidden by changes.
          limit === undefined ? wanted : { ...wanted, limit: limit + (changes?.size ?? 0) },
        );
    const rows = below.filter(({ key }) => !changes?.has(nameOf(key)));
    for (const change of changes?.values() ?? []) rows.push(...rowsOf(change, wanted));
    return rows.sort(inOrder).slice(0, limit);
  }

  #of(store: string): Map<string, RowChange> {
    const changes = this.#changes.get(store) ?? new Map<string, RowChange>();
    this.#changes.set(store, changes);
    return changes;
  }
}

/** What a put row is found as: once by its key, or as often as the index has it. */
function rowsOf({ key, value, entries }: RowChange, { index, range, after }: Wanted): IndexedRow[] {
  if (value === undefined) return [];
  const ats =
    index === undefined
      ? [key]
      : entries.filter((entry) => entry.index === index).map((entry) => Uint8Array.from(entry.value));
  return ats
    .map((at) => ({ at, key, value }))
    .filter((row) => isWithin(range, row.at) && (after === undefined || inOrder(row, after) > 0));
}

type Position = Pick<IndexedRow, "at" | "key">;

const inOrder = (one: Position, other: Position): number =>
  Buffer.compare(one.at, other.at) || Buffer.compare(one.key, other.key);

const nameOf = (key: Uint8Array): string => Buffer.from(key).toString("latin1");
