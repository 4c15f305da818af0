/** Does work for many at once: what comes for a key while its work runs is done together, right after it. */
export class Gathered<T> {
  readonly #act: (items: readonly T[]) => Promise<void>;
  /** What is yet to begin, by key. */
  readonly #open = new Map<string, { readonly items: T[]; readonly done: Promise<void> }>();
  readonly #last = new Map<string, Promise<void>>();

  constructor(act: (items: readonly T[]) => Promise<void>) {
    this.#act = act;
  }

  /** Ends as the work does that the item is part of. */
  add(key: string, item: T): Promise<void> {
    const open = this.#open.get(key);
    if (open) {
      open.items.push(item);
      return open.done;
    }
    const items = [item];
    const before = this.#last.get(key) ?? Promise.resolve();
    const done = before
      .catch(() => {})
      .then(() => {
        this.#open.delete(key);
        return this.#act(items);
      });
    this.#open.set(key, { items, done });
    this.#last.set(key, done);
    const forget = () => {
      if (this.#last.get(key) === done) this.#last.delete(key);
    };
    done.then(forget, forget);
    return done;
  }
}
