/** Lets others have their turn between the pieces of long work, as the web's `scheduler.yield()` does. */
export interface Scheduler {
  /**
   * To be awaited before each piece. Undefined while the present turn of the event loop is young; else it resolves in a
   * later turn, when nothing else of such work is done in that one.
   */
  yield(): Promise<void> | undefined;
}

/** What time it is, and what may run later; both of the event loop. */
interface Loop {
  /** Milliseconds from any beginning, never going back. */
  now(): number;
  /** Runs `act` in a later turn, after input and output had theirs. */
  later(act: () => void): void;
}

/** Milliseconds after which a turn has done enough. */
const SLICE = 8;

/** One for a whole process, as all its long work shares the turns. */
export class FairScheduler implements Scheduler {
  readonly #loop: Loop;
  readonly #waiting: (() => void)[] = [];
  /** When long work began in this turn; undefined where none did. */
  #began: number | undefined;
  #armed = false;

  constructor(loop: Loop) {
    this.#loop = loop;
  }

  yield(): Promise<void> | undefined {
    const now = this.#loop.now();
    this.#began ??= now;
    this.#arm();
    if (now - this.#began < SLICE) return undefined;
    return new Promise((resolve) => void this.#waiting.push(resolve));
  }

  #arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    this.#loop.later(() => this.#turn());
  }

  /** One goes on a turn: how long its piece takes is not known before. */
  #turn(): void {
    this.#armed = false;
    this.#began = undefined;
    const next = this.#waiting.shift();
    if (next === undefined) return;
    this.#began = this.#loop.now();
    this.#arm();
    next();
  }
}
