/**
 * Acts of which each makes the one before it pointless, such as showing who is typing: for each key one runs at a time,
 * and of what is wanted meanwhile only the newest does. `act` deals with its own failures.
 */
export class Coalesced<V> {
  readonly #act: (value: V) => Promise<void>;
  readonly #wanted = new Map<string, V>();
  readonly #running = new Set<string>();

  constructor(act: (value: V) => Promise<void>) {
    this.#act = act;
  }

  want(key: string, value: V): void {
    this.#wanted.set(key, value);
    if (!this.#running.has(key)) void this.#run(key);
  }

  async #run(key: string): Promise<void> {
    this.#running.add(key);
    for (let value = this.#wanted.get(key); value !== undefined; value = this.#wanted.get(key)) {
      this.#wanted.delete(key);
      await this.#act(value);
    }
    this.#running.delete(key);
  }
}
