import { BridgeError } from "../model/errors.ts";
import type { Guard } from "../ports/guards.ts";
import type { Store, Writes } from "../ports/store.ts";

type Act = (tx: Writes) => void;

/** What became of one row could not be stored, or its handling failed. */
export interface Failed<Row> {
  readonly row: Row;
  readonly error: unknown;
}

interface Gathered<Row> {
  readonly rows: readonly Row[];
  readonly act: Act;
}

/** Carries the row through what lies between. */
class FailedRow extends Error {
  readonly row: unknown;

  constructor(row: unknown, cause: unknown) {
    super("a row failed", { cause });
    this.row = row;
  }
}

const blamed = <Row>({ rows: [row] }: Gathered<Row>, error: unknown): unknown =>
  row === undefined ? error : new FailedRow(row, error);

/**
 * Rows that are handled one after another and committed together, where it is known at each failure whose it was. A
 * commit that fails is made again row by row, so that a row which cannot be stored keeps none of those before it.
 */
export class Batch<Row> implements Iterable<Row> {
  readonly #store: Pick<Store, "write">;
  readonly #rows: readonly Row[];
  readonly #open: Set<Row>;
  #gathered: Gathered<Row>[] = [];
  #running: Promise<FailedRow | undefined>[] = [];
  #current: Row | undefined;
  #guards: () => readonly Guard[] = () => [];

  constructor(store: Pick<Store, "write">, rows: readonly Row[]) {
    this.#store = store;
    this.#rows = rows;
    this.#open = new Set(rows);
  }

  get rows(): readonly Row[] {
    return this.#rows;
  }

  /** A failure while one is handled is that one's. */
  *[Symbol.iterator](): Iterator<Row> {
    for (const row of this.#rows) {
      this.#current = row;
      yield row;
    }
    this.#current = undefined;
  }

  /** What must still be so when anything of it is recorded; asked at each flush. */
  guard(guards: () => readonly Guard[]): void {
    this.#guards = guards;
  }

  /** To be recorded with the next {@link flush}. */
  add(act: Act, ...rows: readonly Row[]): void {
    this.#gathered.push({ rows, act });
  }

  /** Commits at once what became of a row, which is not waited for before {@link settle}; `then` follows a success. */
  commit(row: Row, act: Act, then: () => void = () => {}): void {
    const done = this.#store.write(act).then(
      () => {
        this.#open.delete(row);
        then();
        return undefined;
      },
      (error: unknown) => new FailedRow(row, error),
    );
    this.#running.push(done);
  }

  /** Commits what was gathered. Throws what {@link failed} understands. */
  async flush(): Promise<void> {
    const gathered = this.#gathered.splice(0);
    const [first] = gathered;
    if (!first) return;
    try {
      await this.#write(gathered);
    } catch (error) {
      // What meets every write says nothing of this one.
      if (gathered.length === 1 || BridgeError.from(error).outage) throw blamed(first, error);
      for (const one of gathered) {
        await this.#write([one]).catch((own: unknown) => {
          throw blamed(one, own);
        });
      }
    }
  }

  /** Waits for the commits that were not waited for. Throws what {@link failed} understands. */
  async settle(): Promise<void> {
    const [failure] = (await Promise.all(this.#running.splice(0))).filter((one) => one !== undefined);
    if (failure) throw failure;
  }

  /** Whose failure a thrown value is; undefined where every row has been dealt with. */
  failed(thrown: unknown): Failed<Row> | undefined {
    if (thrown instanceof FailedRow) return { row: thrown.row as Row, error: thrown.cause };
    const [first] = this.#open;
    const row = this.#current ?? first;
    return row === undefined ? undefined : { row, error: thrown };
  }

  async #write(gathered: readonly Gathered<Row>[]): Promise<void> {
    await this.#store.write((tx) => {
      for (const guard of this.#guards()) tx.guard(guard);
      for (const { act } of gathered) act(tx);
    });
    for (const { rows } of gathered) for (const row of rows) this.#open.delete(row);
  }
}
