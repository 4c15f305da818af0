/**
 * Runs acts of which a newer one replaces older ones, such as showing who is typing: one at a time for each key, and
 * then only the newest that was wanted meanwhile. `act` handles its own errors.
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
