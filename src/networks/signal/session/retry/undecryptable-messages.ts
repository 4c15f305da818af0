import { z } from "zod";
import type { LoginId, PersonId } from "../../../../core/model/ids.ts";
import type { Store, Writes } from "../../../../core/ports/store.ts";
import { loginScope } from "../../record-scopes.ts";

const NAME = "undecryptable";
/** Milliseconds to wait for the message, by the number of requests sent. */
const DELAYS = [0, 10_000, 30_000, 60_000];
const MOST_REQUESTS = 3;
export const LONGEST_DELAY = 60_000;
const CAPACITY = 500;

const schema = z.array(
  z.object({
    sender: z.string().transform((text) => text as PersonId),
    /** By the sender's clock, and by the server's; milliseconds since the epoch. */
    timestamp: z.number(),
    at: z.number(),
    /** The request, as it is sent, in base64. */
    request: z.string(),
    /** Whether its sender expects that it be shown: others are only asked for. */
    shown: z.boolean(),
    /** Requests sent. */
    count: z.number(),
    /** When the wait ends, milliseconds since the epoch. */
    until: z.number(),
  }),
);
export type UndecryptableMessage = Readonly<z.output<typeof schema>[number]>;

type Named = Pick<UndecryptableMessage, "sender" | "timestamp">;

/** The messages that we could not decrypt and have asked for again. Kept across restarts. */
export class UndecryptableMessages {
  readonly #login: LoginId;
  readonly #entries = new Map<string, UndecryptableMessage>();

  constructor(login: LoginId, entries: readonly UndecryptableMessage[]) {
    this.#login = login;
    for (const entry of entries) this.#entries.set(keyOf(entry), entry);
  }

  static async load(store: Store, login: LoginId): Promise<UndecryptableMessages> {
    const stored = await store.records.get(loginScope(login), NAME);
    const parsed = schema.safeParse(stored === undefined ? [] : JSON.parse(stored));
    return new UndecryptableMessages(login, parsed.success ? parsed.data : []);
  }

  /** Counts a failure. Returns the entry to ask with, or undefined where the message is given up. */
  countFailure(
    message: Omit<UndecryptableMessage, "count" | "until">,
    now: number,
  ): UndecryptableMessage | undefined {
    const count = (this.#entries.get(keyOf(message))?.count ?? 0) + 1;
    if (count > MOST_REQUESTS || (count === 1 && this.#entries.size >= CAPACITY)) {
      this.#entries.delete(keyOf(message));
      return undefined;
    }
    const entry = { ...message, count, until: now + (DELAYS[count] ?? 0) };
    this.#entries.set(keyOf(entry), entry);
    return entry;
  }

  has(message: Named): boolean {
    return this.#entries.has(keyOf(message));
  }

  /** Removes a message that was decrypted or given up. */
  remove(message: Named): void {
    this.#entries.delete(keyOf(message));
  }

  /** Returns a function that restores the entry as it is at this call, for when a change of it cannot be stored. */
  savepoint(message: Named): () => void {
    const key = keyOf(message);
    const before = this.#entries.get(key);
    return () => void (before ? this.#entries.set(key, before) : this.#entries.delete(key));
  }

  /**
   * The entries whose wait is over. One that would wait longer than the longest delay was stored before the clock was
   * set back, and counts too.
   */
  due(now: number): readonly UndecryptableMessage[] {
    return [...this.#entries.values()].filter(({ until }) => until <= now || until - now > LONGEST_DELAY);
  }

  /** When the next wait ends; undefined where nothing is awaited. */
  nextDue(): number | undefined {
    const times = [...this.#entries.values()].map(({ until }) => until);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Stores the entries as they are at this call. */
  record(tx: Writes): void {
    if (this.#entries.size === 0) tx.records.remove(loginScope(this.#login), NAME);
    else tx.records.set(loginScope(this.#login), NAME, JSON.stringify([...this.#entries.values()]));
  }
}

const keyOf = ({ sender, timestamp }: Named): string => `${sender} ${timestamp}`;
