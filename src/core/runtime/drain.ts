import { BridgeError } from "../model/errors.ts";
import type { Clock } from "../ports/clock.ts";
import { GuardFailed } from "../ports/guards.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { Metrics } from "../ports/metrics.ts";
import type { DeadLetter } from "../ports/rows.ts";
import type { Store, Writes } from "../ports/store.ts";
import { Batch, type Failed } from "./batch.ts";
import type { Step } from "./lanes.ts";
import { type GivenUp, putAside, type RowIds } from "./put-aside.ts";
import { triesAgain, waitAfter } from "./retry-policy.ts";

/** Times that a row's record may find something changed, one after another, before it is a failure like any other. */
const MOST_OVERTAKEN = 5;

interface Tried {
  readonly attempts: number;
}

/** What the one policy for failed rows must know of a queue. */
export interface Queue<Key, Row extends Tried, Damaged> {
  readonly direction: DeadLetter["direction"];
  /** Rows handled in one step, at most. */
  readonly batch: number;
  /** Tries after which a row that fails for no reason outside itself is put aside. */
  readonly tries: number;
  next(key: Key, limit: number, size?: number): Promise<readonly Row[]>;
  /** Those of the first rows that nobody can read. */
  damaged(key: Key, limit: number, size?: number): Promise<readonly Damaged[]>;
  ids(row: Row): RowIds;
  /** Counts a try. */
  countTry(tx: Writes, row: Row): void;
  /** Whether nothing is wrong with the row itself. */
  outage(error: BridgeError): boolean;
  /** Whether trying again may help. */
  mayHelp(error: BridgeError): boolean;
  /** It is tried again. */
  waits(row: Row, error: BridgeError): Promise<void>;
  givenUp(row: Row, error: BridgeError): GivenUp;
  buried(row: Damaged): GivenUp;
}

/** What most queues answer. */
export const usually = {
  outage: (error: BridgeError): boolean => error.outage,
  mayHelp: (): boolean => true,
  waits: async (): Promise<void> => {},
};

interface TriesParts {
  readonly store: Pick<Store, "write" | "logins">;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
  readonly metrics: Metrics;
}

/**
 * One step of a lane over a stored queue. Whatever goes wrong with a row, in handling it, in storing what became of it,
 * or in dealing with that: the try counts, the row ends after so many in the dead letters, and the lane goes on. Only
 * an outage is waited for, and counts against nobody; nor does that something changed meanwhile, so that a guard failed:
 * the lane looks again.
 */
export function drain<Key, Row extends Tried, Damaged>(
  parts: TriesParts,
  queue: Queue<Key, Row, Damaged>,
  handle: (key: Key, batch: Batch<Row>) => Promise<Step>,
): (key: Key) => Promise<Step> {
  const tries = new Tries(parts, queue);
  return async (key) => {
    const rows = await tries.due(key);
    if (rows.length === 0) return tries.bury(key);
    const batch = new Batch(parts.store, rows);
    try {
      const step = await handle(key, batch);
      await batch.flush();
      await batch.settle();
      tries.went(rows);
      return step;
    } catch (thrown) {
      const failed = await earliest(batch, thrown);
      if (!failed) throw thrown;
      return tries.setBack(failed.row, BridgeError.from(failed.error));
    }
  };
}

/** What came before a failure goes through; where that fails, it is the earlier one that counts. */
async function earliest<Row>(batch: Batch<Row>, thrown: unknown): Promise<Failed<Row> | undefined> {
  const failed = batch.failed(thrown);
  try {
    await batch.flush();
    await batch.settle();
    return failed;
  } catch (earlier) {
    return batch.failed(earlier);
  }
}

class Tries<Key, Row extends Tried, Damaged> {
  readonly #parts: TriesParts;
  readonly #queue: Queue<Key, Row, Damaged>;
  /** Tries that could not be written down. */
  readonly #uncounted = new Map<RowIds["row"], number>();
  /** How often in a row something was changed that a row's record was made for, by whoever was faster. */
  readonly #overtaken = new Map<RowIds["row"], number>();
  /** Rows of which nothing can be written at all: their lane passes them until the next start. */
  readonly #passed = new Set<RowIds["row"]>();

  constructor(parts: TriesParts, queue: Queue<Key, Row, Damaged>) {
    this.#parts = parts;
    this.#queue = queue;
  }

  async due(key: Key): Promise<readonly Row[]> {
    const { batch } = this.#queue;
    const rows = await this.#queue.next(key, batch + this.#passed.size, this.#size);
    return rows.filter((row) => !this.#passed.has(this.#queue.ids(row).row)).slice(0, batch);
  }

  /** What is behind the rows that are passed must be seen, however large those are. */
  get #size(): number | undefined {
    return this.#passed.size > 0 ? Infinity : undefined;
  }

  /** Ends rows that nobody can read. */
  async bury(key: Key): Promise<Step> {
    const { batch } = this.#queue;
    const rows = (await this.#queue.damaged(key, batch + this.#passed.size, this.#size))
      .map((damaged) => this.#queue.buried(damaged))
      .filter(({ ids }) => !this.#passed.has(ids.row));
    for (const row of rows) {
      const step = await this.#end(row, 0);
      if (step !== "more") return step;
    }
    return rows.length === 0 ? "idle" : "more";
  }

  /** Nothing is to be remembered of rows that went through. */
  went(rows: readonly Row[]): void {
    if (this.#overtaken.size > 0) for (const row of rows) this.#overtaken.delete(this.#queue.ids(row).row);
  }

  async setBack(row: Row, error: BridgeError): Promise<Step> {
    if (error instanceof GuardFailed && this.#isOvertaken(row)) return "more";
    const queue = this.#queue;
    const { log, metrics } = this.#parts;
    const { direction } = queue;
    const ids = queue.ids(row);
    const attempts = row.attempts + (this.#uncounted.get(ids.row) ?? 0);
    const outage = queue.outage(error);
    if (!outage) await this.#count(row);
    if (outage || (queue.mayHelp(error) && triesAgain(error, attempts, queue.tries))) {
      log.warn("a row waits to be tried again", { direction, ...ids, attempts, ...faultOf(error) });
      metrics.count("retries", { direction });
      await this.#told(() => queue.waits(row, error));
      return waitAfter(error, attempts);
    }
    const ended = queue.givenUp(row, error);
    return this.#end({ ...ended, ids: { ...ended.ids, attempts, ...faultOf(error) } }, attempts);
  }

  /** Somebody else was faster: it is looked at again at once, unless that has been so too often to be chance. */
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

  /** That a person cannot be told of a delay delays nothing more. */
  async #told(tell: () => Promise<void>): Promise<void> {
    try {
      await tell();
    } catch (error) {
      this.#parts.log.warn("nobody was told that a row waits", faultOf(error));
    }
  }
}
