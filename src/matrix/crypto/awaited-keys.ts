import { stopping as stoppingError } from "../../core/model/errors.ts";
import type { Clock } from "../../core/ports/clock.ts";

/** How long an event waits for its key, in milliseconds: it may be on its way by another stream. */
const PATIENCE = 10_000;
/** The most sessions that were waited for in vain. */
const MOST = 1_000;

/** Waits for keys that have not come. */
export class AwaitedKeys {
  readonly #clock: Pick<Clock, "after" | "now">;
  readonly #stopping: AbortSignal | undefined;
  /** By session, until when it is waited for. */
  readonly #until = new Map<string, number>();
  #waiting = new Set<() => void>();
  #begins: () => void = () => {};

  constructor(clock: Pick<Clock, "after" | "now">, stopping: AbortSignal | undefined) {
    this.#clock = clock;
    this.#stopping = stopping;
  }

  /** How many wait. */
  get count(): number {
    return this.#waiting.size;
  }

  /** Calls `act` whenever somebody begins to wait. */
  whenAwaited(act: () => void): void {
    this.#begins = act;
  }

  /** To be called when keys have come. */
  came(): void {
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const wake of waiting) wake();
  }

  /**
   * Resolves to true when keys have come, which need not be this one's, and to false when it was waited for long enough:
   * for all events of a session together. Throws BridgeError when the bridge stops.
   */
  async wait(session: string): Promise<boolean> {
    const now = this.#clock.now();
    const until = this.#until.get(session) ?? now + PATIENCE;
    this.#until.set(session, until);
    const [oldest] = this.#until.keys();
    if (this.#until.size > MOST && oldest !== undefined) this.#until.delete(oldest);
    if (until <= now) return false;
    const stopping = this.#stopping;
    if (stopping?.aborted) throw stoppingError();
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    const wake = (): void => resolve(true);
    const stop = (): void => reject(stoppingError());
    this.#waiting.add(wake);
    this.#begins();
    stopping?.addEventListener("abort", stop, { once: true });
    const cancel = this.#clock.after(until - now, () => resolve(false));
    try {
      return await promise;
    } finally {
      cancel();
      this.#waiting.delete(wake);
      stopping?.removeEventListener("abort", stop);
    }
  }
}
