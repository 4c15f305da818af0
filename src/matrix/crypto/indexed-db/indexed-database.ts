import type { DatabaseSchema, IndexSchema, ObjectStoreSchema } from "../crypto-records.ts";
import type { PendingRows } from "./pending-rows.ts";
import { RowLayer } from "./row-layer.ts";
import { StoreNames } from "./store-names.ts";
import type { Mode, Stores } from "./store-transaction.ts";
import { Transaction } from "./transaction.ts";

/** `IDBDatabase`: a connection to a database. */
export class IndexedDatabase implements Stores {
  onversionchange: unknown = null;
  onclose: unknown = null;
  readonly name: string;
  readonly #pending: PendingRows;
  readonly #running: Set<Transaction>;
  #schema: DatabaseSchema;
  #upgrade: Transaction | undefined;
  #isClosed = false;

  /** `running`: the transactions on the database that are not over, those of its other connections too. */
  constructor(name: string, pending: PendingRows, running: Set<Transaction>, schema: DatabaseSchema) {
    this.name = name;
    this.#pending = pending;
    this.#running = running;
    this.#schema = schema;
  }

  get version(): number {
    return this.#schema.version;
  }

  get objectStoreNames(): StoreNames {
    return new StoreNames(this.#schema.stores.map(({ name }) => name));
  }

  storeSchema(name: string): ObjectStoreSchema | undefined {
    return this.#schema.stores.find((store) => store.name === name);
  }

  transaction(names: string | Iterable<string>, mode: Mode = "readonly"): Transaction {
    if (this.#isClosed || this.#upgrade)
      throw new DOMException("The database is closed, or being upgraded.", "InvalidStateError");
    const stores = new Set(typeof names === "string" ? [names] : names);
    for (const name of stores)
      if (!this.storeSchema(name))
        throw new DOMException("The database has no such object store.", "NotFoundError");
    if (stores.size === 0) throw new DOMException("No object store was named.", "InvalidAccessError");
    const transaction = new Transaction({
      database: this,
      stores,
      mode,
      layer: new RowLayer(this.#pending.layer),
    });
    void this.#run(transaction, { mode, stores }, () => this.#pending.finish(transaction.layer));
    return transaction;
  }

  /** Brings the schema to this version, by what `change` does; resolves to whether it was not aborted. */
  async upgrade(version: number, change: (transaction: Transaction) => void): Promise<boolean> {
    const before = this.#schema;
    this.#schema = { ...before, version };
    const stores = new Set(before.stores.map(({ name }) => name));
    const layer = new RowLayer(this.#pending.layer);
    const upgrade = new Transaction({ database: this, stores, mode: "versionchange", layer });
    this.#upgrade = upgrade;
    change(upgrade);
    await this.#run(upgrade, { mode: "versionchange", stores }, () =>
      this.#pending.finish(layer, this.#schema),
    );
    this.#upgrade = undefined;
    if (upgrade.isAborted) this.#schema = before;
    return !upgrade.isAborted;
  }

  createObjectStore(
    name: string,
    options?: { readonly keyPath?: unknown; readonly autoIncrement?: boolean },
  ) {
    const upgrade = this.#upgrading();
    if (this.storeSchema(name)) throw new DOMException("The object store is there.", "ConstraintError");
    if ((options?.keyPath ?? null) !== null || options?.autoIncrement === true)
      throw new DOMException("Keys stand beside the values here.", "NotSupportedError");
    this.#schema = { ...this.#schema, stores: [...this.#schema.stores, { name, indexes: [] }] };
    // Of a store of that name that was deleted before, nothing is in this one.
    upgrade.layer.clear(name);
    return upgrade.objectStore(name);
  }

  deleteObjectStore(name: string): void {
    const upgrade = this.#upgrading();
    if (!this.storeSchema(name))
      throw new DOMException("The database has no such object store.", "NotFoundError");
    const stores = this.#schema.stores.filter((store) => store.name !== name);
    this.#schema = { ...this.#schema, stores };
    upgrade.layer.clear(name);
  }

  addIndex(store: string, index: IndexSchema): void {
    this.#upgrading();
    const stores = this.#schema.stores.map((one) =>
      one.name === store ? { ...one, indexes: [...one.indexes, index] } : one,
    );
    this.#schema = { ...this.#schema, stores };
  }

  close(): void {
    this.#isClosed = true;
  }

  #upgrading(): Transaction {
    if (!this.#upgrade) throw new DOMException("The database is not being upgraded.", "InvalidStateError");
    return this.#upgrade;
  }

  /** After the transactions before it that it may not run beside. */
  async #run(
    transaction: Transaction,
    scope: { readonly mode: Mode; readonly stores: ReadonlySet<string> },
    complete: () => void,
  ): Promise<void> {
    const before = Array.from(this.#running).filter((one) => one.overlaps(scope));
    this.#running.add(transaction);
    try {
      await Promise.all(before.map(({ ended }) => ended));
      await transaction.run(complete);
    } finally {
      this.#running.delete(transaction);
    }
  }
}
