/** Commits that need not be waited for one by one. One that fails meanwhile is heard of at {@link done}. */
export class Commits {
  readonly #running: Promise<void>[] = [];

  add(commit: Promise<void>): void {
    // Until it is waited for, a failure is nobody's unhandled one.
    commit.catch(() => undefined);
    this.#running.push(commit);
  }

  /** Rejects where one failed. */
  async done(): Promise<void> {
    await Promise.all(this.#running);
  }
}
