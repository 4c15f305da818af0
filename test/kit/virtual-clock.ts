import type { Clock } from "../../src/core/ports/clock.ts";

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly act: () => void;
}

/** Milliseconds of one step of a leap. */
const LEAP = 600_000;

/** A clock that moves when a test tells it; running work finishes between two timers. */
export class VirtualClock implements Clock {
  #now = Date.UTC(2026, 10, 21);
  #order = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#now;
  }

  after(ms: number, act: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), order: this.#order++, act };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** How many timers are set. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Moves on by `ms` and fires the timers on the way. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#now = Math.max(this.#now, next.at);
      this.#timers.delete(next);
      next.act();
      await settle();
    }
    this.#now = end;
  }

  /**
   * As {@link advance}, for days: in steps of ten minutes, as on a machine that sleeps between them. Timers fire that late,
   * and one that is set each half minute fires once a step.
   */
  async leap(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    while (this.#now < end) {
      this.#now = Math.min(end, this.#now + LEAP);
      // What is set by those that fire is due in a later step, unless it is due at once.
      for (let next = this.#next(this.#now); next; next = this.#next(this.#now)) {
        this.#timers.delete(next);
        next.act();
        await settle();
      }
    }
  }

  /** Sets the clock back; timers fire after the same time as before. */
  setBack(ms: number): void {
    const timers = Array.from(this.#timers);
    this.#timers.clear();
    this.#now -= ms;
    for (const timer of timers) this.#timers.add({ ...timer, at: timer.at - ms });
  }

  /** Drops every timer, as their owner has crashed. */
  forget(): void {
    this.#timers.clear();
  }

  #next(end: number): Timer | undefined {
    return Array.from(this.#timers)
      .filter(({ at }) => at <= end)
      .sort((a, b) => a.at - b.at || a.order - b.order)[0];
  }
}

/** Lets all ready promises and grouped commits finish. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 40; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
