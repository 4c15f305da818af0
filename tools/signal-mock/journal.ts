import type { Proto } from "@signalapp/mock-server";

/** What a phone was sent. */
export interface Heard {
  /** Counts from 1 over everything that this phone was sent. */
  readonly seq: number;
  /** The sender's service id and device. */
  readonly from: string;
  readonly device: number;
  readonly to: "aci" | "pni";
  readonly sealed: boolean;
  readonly at: number;
  /** Undefined where the phone could not read it. */
  readonly content: Proto.Content | undefined;
}

export type NewHeard = Omit<Heard, "seq">;

/** Everything that a phone was sent, in order, and who waits for more. */
export class Journal {
  readonly #entries: Heard[] = [];
  readonly #followers: ((entry: Heard) => void)[] = [];
  readonly #waiting = new Set<() => void>();

  /** Calls the listener after every entry. */
  follow(listener: (entry: Heard) => void): void {
    this.#followers.push(listener);
  }

  get entries(): readonly Heard[] {
    return this.#entries;
  }

  add(entry: NewHeard): void {
    const heard = { ...entry, seq: this.#entries.length + 1 };
    this.#entries.push(heard);
    for (const follower of this.#followers) follower(heard);
    for (const wake of this.#waiting) wake();
  }

  /** The first entry after `since` that matches, heard before or after this call. Throws when time is up. */
  async find(
    what: string,
    matches: (entry: Heard) => boolean,
    { since = 0, seconds = 30 }: { readonly since?: number; readonly seconds?: number } = {},
  ): Promise<Heard> {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const found = this.#entries.find((entry) => entry.seq > since && matches(entry));
      if (found !== undefined) return found;
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`A phone waited ${seconds} s in vain for ${what}`);
      await this.#more(left);
    }
  }

  /** Resolves at the next entry, or when the milliseconds are up. */
  async #more(milliseconds: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, milliseconds);
    this.#waiting.add(resolve);
    await promise;
    clearTimeout(timer);
    this.#waiting.delete(resolve);
  }
}
