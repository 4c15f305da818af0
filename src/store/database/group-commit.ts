import type { Database } from "better-sqlite3";
import { BridgeError } from "../../core/model/errors.ts";
import { type Guard, GuardFailed } from "../../core/ports/guards.ts";
import type { Log } from "../../core/ports/log.ts";
import { faultOf } from "../../core/ports/log.ts";
import type { Writes } from "../../core/ports/store.ts";
import { type Listed, recordLister, type Tables } from "./listed-record.ts";
import { isEnvironment, storageError } from "./storage-error.ts";

interface Job extends Listed {
  resolve(): void;
  reject(error: BridgeError): void;
}

interface GroupCommitParts {
  readonly tables: Tables;
  /** Whether a guard holds. */
  readonly holds: (guard: Guard) => boolean;
  /** Called after each group. */
  readonly committed: () => void;
  readonly log: Log;
}

/** The outcome of a group: the guards that did not hold, or an error, after which nothing of it is stored. */
type Outcome = { readonly unmet: ReadonlyMap<Job, Guard> } | { readonly error: unknown };

export interface GroupCommit {
  readonly write: (record: (tx: Writes) => void) => Promise<void>;
  /** Commits the waiting records; later ones are refused. */
  readonly close: () => void;
}

/**
 * Commits the records of one turn of the event loop in one transaction, and so with one wait for the disk. A record with
 * a guard that does not hold is skipped. When a group fails, each of its records runs again in a transaction of its own,
 * so that one bad record does not fail the others.
 */
export function groupCommit(db: Database, { tables, holds, committed, log }: GroupCommitParts): GroupCommit {
  let waiting: Job[] = [];
  let closed = false;
  const begin = db.prepare("BEGIN IMMEDIATE");
  const commit = db.prepare("COMMIT");
  const rollback = db.prepare("ROLLBACK");
  const list = recordLister(tables);

  function transact(jobs: readonly Job[]): Outcome {
    const unmet = new Map<Job, Guard>();
    try {
      begin.run();
      for (const job of jobs) {
        const guard = job.guards.find((one) => !holds(one));
        if (guard) unmet.set(job, guard);
        else for (const write of job.writes) write();
      }
      commit.run();
      return { unmet };
    } catch (error) {
      // On a full disk or an I/O error SQLite has ended the transaction itself.
      if (db.inTransaction) rollback.run();
      return { error };
    }
  }

  function oneByOne(jobs: readonly Job[]): void {
    for (const [index, job] of jobs.entries()) {
      const outcome = transact([job]);
      if ("unmet" in outcome) settle([job], outcome.unmet);
      else if (isEnvironment(outcome.error)) return refuse(jobs.slice(index), outcome.error);
      else refuse([job], outcome.error);
    }
  }

  function settle(jobs: readonly Job[], unmet: ReadonlyMap<Job, Guard>): void {
    for (const job of jobs) {
      const guard = unmet.get(job);
      if (guard) job.reject(new GuardFailed(guard));
      else job.resolve();
    }
  }

  /**
   * Rejects a record that could not be listed. A BridgeError thrown by the record itself is an expected outcome and is
   * not logged.
   */
  function rejectListing(reject: Job["reject"], error: unknown): void {
    if (error instanceof BridgeError) reject(error);
    else refuse([{ reject }], error);
  }

  function refuse(jobs: readonly Pick<Job, "reject">[], error: unknown): void {
    const refusal = storageError(error);
    const why = isEnvironment(error) ? refusal.words : "Writes were refused.";
    log.error(why, { writes: jobs.length, ...faultOf(error) });
    for (const job of jobs) job.reject(refusal);
  }

  function flush(): void {
    const jobs = waiting;
    waiting = [];
    if (jobs.length === 0) return;
    const outcome = transact(jobs);
    if ("unmet" in outcome) settle(jobs, outcome.unmet);
    else if (jobs.length === 1 || isEnvironment(outcome.error)) refuse(jobs, outcome.error);
    else oneByOne(jobs);
    committed();
  }

  return {
    write: (record) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(closedError());
        let listed: Listed;
        try {
          listed = list(record);
        } catch (error) {
          // Rejected when its group would have been committed, so that a caller who waits for several records hears of
          // them in order.
          return setImmediate(() => rejectListing(reject, error));
        }
        if (waiting.length === 0) setImmediate(flush);
        return waiting.push({ ...listed, resolve, reject });
      }),
    close() {
      closed = true;
      flush();
    },
  };
}

function closedError(): BridgeError {
  return new BridgeError("storage", {
    words: "The bridge is stopping and stores nothing more. Try again when it is back.",
    certain: true,
    retryAfter: 0,
  });
}
