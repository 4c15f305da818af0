import type { CryptoReads } from "../crypto-records.ts";
import { IndexedDatabase } from "./indexed-database.ts";
import { PendingRows, type TakenRows } from "./pending-rows.ts";
import { failureOf, OpenRequest } from "./request.ts";
import type { Transaction } from "./transaction.ts";

interface Opened {
  readonly pending: PendingRows;
  readonly running: Set<Transaction>;
  /** The opening that others wait for, one behind another. */
  turn: Promise<unknown>;
}

/**
 * `IDBFactory` over the bridge's own store. What finished transactions wrote is read at once; it is on disk when somebody
 * commits what `take` gives.
 */
export class Factory {
  readonly #reads: CryptoReads;
  readonly #opened = new Map<string, Opened>();

  constructor(reads: CryptoReads) {
    this.#reads = reads;
  }

  /** A version that is absent is the one that is there, or 1. */
  open(name: string, version?: number): OpenRequest {
    if (version !== undefined && !(Number.isSafeInteger(version) && version > 0))
      throw new TypeError("A version is a positive integer.");
    const request = new OpenRequest();
    const opened = this.#of(name);
    opened.turn = opened.turn.then(() => this.#open(request, { name, version, opened }));
    return request;
  }

  /** What waits for its commit in databases, which belongs together. */
  take(names: readonly string[]): TakenRows {
    const taken = names.flatMap((name) => this.#opened.get(name)?.pending.take() ?? []);
    return {
      isEmpty: taken.every((one) => one.isEmpty),
      record(writes) {
        for (const one of taken) one.record(writes);
      },
      stored() {
        for (const one of taken) one.stored();
      },
    };
  }

  /** Forgets what waits in databases that nobody has open any more. */
  drop(names: readonly string[]): void {
    for (const name of names) this.#opened.delete(name);
  }

  #of(name: string): Opened {
    const known = this.#opened.get(name);
    if (known) return known;
    const opened: Opened = {
      pending: new PendingRows(name, this.#reads),
      running: new Set(),
      turn: Promise.resolve(),
    };
    this.#opened.set(name, opened);
    return opened;
  }

  async #open(
    request: OpenRequest,
    {
      name,
      version,
      opened,
    }: { readonly name: string; readonly version: number | undefined; readonly opened: Opened },
  ): Promise<void> {
    const { pending, running } = opened;
    let database: IndexedDatabase;
    try {
      const schema = (await pending.schema()) ?? { version: 0, stores: [] };
      const wanted = version ?? Math.max(1, schema.version);
      if (wanted < schema.version)
        throw new DOMException("The database has a newer version than was asked for.", "VersionError");
      database = new IndexedDatabase(name, pending, running, schema);
      if (wanted > schema.version) {
        const isDone = await database.upgrade(wanted, (transaction) => {
          request.transaction = transaction;
          request.upgrade(database, { oldVersion: schema.version, newVersion: wanted });
        });
        request.transaction = null;
        if (!isDone) throw new DOMException("The upgrade was aborted.", "AbortError");
      }
    } catch (error) {
      request.fail(failureOf(error));
      return;
    }
    setImmediate(() => request.succeed(database));
  }
}
