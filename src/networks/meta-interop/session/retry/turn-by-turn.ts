import { setImmediate as nextTurn } from "node:timers/promises";

/** Has work begin one after the other, each in a later turn of the event loop: all members of a group may ask at once. */
export class TurnByTurn {
  #last: Promise<unknown> = Promise.resolve();

  /** Resolves when it is this one's turn. */
  next(): Promise<unknown> {
    this.#last = this.#last.then(() => nextTurn());
    return this.#last;
  }
}
