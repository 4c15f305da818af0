import type { Clock, Random } from "../ports/clock.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { Scheduler } from "../ports/scheduler.ts";
import { backOff, jittered } from "./back-off.ts";

/**
 * What a lane does after a step: goes on at once, stops, or waits (milliseconds). In an outage it waits longer each
 * time, at most until {@link Lanes.resume}. Where something is `due` after a while, it waits for that or to be woken.
 */
export type Step =
  | "more"
  | "idle"
  | { readonly wait: number; readonly outage?: true }
  | { readonly due: number };

interface LanesOptions<K> {
  readonly name: string;
  /** The text of a key; keys with the same text share a lane. */
  readonly textOf: (key: K) => string;
  readonly clock: Clock;
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly log: Log;
}

/** A step that is under way; another one is another object. */
export interface RunningStep {
  /** The queue of its lane. */
  readonly lane: string;
}

interface Lane<K> {
  readonly key: K;
  running: boolean;
  /** Whether the lane was woken since its last step began, and so runs another. */
  woken: boolean;
  cancelWait: (() => void) | undefined;
  /** Whether it waits for what is due later, which a wake ends. */
  isEarly: boolean;
  /** How many steps in a row met an outage. */
  outages: number;
}

const FAULT_PAUSE = 5_000;

/**
 * Drains stored queues by one lane a key: in order within a lane, independent of other lanes. The rows are in the store
 * alone, so a crash loses none.
 */
export class Lanes<K> implements AsyncDisposable {
  readonly #options: LanesOptions<K>;
  readonly #lanes = new Map<string, Lane<K>>();
  readonly #running = new Set<Promise<void>>();
  readonly #steps = new Set<RunningStep>();
  #step: ((key: K) => Promise<Step>) | undefined;
  #held = false;
  #closed = false;

  constructor(options: LanesOptions<K>) {
    this.#options = options;
  }

  /**
   * Starts the lanes, also those that were woken before. `step` handles what is due in one lane; for one key it never
   * runs twice at a time.
   */
  begin(step: (key: K) => Promise<Step>): void {
    this.#step = step;
    this.#startWoken();
  }

  /** Runs the lane, as something may be due. A lane that waits after a failure goes on waiting. */
  wake(key: K): void {
    const lane = this.#lane(key);
    if (lane.isEarly) return this.hurry(key);
    if (lane.cancelWait) return;
    this.#start(lane);
  }

  /** Runs the lane, also one that waits: what it waited for may be there. */
  hurry(key: K): void {
    const lane = this.#lane(key);
    lane.cancelWait?.();
    lane.cancelWait = undefined;
    lane.isEarly = false;
    this.#start(lane);
  }

  /** Hurries every lane that waits. */
  hurryAll(matches: (key: K) => boolean = () => true): void {
    for (const lane of Array.from(this.#lanes.values())) {
      if (lane.cancelWait && matches(lane.key)) this.hurry(lane.key);
    }
  }

  /** To be called when an outage ends: hurries every lane that waits for that. */
  resume(): void {
    this.hurryAll((key) => this.#lane(key).outages > 0);
  }

  /** Starts no step until {@link release}; running ones end. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    this.#startWoken();
  }

  /** The number of lanes that run or wait. */
  get busy(): number {
    return this.#lanes.size;
  }

  /** For whoever looks out for one that never ends. */
  get steps(): readonly RunningStep[] {
    return [...this.#steps];
  }

  /** Starts no more steps and waits for the running ones. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    for (const lane of this.#lanes.values()) lane.cancelWait?.();
    await Promise.all(this.#running);
    this.#lanes.clear();
  }

  #lane(key: K): Lane<K> {
    const text = this.#options.textOf(key);
    const existing = this.#lanes.get(text);
    if (existing) return existing;
    const lane: Lane<K> = {
      key,
      running: false,
      woken: false,
      cancelWait: undefined,
      isEarly: false,
      outages: 0,
    };
    this.#lanes.set(text, lane);
    return lane;
  }

  #startWoken(): void {
    for (const lane of Array.from(this.#lanes.values())) if (lane.woken) this.#start(lane);
  }

  #start(lane: Lane<K>): void {
    lane.woken = true;
    const step = this.#step;
    if (step === undefined || lane.running || this.#held || this.#closed) return;
    lane.running = true;
    const run = this.#run(lane, step).finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  async #run(lane: Lane<K>, act: (key: K) => Promise<Step>): Promise<void> {
    let wait: number | undefined;
    while (lane.woken && !this.#held && !this.#closed) {
      lane.woken = false;
      const step = await this.#runStep(lane, act);
      if (step !== "more" && step !== "idle") {
        if ("due" in step && lane.woken) continue;
        lane.isEarly = "due" in step;
        wait = this.#waitAfter(lane, step);
        break;
      }
      lane.outages = 0;
      if (step === "more") lane.woken = true;
    }
    lane.running = false;
    if (this.#closed) return;
    if (wait !== undefined) this.#wait(lane, wait);
    else if (!lane.woken) this.#lanes.delete(this.#options.textOf(lane.key));
  }

  #waitAfter(lane: Lane<K>, step: Exclude<Step, string>): number {
    if ("due" in step || !step.outage) {
      lane.outages = 0;
      return "due" in step ? step.due : step.wait;
    }
    const grown = jittered(backOff(lane.outages), this.#options.random);
    lane.outages += 1;
    return Math.max(step.wait, grown);
  }

  #wait(lane: Lane<K>, ms: number): void {
    lane.cancelWait = this.#options.clock.after(ms, () => {
      lane.cancelWait = undefined;
      lane.isEarly = false;
      this.#start(lane);
    });
  }

  async #runStep(lane: Lane<K>, act: (key: K) => Promise<Step>): Promise<Step> {
    const { name, scheduler, log } = this.#options;
    const step: RunningStep = { lane: name };
    this.#steps.add(step);
    try {
      await scheduler.yield();
      return await act(lane.key);
    } catch (error) {
      log.error("a lane's step failed", { lane: name, ...faultOf(error) });
      return { wait: FAULT_PAUSE };
    } finally {
      this.#steps.delete(step);
    }
  }
}
