/**
 * Locks on names. A holder gets several at once, behind all who asked before for one of them, so that nobody waits in a
 * circle.
 */
export class NameLocks {
  readonly #last = new Map<string, Promise<void>>();

  /** Resolves when all names are held; disposing the result releases them. */
  async hold(names: ReadonlySet<string>): Promise<Disposable> {
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const earlier = Array.from(names, (name) => this.#last.get(name) ?? Promise.resolve());
    for (const name of names) this.#last.set(name, released);
    await Promise.all(earlier);
    return {
      [Symbol.dispose]: () => {
        for (const name of names) if (this.#last.get(name) === released) this.#last.delete(name);
        release();
      },
    };
  }
}
