interface Limits {
  /** How often at once. */
  readonly burst: number;
  /** Milliseconds until it may be once more. */
  readonly every: number;
}

/** From this many keys on, those that are not in use are forgotten now and then. */
const FEW = 1_000;

/** How often something may be done, by what it is done to: often at once, and then again and again after a while. */
export class TokenBuckets {
  readonly #limits: Limits;
  /** For each key when its bucket is full again. */
  readonly #fullAt = new Map<string, number>();
  #sweepAt = FEW;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** The milliseconds until it may be done; where they are 0, it counts as done. */
  take(key: string, now: number): number {
    const wait = this.wait(key, now);
    if (wait > 0) return wait;
    if (this.#fullAt.size >= this.#sweepAt) this.#sweep(now);
    this.#fullAt.set(key, Math.max(now, this.#full(key, now)) + this.#limits.every);
    return 0;
  }

  /** The milliseconds until it may be done. */
  wait(key: string, now: number): number {
    const { burst, every } = this.#limits;
    return Math.max(0, this.#full(key, now) - now - (burst - 1) * every);
  }

  /** Where the clock was set back, no later than for a bucket that is empty. */
  #full(key: string, now: number): number {
    const { burst, every } = this.#limits;
    return Math.min(this.#fullAt.get(key) ?? now, now + burst * every);
  }

  #sweep(now: number): void {
    for (const [key, at] of this.#fullAt) if (at <= now) this.#fullAt.delete(key);
    this.#sweepAt = Math.max(FEW, 2 * this.#fullAt.size);
  }
}
