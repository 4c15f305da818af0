import type { FaultTarget } from "./fault-target.ts";
import type { Faults } from "./faults.ts";

interface DelayedAct {
  readonly run: () => void;
  readonly ms: number;
}

/**
 * Applies faults to the stanzas of one direction of one connection. A delayed stanza holds those behind it too, so that
 * only `reorder` changes the order: it lets the next stanza pass first.
 */
export class FaultGate {
  readonly #faults: Faults;
  readonly #disconnect: () => void;
  readonly #queue: DelayedAct[] = [];
  #delayTimer: NodeJS.Timeout | undefined;
  #overtaken: (() => void) | undefined;
  #overtakeTimer: NodeJS.Timeout | undefined;

  constructor(faults: Faults, disconnect: () => void) {
    this.#faults = faults;
    this.#disconnect = disconnect;
  }

  /** True when no fault is set and no stanza is held: the caller may act without `pass`. */
  get clear(): boolean {
    return this.#faults.none && this.#queue.length === 0 && this.#overtaken === undefined;
  }

  /** Runs `act` now, later, twice or never, as the fault that hits `target` says. */
  pass(target: FaultTarget, act: () => void): void {
    const fault = this.#faults.hit(["drop", "duplicate", "delay", "reorder", "disconnect"], target);
    if (fault?.fault === "disconnect") return this.#disconnect();
    if (fault?.fault === "drop") return;
    if (fault?.fault === "reorder" && this.#overtaken === undefined) {
      this.#overtaken = act;
      this.#overtakeTimer = setTimeout(() => this.#runOvertaken(), fault.ms ?? 1000);
      return;
    }
    const twice = (): void => {
      act();
      act();
    };
    const run = fault?.fault === "duplicate" ? twice : act;
    const ms = fault?.fault === "delay" ? (fault.ms ?? 1000) : 0;
    if (ms === 0 && this.#queue.length === 0) return this.#emit(run);
    this.#queue.push({ run, ms });
    if (this.#delayTimer === undefined) this.#advance();
  }

  close(): void {
    clearTimeout(this.#delayTimer);
    clearTimeout(this.#overtakeTimer);
    this.#queue.length = 0;
    this.#overtaken = undefined;
  }

  #advance(): void {
    this.#delayTimer = undefined;
    for (;;) {
      const next = this.#queue[0];
      if (next === undefined) return;
      if (next.ms > 0) {
        this.#queue[0] = { run: next.run, ms: 0 };
        this.#delayTimer = setTimeout(() => this.#advance(), next.ms);
        return;
      }
      this.#queue.shift();
      this.#emit(next.run);
    }
  }

  #emit(run: () => void): void {
    run();
    this.#runOvertaken();
  }

  #runOvertaken(): void {
    clearTimeout(this.#overtakeTimer);
    const act = this.#overtaken;
    this.#overtaken = undefined;
    act?.();
  }
}
