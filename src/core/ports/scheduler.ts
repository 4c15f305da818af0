/** Lets other work run between the pieces of long work, as the web's `scheduler.yield()` does. */
export interface Scheduler {
  /**
   * Awaited before each piece. Undefined while the current turn of the event loop has time left; otherwise resolves in
   * a later turn, in which no other long work runs.
   */
  yield(): Promise<void> | undefined;
}

/** The event loop's time and turns. */
interface Loop {
  /** Milliseconds from any beginning, never going back. */
  now(): number;
  /** Runs `act` in a later turn, after input and output. */
  later(act: () => void): void;
}

/** Milliseconds of long work after which a turn yields. */
const SLICE = 8;

/** One for the whole process, because all long work shares the turns. */
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

  /** One waiting piece runs in a turn, because its length is not known. */
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
