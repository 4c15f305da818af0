/** Lets tasks of one chat run side by side, and end in the order they began. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  async take<T>(chat: string, task: () => Promise<T>): Promise<T> {
    const before = this.#last.get(chat);
    const done = task();
    const turn = Promise.allSettled([before, done]);
    this.#last.set(chat, turn);
    await turn;
    if (this.#last.get(chat) === turn) this.#last.delete(chat);
    return done;
  }
}
