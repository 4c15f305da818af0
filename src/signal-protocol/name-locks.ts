/**
 * Names held by one at a time, several at once. Who asks stands behind whoever asked before for any of the names, so
 * that nobody waits in a circle.
 */
export class NameLocks {
  readonly #last = new Map<string, Promise<void>>();

  /** Resolves when all are held; disposing lets go of them. */
  async hold(names: ReadonlySet<string>): Promise<Disposable> {
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const before = Array.from(names, (name) => this.#last.get(name) ?? Promise.resolve());
    for (const name of names) this.#last.set(name, released);
    await Promise.all(before);
    return {
      [Symbol.dispose]: () => {
        for (const name of names) if (this.#last.get(name) === released) this.#last.delete(name);
        release();
      },
    };
  }
}
