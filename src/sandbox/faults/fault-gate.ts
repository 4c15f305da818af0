import type { Occasion } from "./fault-target.ts";
import type { Faults } from "./faults.ts";

interface Held {
  readonly run: () => void;
  readonly ms: number;
}

/**
 * Where ordered faults touch one direction of one connection. A delay holds what comes behind it too, so that only
 * `reorder` changes the order: it lets the next stanza pass first.
 */
export class FaultGate {
  readonly #faults: Faults;
  readonly #disconnect: () => void;
  readonly #line: Held[] = [];
  #running: NodeJS.Timeout | undefined;
  #overtaken: (() => void) | undefined;
  #overtaking: NodeJS.Timeout | undefined;

  constructor(faults: Faults, disconnect: () => void) {
    this.#faults = faults;
    this.#disconnect = disconnect;
  }

  /** Nothing is ordered and nothing is held: `pass` would just run. */
  get clear(): boolean {
    return this.#faults.none && this.#line.length === 0 && this.#overtaken === undefined;
  }

  /** Runs `act` now, later, twice or never. */
  pass(occasion: Occasion, act: () => void): void {
    const fault = this.#faults.take(["drop", "duplicate", "delay", "reorder", "disconnect"], occasion);
    if (fault?.fault === "disconnect") return this.#disconnect();
    if (fault?.fault === "drop") return;
    if (fault?.fault === "reorder" && this.#overtaken === undefined) {
      this.#overtaken = act;
      this.#overtaking = setTimeout(() => this.#letOvertakenPass(), fault.ms ?? 1000);
      return;
    }
    const twice = (): void => {
      act();
      act();
    };
    const run = fault?.fault === "duplicate" ? twice : act;
    const ms = fault?.fault === "delay" ? (fault.ms ?? 1000) : 0;
    if (ms === 0 && this.#line.length === 0) return this.#emit(run);
    this.#line.push({ run, ms });
    if (this.#running === undefined) this.#advance();
  }

  close(): void {
    clearTimeout(this.#running);
    clearTimeout(this.#overtaking);
    this.#line.length = 0;
    this.#overtaken = undefined;
  }

  #advance(): void {
    this.#running = undefined;
    for (;;) {
      const next = this.#line[0];
      if (next === undefined) return;
      if (next.ms > 0) {
        this.#line[0] = { run: next.run, ms: 0 };
        this.#running = setTimeout(() => this.#advance(), next.ms);
        return;
      }
      this.#line.shift();
      this.#emit(next.run);
    }
  }

  #emit(run: () => void): void {
    run();
    this.#letOvertakenPass();
  }

  #letOvertakenPass(): void {
    clearTimeout(this.#overtaking);
    const held = this.#overtaken;
    this.#overtaken = undefined;
    held?.();
  }
}
