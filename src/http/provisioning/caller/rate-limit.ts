import type { Clock } from "../../../core/ports/clock.ts";

interface Rate {
  /** How many are taken at once. */
  readonly most: number;
  /** Milliseconds after which one of them is forgotten. */
  readonly each: number;
}

/** Those who are remembered; of more the earliest are forgotten. */
const REMEMBERED = 10_000;

/** Who does something again and again must wait. */
export class RateLimit {
  readonly #rate: Rate;
  readonly #clock: Pick<Clock, "now">;
  /** When all that somebody did is forgotten, in the order of the last. */
  readonly #until = new Map<string, number>();

  constructor(rate: Rate, clock: Pick<Clock, "now">) {
    this.#rate = rate;
    this.#clock = clock;
  }

  /** Milliseconds somebody has to wait; 0 for none. */
  wait(who: string): number {
    const { most, each } = this.#rate;
    const left = (this.#until.get(who) ?? 0) - this.#clock.now();
    if (left <= most * each) return Math.max(0, left - (most - 1) * each);
    // It is of before the clock was set back.
    this.#until.delete(who);
    return 0;
  }

  count(who: string): void {
    const now = this.#clock.now();
    const { most, each } = this.#rate;
    const until = Math.max(now, this.#until.get(who) ?? now) + each;
    this.#until.delete(who);
    this.#until.set(who, Math.min(until, now + most * each));
    const [first] = this.#until.keys();
    if (this.#until.size > REMEMBERED && first !== undefined) this.#until.delete(first);
  }
}
