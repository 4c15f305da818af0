import { BridgeError } from "../model/errors.ts";
import type { Guard } from "../ports/guards.ts";
import type { Store, Writes } from "../ports/store.ts";

type Write = (tx: Writes) => void;

/** A row whose handling failed, or whose outcome could not be stored. */
export interface RowFailure<Row> {
  readonly row: Row;
  readonly error: unknown;
}

interface Recorded<Row> {
  readonly rows: readonly Row[];
  readonly act: Write;
}

/** Carries the failed row with the error, from where it is thrown to `failureOf`. */
class FailedRow extends Error {
  readonly row: unknown;

  constructor(row: unknown, cause: unknown) {
    super("a row failed", { cause });
    this.row = row;
  }
}

const asFailedRow = <Row>({ rows: [row] }: Recorded<Row>, error: unknown): unknown =>
  row === undefined ? error : new FailedRow(row, error);

/**
 * Rows that are handled one after another and committed together; of each failure it tells the row. A commit that fails
 * is repeated row by row, so that one row that cannot be stored does not keep back those before it.
 */
export class Batch<Row> implements Iterable<Row> {
  readonly #store: Pick<Store, "write">;
  readonly #rows: readonly Row[];
  readonly #pending: Set<Row>;
  #recorded: Recorded<Row>[] = [];
  #running: Promise<FailedRow | undefined>[] = [];
  #current: Row | undefined;
  #guards: () => readonly Guard[] = () => [];

  constructor(store: Pick<Store, "write">, rows: readonly Row[]) {
    this.#store = store;
    this.#rows = rows;
    this.#pending = new Set(rows);
  }

  get rows(): readonly Row[] {
    return this.#rows;
  }

  /** The rows; an error thrown while one is handled counts as that row's. */
  *[Symbol.iterator](): Iterator<Row> {
    for (const row of this.#rows) {
      this.#current = row;
      yield row;
    }
    this.#current = undefined;
  }

  /** Sets the guards of every commit of this batch; they are asked for at each flush. */
  guard(guards: () => readonly Guard[]): void {
    this.#guards = guards;
  }

  /** Adds a write, and the rows that it ends, to the next {@link flush}. */
  add(act: Write, ...rows: readonly Row[]): void {
    this.#recorded.push({ rows, act });
  }

  /** Commits a row's outcome at once without waiting; {@link settle} waits for it. `then` runs after a success. */
  commit(row: Row, act: Write, then: () => void = () => {}): void {
    const done = this.#store.write(act).then(
      () => {
        this.#pending.delete(row);
        then();
        return undefined;
      },
      (error: unknown) => new FailedRow(row, error),
    );
    this.#running.push(done);
  }

  /** Commits what {@link add} collected. Pass an error it throws to {@link failureOf}. */
  async flush(): Promise<void> {
    const recorded = this.#recorded.splice(0);
    const [first] = recorded;
    if (!first) return;
    try {
      await this.#write(recorded);
    } catch (error) {
      // An outage would fail each row by itself too.
      if (recorded.length === 1 || BridgeError.from(error).outage) throw asFailedRow(first, error);
      for (const one of recorded) {
        await this.#write([one]).catch((own: unknown) => {
          throw asFailedRow(one, own);
        });
      }
    }
  }

  /** Waits for the commits of {@link commit}. Pass an error it throws to {@link failureOf}. */
  async settle(): Promise<void> {
    const [failure] = (await Promise.all(this.#running.splice(0))).filter((one) => one !== undefined);
    if (failure) throw failure;
  }

  /** The row that a thrown error belongs to; undefined when every row has ended. */
  failureOf(thrown: unknown): RowFailure<Row> | undefined {
    if (thrown instanceof FailedRow) return { row: thrown.row as Row, error: thrown.cause };
    const [first] = this.#pending;
    const row = this.#current ?? first;
    return row === undefined ? undefined : { row, error: thrown };
  }

  async #write(recorded: readonly Recorded<Row>[]): Promise<void> {
    await this.#store.write((tx) => {
      for (const guard of this.#guards()) tx.guard(guard);
      for (const { act } of recorded) act(tx);
    });
    for (const { rows } of recorded) for (const row of rows) this.#pending.delete(row);
  }
}
