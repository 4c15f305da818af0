import { ObjectStore } from "./object-store.ts";
import { failureOf, type Request } from "./request.ts";
import type { RowLayer } from "./row-layer.ts";
import type { Mode, Stores, StoreTransaction } from "./store-transaction.ts";

type Handler = ((event: { readonly type: string; readonly target: Transaction }) => void) | null;

interface TransactionParts {
  readonly database: Stores;
  readonly stores: ReadonlySet<string>;
  readonly mode: Mode;
  /** What it changes is read by itself alone until it is complete. */
  readonly layer: RowLayer;
}

interface Task {
  readonly request: Request;
  readonly act: () => Promise<unknown>;
}

/** `IDBTransaction`: its requests are carried out one by one, each in a turn of the event loop of its own. */
export class Transaction implements StoreTransaction {
  oncomplete: Handler = null;
  onabort: Handler = null;
  onerror: Handler = null;
  error: DOMException | null = null;
  readonly #parts: TransactionParts;
  readonly #queue: Task[] = [];
  readonly #ended = Promise.withResolvers<void>();
  #state: "open" | "committing" | "over" = "open";

  constructor(parts: TransactionParts) {
    this.#parts = parts;
  }

  get mode(): Mode {
    return this.#parts.mode;
  }

  get db(): Stores {
    return this.#parts.database;
  }

  get layer(): RowLayer {
    return this.#parts.layer;
  }

  /** Resolves when it is complete or aborted. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  get isAborted(): boolean {
    return this.#state === "over" && this.error !== null;
  }

  /** Whether what one does may be seen by the other, so that they may not run at once. */
  overlaps({ mode, stores }: { readonly mode: Mode; readonly stores: ReadonlySet<string> }): boolean {
    if (this.mode === "readonly" && mode === "readonly") return false;
    return Array.from(stores).some((store) => this.#parts.stores.has(store));
  }

  objectStore(name: string): ObjectStore {
    if (this.#state === "over") throw new DOMException("The transaction is over.", "InvalidStateError");
    const schema = this.db.storeSchema(name);
    if (!schema || (this.mode !== "versionchange" && !this.#parts.stores.has(name)))
      throw new DOMException("The transaction has no such object store.", "NotFoundError");
    return new ObjectStore(this, schema);
  }

  /** Puts a request behind those before it. */
  ask<Asked extends Request>(request: Asked, act: () => Promise<unknown>): Asked {
    if (this.#state !== "open")
      throw new DOMException("The transaction takes no requests any more.", "TransactionInactiveError");
    request.transaction = this;
    this.#queue.push({ request, act });
    return request;
  }

  commit(): void {
    if (this.#state !== "open") throw new DOMException("The transaction is over.", "InvalidStateError");
    this.#state = "committing";
  }

  abort(): void {
    if (this.#state === "over") throw new DOMException("The transaction is over.", "InvalidStateError");
    this.#end(new DOMException("The transaction was aborted.", "AbortError"));
  }

  /**
   * Carries out the requests until there is none any more; `complete` takes over what was changed. A turn of the event
   * loop goes by before each, so that the library's chains of requests hold up nobody.
   */
  async run(complete: () => void): Promise<void> {
    for (;;) {
      await nextTurn();
      if (this.#state === "over") return;
      const task = this.#queue.shift();
      if (!task) break;
      await this.#carryOut(task);
    }
    this.#state = "over";
    complete();
    this.oncomplete?.({ type: "complete", target: this });
    this.#ended.resolve();
  }

  async #carryOut({ request, act }: Task): Promise<void> {
    let result: unknown;
    try {
      result = await act();
    } catch (error) {
      const failure = failureOf(error);
      if (!request.fail(failure) && !this.#isOver()) this.#end(failure);
      return;
    }
    if (!this.#isOver()) request.succeed(result);
  }

  #isOver(): boolean {
    return this.#state === "over";
  }

  #end(error: DOMException): void {
    this.#state = "over";
    this.error = error;
    const left = this.#queue.splice(0);
    for (const { request } of left)
      request.fail(new DOMException("The transaction was aborted.", "AbortError"));
    this.onerror?.({ type: "error", target: this });
    this.onabort?.({ type: "abort", target: this });
    this.#ended.resolve();
  }
}

const nextTurn = (): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  setImmediate(resolve);
  return promise;
};
