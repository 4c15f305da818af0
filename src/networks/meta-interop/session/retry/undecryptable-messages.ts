import { z } from "zod";
import type { LoginId, MessageId, PersonId } from "../../../../core/model/ids.ts";
import type { Store, Writes } from "../../../../core/ports/store.ts";
import { loginScope } from "../../record-scopes.ts";

const NAME = "undecryptable";
/** Retry receipts a message is worth. */
export const RETRIES = 5;
/** Milliseconds to wait for the message to come again, by the number of receipts sent. */
const PATIENCE = [0, 10_000, 20_000, 40_000, 60_000, 60_000];
export const LONGEST_PATIENCE = 60_000;
const CAPACITY = 500;

const schema = z.array(
  z.object({
    sender: z.string().transform((text) => text as PersonId),
    id: z.string().transform((text) => text as MessageId),
    /** Milliseconds since the epoch, and the same as the stanza had it. */
    at: z.number(),
    t: z.string(),
    name: z.string().optional(),
    /** Retry receipts sent. */
    count: z.number(),
    /** When patience ends, milliseconds since the epoch. */
    until: z.number(),
  }),
);
export type Undecryptable = Readonly<z.output<typeof schema>[number]>;

/** Messages that could not be decrypted and have been asked for again. Kept across restarts. */
export class RetryBook {
  readonly #login: LoginId;
  readonly #entries = new Map<string, Undecryptable>();

  constructor(login: LoginId, entries: readonly Undecryptable[]) {
    this.#login = login;
    for (const entry of entries) this.#entries.set(keyOf(entry), entry);
  }

  static async load(store: Store, login: LoginId): Promise<RetryBook> {
    const stored = await store.records.get(loginScope(login), NAME);
    const parsed = schema.safeParse(stored === undefined ? [] : JSON.parse(stored));
    return new RetryBook(login, parsed.success ? parsed.data : []);
  }

  /**
   * Counts one more failure. Returns the entry whose `count` is the number of the receipt to send now, or undefined
   * where the message is to be given up.
   */
  failed(message: Omit<Undecryptable, "count" | "until">, now: number): Undecryptable | undefined {
    const count = (this.#entries.get(keyOf(message))?.count ?? 0) + 1;
    if (count > RETRIES || (count === 1 && this.#entries.size >= CAPACITY)) {
      this.#entries.delete(keyOf(message));
      return undefined;
    }
    const entry = { ...message, count, until: now + (PATIENCE[count] ?? 0) };
    this.#entries.set(keyOf(entry), entry);
    return entry;
  }

  has(sender: PersonId, id: MessageId): boolean {
    return this.#entries.has(keyOf({ sender, id }));
  }

  /** The message came after all, or was given up. */
  forget(sender: PersonId, id: MessageId): void {
    this.#entries.delete(keyOf({ sender, id }));
  }

  /** Puts the entry back as it is now, where what follows from a change to it could not be stored. */
  keep(sender: PersonId, id: MessageId): () => void {
    const key = keyOf({ sender, id });
    const before = this.#entries.get(key);
    return () => void (before ? this.#entries.set(key, before) : this.#entries.delete(key));
  }

  /** One whose end is further away than patience goes was stored before the clock was set back. */
  due(now: number): readonly Undecryptable[] {
    return [...this.#entries.values()].filter(({ until }) => until <= now || until - now > LONGEST_PATIENCE);
  }

  /** When patience next ends; undefined where nothing waits. */
  next(): number | undefined {
    const times = [...this.#entries.values()].map(({ until }) => until);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Stores the book as it is when the transaction runs. */
  record(tx: Writes): void {
    if (this.#entries.size === 0) tx.records.remove(loginScope(this.#login), NAME);
    else tx.records.set(loginScope(this.#login), NAME, JSON.stringify([...this.#entries.values()]));
  }
}

function keyOf({ sender, id }: Pick<Undecryptable, "sender" | "id">): string {
  return `${sender} ${id}`;
}
