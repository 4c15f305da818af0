/**
 * Locks on names. A holder gets several at once, behind all who asked before for one of them, so that nobody waits in a
 * circle.
 */
export class NameLocks {
  readonly #last = new Map<string, Promise<void>>();
  #closed: { readonly reason: Error } | undefined;

  /** Resolves when all names are held; disposing the result releases them. Rejects once the locks are closed. */
  async hold(names: ReadonlySet<string>): Promise<Disposable> {
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const earlier = Array.from(names, (name) => this.#last.get(name) ?? Promise.resolve());
    for (const name of names) this.#last.set(name, released);
    await Promise.all(earlier);
    const lock = {
      [Symbol.dispose]: () => {
        for (const name of names) if (this.#last.get(name) === released) this.#last.delete(name);
        release();
      },
    };
    if (!this.#closed) return lock;
    lock[Symbol.dispose]();
    throw this.#closed.reason;
  }

  /** Resolves when nobody holds a name; nobody gets one from now on. */
  async close(reason: Error): Promise<void> {
    this.#closed ??= { reason };
    await Promise.all(this.#last.values());
  }
}
