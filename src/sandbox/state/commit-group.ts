import type { Db } from "./database.ts";

interface CommitJob {
  readonly run: () => void;
  readonly settle: (failure?: unknown) => void;
}

/**
 * Runs many small writes in one SQLite transaction. A group holds the jobs of one turn of the event loop, so that groups
 * grow under load and a single write does not wait. Jobs run in the order of the calls.
 */
export class CommitGroup {
  readonly #db: Db;
  readonly #begin;
  readonly #commit;
  #jobs: CommitJob[] = [];
  #armed = false;
  #closed = false;
  #attempts = 0;
  readonly #listeners = new Set<() => void>();

  constructor(db: Db) {
    this.#db = db;
    this.#begin = db.prepare("BEGIN IMMEDIATE");
    this.#commit = db.prepare("COMMIT");
  }

  /** Runs `work` (synchronous, repeatable) in the next group; resolves with its value once that is committed. */
  commit<T>(work: () => T): Promise<T> {
    if (this.#closed) return Promise.reject(new Error("the sandbox is closing"));
    return new Promise((resolve, reject) => {
      let value: T;
      this.#jobs.push({
        run: () => {
          value = work();
        },
        settle: (failure) => (failure === undefined ? resolve(value) : reject(failure)),
      });
      if (this.#armed) return;
      this.#armed = true;
      setImmediate(() => this.flush());
    });
  }

  /** Commits the waiting jobs now. */
  flush(): void {
    this.#armed = false;
    const jobs = this.#jobs;
    this.#jobs = [];
    if (jobs.length === 0) return;
    const failure = this.#attempt(jobs);
    if (failure === undefined) for (const job of jobs) job.settle();
    else if (jobs.length === 1) jobs[0]?.settle(failure);
    // The others must not fail with the one job that does: each runs again in a transaction of its own.
    else for (const job of jobs) job.settle(this.#attempt([job]));
    for (const listener of this.#listeners) listener();
  }

  /** Calls `listener` after every group, until the answered function is called. */
  onCommit(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The number of the transaction that runs now, or ran last. */
  get attempt(): number {
    return this.#attempts;
  }

  close(): void {
    this.flush();
    this.#closed = true;
  }

  #attempt(jobs: readonly CommitJob[]): unknown {
    this.#attempts += 1;
    try {
      this.#begin.run();
      for (const job of jobs) job.run();
      this.#commit.run();
      return undefined;
    } catch (failure) {
      if (this.#db.inTransaction) this.#db.exec("ROLLBACK");
      return failure ?? new Error("commit failed");
    }
  }
}
