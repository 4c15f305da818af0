import type { Clock, Random } from "../ports/clock.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { Scheduler } from "../ports/scheduler.ts";
import { backOff, scattered } from "./back-off.ts";

/**
 * What a lane's step found: more to do at once, nothing, or a reason to wait (milliseconds). In an outage the lane
 * waits longer each time, and until {@link Lanes.resume} at most.
 */
export type Step = "more" | "idle" | { readonly wait: number; readonly outage?: true };

interface Options<K> {
  readonly name: string;
  /** Tells lanes apart; keys with the same text share one. */
  readonly textOf: (key: K) => string;
  readonly clock: Clock;
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly log: Log;
}

interface Lane<K> {
  readonly key: K;
  running: boolean;
  /** Woken while running: look once more before going idle. */
  again: boolean;
  cancelWait: (() => void) | undefined;
  /** Steps in a row that met an outage. */
  outages: number;
}

const FAULT_PAUSE = 5_000;

/**
 * Drains stored queues, one worker a key: in order within a lane, independent between lanes. The queue itself is
 * in the store, so a lane holds no message and a crash loses none.
 */
export class Lanes<K> implements AsyncDisposable {
  readonly #options: Options<K>;
  readonly #lanes = new Map<string, Lane<K>>();
  readonly #running = new Set<Promise<void>>();
  #step: ((key: K) => Promise<Step>) | undefined;
  #held = false;
  #closed = false;

  constructor(options: Options<K>) {
    this.#options = options;
  }

  /**
   * From now on lanes run, those woken before too: `step` does what is due in one. It never runs twice at a time for
   * the same key.
   */
  begin(step: (key: K) => Promise<Step>): void {
    this.#step = step;
    this.#startWoken();
  }

  /** Something may be due in the lane. A lane that waits after a failure goes on waiting. */
  wake(key: K): void {
    const lane = this.#lane(key);
    if (lane.cancelWait) return;
    this.#start(lane);
  }

  /** As {@link wake}, and ends the lane's waiting: what it waited for may be there. */
  hurry(key: K): void {
    const lane = this.#lane(key);
    lane.cancelWait?.();
    lane.cancelWait = undefined;
    this.#start(lane);
  }

  /** Hurries every lane that waits. */
  hurryAll(matches: (key: K) => boolean = () => true): void {
    for (const lane of Array.from(this.#lanes.values())) {
      if (lane.cancelWait && matches(lane.key)) this.hurry(lane.key);
    }
  }

  /** The other side is back: hurries every lane that waits for that. */
  resume(): void {
    this.hurryAll((key) => this.#lane(key).outages > 0);
  }

  /** Lets running steps end and starts none until {@link release}. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    this.#startWoken();
  }

  /** Lanes that run or wait; for the health page. */
  get busy(): number {
    return this.#lanes.size;
  }

  /** Waits for running steps to end. What is left stays in the store. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    for (const lane of this.#lanes.values()) lane.cancelWait?.();
    await Promise.all(this.#running);
    this.#lanes.clear();
  }

  #lane(key: K): Lane<K> {
    const text = this.#options.textOf(key);
    const known = this.#lanes.get(text);
    if (known) return known;
    const lane: Lane<K> = { key, running: false, again: false, cancelWait: undefined, outages: 0 };
    this.#lanes.set(text, lane);
    return lane;
  }

  #startWoken(): void {
    for (const lane of Array.from(this.#lanes.values())) if (lane.again) this.#start(lane);
  }

  #start(lane: Lane<K>): void {
    lane.again = true;
    const step = this.#step;
    if (step === undefined || lane.running || this.#held || this.#closed) return;
    lane.running = true;
    const run = this.#run(lane, step).finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  async #run(lane: Lane<K>, act: (key: K) => Promise<Step>): Promise<void> {
    let wait: number | undefined;
    while (lane.again && !this.#held && !this.#closed) {
      lane.again = false;
      const step = await this.#take(lane, act);
      if (step !== "more" && step !== "idle") {
        wait = this.#waitOf(lane, step);
        break;
      }
      lane.outages = 0;
      if (step === "more") lane.again = true;
    }
    lane.running = false;
    if (this.#closed) return;
    if (wait !== undefined) this.#wait(lane, wait);
    else if (!lane.again) this.#lanes.delete(this.#options.textOf(lane.key));
  }

  #waitOf(lane: Lane<K>, { wait, outage }: Exclude<Step, string>): number {
    if (!outage) {
      lane.outages = 0;
      return wait;
    }
    const grown = scattered(backOff(lane.outages), this.#options.random);
    lane.outages += 1;
    return Math.max(wait, grown);
  }

  #wait(lane: Lane<K>, ms: number): void {
    lane.cancelWait = this.#options.clock.after(ms, () => {
      lane.cancelWait = undefined;
      this.#start(lane);
    });
  }

  async #take(lane: Lane<K>, act: (key: K) => Promise<Step>): Promise<Step> {
    const { name, scheduler, log } = this.#options;
    try {
      await scheduler.yield();
      return await act(lane.key);
    } catch (error) {
      log.error("a lane's step failed", { lane: name, ...faultOf(error) });
      return { wait: FAULT_PAUSE };
    }
  }
}
