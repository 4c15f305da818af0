import type { Database } from "better-sqlite3";
import { BridgeError } from "../../core/model/errors.ts";
import type { Log } from "../../core/ports/log.ts";
import { faultOf } from "../../core/ports/log.ts";
import type { Writes } from "../../core/ports/store.ts";
import { isEnvironment, storageError } from "./storage-error.ts";

type RecordWrites = (tx: Writes) => void;

interface Job {
  readonly record: RecordWrites;
  resolve(): void;
  reject(error: BridgeError): void;
}

export interface GroupCommit {
  readonly write: (record: RecordWrites) => Promise<void>;
  /** Commits what waits and takes nothing more. */
  readonly close: () => void;
}

/**
 * Writes of one turn of the event loop share a transaction, and so one wait for the disk; a lone write waits for
 * nobody. When a group fails each of its writes is run again by itself, so that one bad write harms no other.
 */
export function groupCommit(
  db: Database,
  writes: Writes,
  { committed, log }: { readonly committed: () => void; readonly log: Log },
): GroupCommit {
  let waiting: Job[] = [];
  let closed = false;
  const begin = db.prepare("BEGIN IMMEDIATE");
  const commit = db.prepare("COMMIT");
  const rollback = db.prepare("ROLLBACK");

  /** Answers what failed, if anything did; then nothing of it is in the file. */
  function transact(jobs: readonly Job[]): { readonly error: unknown } | undefined {
    try {
      begin.run();
      for (const job of jobs) runRecord(job.record, writes);
      commit.run();
      return undefined;
    } catch (error) {
      // A full disk or an I/O error has ended the transaction by itself.
      if (db.inTransaction) rollback.run();
      return { error };
    }
  }

  function oneByOne(jobs: readonly Job[]): void {
    for (const [index, job] of jobs.entries()) {
      const failure = transact([job]);
      if (failure === undefined) job.resolve();
      else if (isEnvironment(failure.error)) return refuse(jobs.slice(index), failure.error);
      else refuse([job], failure.error);
    }
  }

  function refuse(jobs: readonly Job[], error: unknown): void {
    const refusal = storageError(error);
    const why = isEnvironment(error) ? refusal.words : "Writes were refused.";
    // A record that finds it is not wanted any more says so to its writer; nobody else need know.
    if (refusal !== error) log.error(why, { writes: jobs.length, ...faultOf(error) });
    for (const job of jobs) job.reject(refusal);
  }

  function flush(): void {
    const jobs = waiting;
    waiting = [];
    if (jobs.length === 0) return;
    const failure = transact(jobs);
    if (failure === undefined) for (const job of jobs) job.resolve();
    else if (jobs.length === 1 || isEnvironment(failure.error)) refuse(jobs, failure.error);
    else oneByOne(jobs);
    committed();
  }

  return {
    write: (record) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(closedError());
        if (waiting.length === 0) setImmediate(flush);
        return waiting.push({ record, resolve, reject });
      }),
    close() {
      closed = true;
      flush();
    },
  };
}

function runRecord(record: RecordWrites, writes: Writes): void {
  // An async function passes for one that returns nothing, and would write outside the transaction.
  const returned: unknown = record(writes);
  if (returned instanceof Promise) {
    returned.catch(() => {});
    throw new TypeError("a write must be synchronous");
  }
}

function closedError(): BridgeError {
  return new BridgeError("storage", {
    words: "The bridge is stopping and stores nothing more. Try again when it is back.",
    certain: true,
    retryAfter: 0,
  });
}
