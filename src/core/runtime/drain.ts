import { BridgeError } from "../model/errors.ts";
import type { Clock } from "../ports/clock.ts";
import { GuardFailed } from "../ports/guards.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { Metrics } from "../ports/metrics.ts";
import type { DeadLetter } from "../ports/rows.ts";
import type { Store, Writes } from "../ports/store.ts";
import { Batch, type RowFailure } from "./batch.ts";
import type { Step } from "./lanes.ts";
import { type GivenUp, putAside, type RowIds } from "./put-aside.ts";
import { triesAgain, waitAfter } from "./retry-policy.ts";

/** How often in a row a guard of a row's record may fail before that counts as a failure. */
const MOST_OVERTAKEN = 5;

interface Attempted {
  readonly attempts: number;
}

/** What {@link drain} needs to know of a queue. */
export interface Queue<Key, Row extends Attempted, Damaged> {
  readonly direction: DeadLetter["direction"];
  /** The most rows handled in one step. */
  readonly batch: number;
  /** Tries after which a row that fails by itself is put aside. */
  readonly tries: number;
  next(key: Key, limit: number, size?: number): Promise<readonly Row[]>;
  /** The damaged ones among the first rows. */
  damaged(key: Key, limit: number, size?: number): Promise<readonly Damaged[]>;
  ids(row: Row): RowIds;
  /** Counts a try. */
  countTry(tx: Writes, row: Row): void;
  /** Whether the error is an outage, and so not the row's. */
  outage(error: BridgeError): boolean;
  /** Whether a repeat may succeed. */
  retryHelps(error: BridgeError): boolean;
  /** Called when the row will be tried again. */
  onDelay(row: Row, error: BridgeError): Promise<void>;
  givenUp(row: Row, error: BridgeError): GivenUp;
  unreadable(row: Damaged): GivenUp;
}

/** The members that most queues share. */
export const usualPolicy = {
  outage: (error: BridgeError): boolean => error.outage,
  retryHelps: (): boolean => true,
  onDelay: async (): Promise<void> => {},
};

interface DrainParts {
  readonly store: Pick<Store, "write" | "logins">;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
  readonly metrics: Metrics;
}

/**
 * The step of a lane over a stored queue. When a row cannot be handled, or its outcome cannot be stored, the try counts;
 * after so many tries the row ends in the dead letters, and the lane goes on. An outage counts no try and is waited for;
 * a failed guard counts none either, and the row is handled again.
 */
export function drain<Key, Row extends Attempted, Damaged>(
  parts: DrainParts,
  queue: Queue<Key, Row, Damaged>,
  handle: (key: Key, batch: Batch<Row>) => Promise<Step>,
): (key: Key) => Promise<Step> {
  const tries = new RowTries(parts, queue);
  return async (key) => {
    const rows = await tries.due(key);
    if (rows.length === 0) return tries.endUnreadable(key);
    const batch = new Batch(parts.store, rows);
    try {
      const step = await handle(key, batch);
      await batch.flush();
      await batch.settle();
      tries.forget(rows);
      return step;
    } catch (thrown) {
      const failed = await earliestFailure(batch, thrown);
      if (!failed) throw thrown;
      return tries.retryOrGiveUp(failed.row, BridgeError.from(failed.error));
    }
  };
}

/** The failure to handle: the rows before it are committed first, and if that fails their failure counts. */
async function earliestFailure<Row>(
  batch: Batch<Row>,
  thrown: unknown,
): Promise<RowFailure<Row> | undefined> {
  const failed = batch.failureOf(thrown);
  try {
    await batch.flush();
    await batch.settle();
    return failed;
  } catch (earlier) {
    return batch.failureOf(earlier);
  }
}

class RowTries<Key, Row extends Attempted, Damaged> {
  readonly #parts: DrainParts;
  readonly #queue: Queue<Key, Row, Damaged>;
  /** Tries that could not be stored. */
  readonly #uncounted = new Map<RowIds["row"], number>();
  /** How often in a row a guard of each row's record failed. */
  readonly #overtaken = new Map<RowIds["row"], number>();
  /** Rows that could not even be put aside: their lane skips them until the next start. */
  readonly #passed = new Set<RowIds["row"]>();

  constructor(parts: DrainParts, queue: Queue<Key, Row, Damaged>) {
    this.#parts = parts;
    this.#queue = queue;
  }

  async due(key: Key): Promise<readonly Row[]> {
    const { batch } = this.#queue;
    const rows = await this.#queue.next(key, batch + this.#passed.size, this.#size);
    return rows.filter((row) => !this.#passed.has(this.#queue.ids(row).row)).slice(0, batch);
  }

  /** The size limit of a read: none when rows are skipped, so that the rows behind them are read too. */
  get #size(): number | undefined {
    return this.#passed.size > 0 ? Infinity : undefined;
  }

  /** Puts damaged rows aside. */
  async endUnreadable(key: Key): Promise<Step> {
    const { batch } = this.#queue;
    const rows = (await this.#queue.damaged(key, batch + this.#passed.size, this.#size))
      .map((damaged) => this.#queue.unreadable(damaged))
      .filter(({ ids }) => !this.#passed.has(ids.row));
    for (const row of rows) {
      const step = await this.#end(row, 0);
      if (step !== "more") return step;
    }
    return rows.length === 0 ? "idle" : "more";
  }

  /** Forgets the failed guards of rows that were handled. */
  forget(rows: readonly Row[]): void {
    if (this.#overtaken.size > 0) for (const row of rows) this.#overtaken.delete(this.#queue.ids(row).row);
  }

  async retryOrGiveUp(row: Row, error: BridgeError): Promise<Step> {
    if (error instanceof GuardFailed && this.#isOvertaken(row)) return "more";
    const queue = this.#queue;
    const { log, metrics } = this.#parts;
    const { direction } = queue;
    const ids = queue.ids(row);
    const attempts = row.attempts + (this.#uncounted.get(ids.row) ?? 0);
    const outage = queue.outage(error);
    if (!outage) await this.#count(row);
    if (outage || (queue.retryHelps(error) && triesAgain(error, attempts, queue.tries))) {
      log.warn("a row waits to be tried again", { direction, ...ids, attempts, ...faultOf(error) });
      metrics.count("retries", { direction });
      await this.#tellDelay(() => queue.onDelay(row, error));
      return waitAfter(error, attempts);
    }
    const ended = queue.givenUp(row, error);
    return this.#end({ ...ended, ids: { ...ended.ids, attempts, ...faultOf(error) } }, attempts);
  }

  /** Whether to handle the row again after a failed guard: false when guards failed too often in a row. */
  #isOvertaken(row: Row): boolean {
    const { row: id } = this.#queue.ids(row);
    const times = (this.#overtaken.get(id) ?? 0) + 1;
    if (times <= MOST_OVERTAKEN) this.#overtaken.set(id, times);
    else this.#overtaken.delete(id);
    return times <= MOST_OVERTAKEN;
  }

  async #end(row: GivenUp, attempts: number): Promise<Step> {
    try {
      await putAside(this.#parts, row);
      this.#uncounted.delete(row.ids.row);
    } catch (why) {
      const error = BridgeError.from(why);
      if (error.outage) return waitAfter(error, attempts);
      this.#parts.log.error("a row stays where it is, and is passed by", { ...row.ids, ...faultOf(error) });
      this.#passed.add(row.ids.row);
    }
    return "more";
  }

  async #count(row: Row): Promise<void> {
    const { row: id } = this.#queue.ids(row);
    try {
      await this.#parts.store.write((tx) => this.#queue.countTry(tx, row));
    } catch (error) {
      if (!BridgeError.from(error).outage) this.#uncounted.set(id, (this.#uncounted.get(id) ?? 0) + 1);
    }
  }

  /** Tells the person of a delay; a failure is only logged, so that it delays nothing more. */
  async #tellDelay(tell: () => Promise<void>): Promise<void> {
    try {
      await tell();
    } catch (error) {
      this.#parts.log.warn("nobody was told that a row waits", faultOf(error));
    }
  }
}
