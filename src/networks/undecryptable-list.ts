import type { Store, Writes } from "../core/ports/store.ts";

interface Awaited {
  /** How often it was asked for. */
  readonly count: number;
  /** When the wait for it ends, milliseconds since the epoch. */
  readonly until: number;
}

interface ListRules<Named> {
  /** The record in which it is kept. */
  readonly scope: string;
  readonly name: string;
  /** Milliseconds to wait for a message, by how often it was asked for; after the last it is given up. */
  readonly delays: readonly number[];
  readonly keyOf: (message: Named) => string;
}

const CAPACITY = 500;

/** The messages that a login could not decrypt and has asked for again. Kept across restarts. */
export class UndecryptableList<Named, Entry extends Named & Awaited> {
  readonly #rules: ListRules<Named>;
  readonly #entries: Map<string, Entry>;

  constructor(rules: ListRules<Named>, entries: readonly Entry[]) {
    this.#rules = rules;
    this.#entries = new Map(entries.map((entry) => [rules.keyOf(entry), entry]));
  }

  /** What the record holds, to be checked; no entries where there is none. */
  static async stored(store: Pick<Store, "records">, scope: string, name: string): Promise<unknown> {
    return JSON.parse((await store.records.get(scope, name)) ?? "[]");
  }

  /** Counts a failure. Returns the entry to ask with, or undefined where the message is given up. */
  countFailure(message: Omit<Entry, keyof Awaited> & Named, now: number): Entry | undefined {
    const { keyOf, delays } = this.#rules;
    const key = keyOf(message);
    const count = (this.#entries.get(key)?.count ?? 0) + 1;
    const delay = delays[count - 1];
    if (delay === undefined || (count === 1 && this.#entries.size >= CAPACITY)) {
      this.#entries.delete(key);
      return undefined;
    }
    const entry = { ...message, count, until: now + delay } as Entry & Named;
    this.#entries.set(key, entry);
    return entry;
  }

  has(message: Named): boolean {
    return this.#entries.has(this.#rules.keyOf(message));
  }

  /** Removes a message that was decrypted or given up. */
  remove(message: Named): void {
    this.#entries.delete(this.#rules.keyOf(message));
  }

  /** Returns a function that restores the entry as it is at this call, for when a change of it cannot be stored. */
  savepoint(message: Named): () => void {
    const key = this.#rules.keyOf(message);
    const before = this.#entries.get(key);
    return () => void (before ? this.#entries.set(key, before) : this.#entries.delete(key));
  }

  /**
   * The entries whose wait is over. One that would wait longer than the longest delay was stored before the clock was
   * set back, and counts too.
   */
  due(now: number): readonly Entry[] {
    const longest = Math.max(...this.#rules.delays);
    return [...this.#entries.values()].filter(({ until }) => until <= now || until - now > longest);
  }

  /** When the next wait ends; undefined where nothing is awaited. */
  nextDue(): number | undefined {
    const times = [...this.#entries.values()].map(({ until }) => until);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Stores the entries as they are at this call. */
  record(tx: Writes): void {
    const { scope, name } = this.#rules;
    if (this.#entries.size === 0) tx.records.remove(scope, name);
    else tx.records.set(scope, name, JSON.stringify([...this.#entries.values()]));
  }
}
