import type { Clock } from "../../core/ports/clock.ts";
import type { Log } from "../../core/ports/log.ts";
import type { RunningStep } from "../../core/runtime/lanes.ts";
import type { ServiceManager } from "./service-manager.ts";

/** A transfer ends within an hour, and a step makes a few of them; one that takes longer than this waits in vain. */
const LONGEST_STEP = 6 * 3_600_000;

interface WatchdogParts {
  readonly manager: Pick<ServiceManager, "alive">;
  /** Milliseconds in which a sign of life is expected. */
  readonly period: number;
  /** Goes through the store and answers the lanes' steps; see `Started.pulse`. */
  readonly pulse: () => Promise<readonly RunningStep[]>;
  readonly clock: Pick<Clock, "after">;
  /** Milliseconds from any beginning, never going back. */
  readonly elapsed: () => number;
  readonly log: Log;
}

/**
 * Gives signs of life while the event loop turns, the store answers and the lanes' steps end. Without them systemd ends
 * the process and starts it again, and what is stored goes on from there.
 */
export class Watchdog implements Disposable {
  readonly #parts: WatchdogParts;
  /** When each step was first seen. */
  #since = new Map<RunningStep, number>();
  #cancel: () => void = () => {};

  constructor(parts: WatchdogParts) {
    this.#parts = parts;
    this.#next();
  }

  [Symbol.dispose](): void {
    this.#cancel();
    this.#cancel = () => {};
  }

  /** Three signs in each period: one may be late, and one may get lost. */
  #next(): void {
    const { clock, period } = this.#parts;
    this.#cancel = clock.after(period / 3, () => void this.#turn());
  }

  /** A pulse that never comes back leaves no next turn, and so no sign. */
  async #turn(): Promise<void> {
    const { manager, log } = this.#parts;
    const cancel = this.#cancel;
    const stuck = await this.#stuck();
    if (stuck === undefined) await manager.alive();
    else log.error("a lane's step does not end; systemd is left to restart the bridge", { lane: stuck.lane });
    if (this.#cancel === cancel) this.#next();
  }

  async #stuck(): Promise<RunningStep | undefined> {
    const { pulse, elapsed, log } = this.#parts;
    try {
      const steps = await pulse();
      const now = elapsed();
      this.#since = new Map(steps.map((step) => [step, this.#since.get(step) ?? now]));
      return steps.find((step) => now - (this.#since.get(step) ?? now) > LONGEST_STEP);
    } catch {
      // The store refuses, as on a full disk: it says so by itself, and another start would not help.
      log.debug("the watchdog's pulse was refused");
      return undefined;
    }
  }
}
