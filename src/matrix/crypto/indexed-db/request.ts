/** What a handler is called with. */
interface RequestEvent {
  readonly type: string;
  readonly target: Request;
  readonly oldVersion?: number;
  readonly newVersion?: number;
  /** Keeps a failed request from ending its transaction. */
  preventDefault(): void;
}

type Handler = ((event: RequestEvent) => void) | null;

/** `IDBRequest`. */
export class Request {
  onsuccess: Handler = null;
  onerror: Handler = null;
  readyState: "pending" | "done" = "pending";
  transaction: object | null = null;
  readonly source: unknown;
  #outcome: { readonly result: unknown; readonly error: DOMException | null } | undefined;

  constructor(source: unknown) {
    this.source = source;
  }

  get result(): unknown {
    return this.#done().result;
  }

  get error(): DOMException | null {
    return this.#done().error;
  }

  succeed(result: unknown): void {
    this.readyState = "done";
    this.#outcome = { result, error: null };
    this.onsuccess?.(eventOf("success", this));
  }

  /** Whether a handler keeps the failure from ending the transaction. */
  fail(error: DOMException): boolean {
    this.readyState = "done";
    this.#outcome = { result: undefined, error };
    let isPrevented = false;
    this.onerror?.(
      eventOf("error", this, {
        preventDefault: () => {
          isPrevented = true;
        },
      }),
    );
    return isPrevented;
  }

  /** Asked once more: a cursor goes on by the request that opened it. */
  again(): void {
    this.readyState = "pending";
    this.#outcome = undefined;
  }

  /** Has a result before it is done, as an open request has in its upgrade. */
  protected preview(result: unknown): void {
    this.#outcome = { result, error: null };
  }

  #done(): { readonly result: unknown; readonly error: DOMException | null } {
    if (!this.#outcome) throw new DOMException("The request is not finished.", "InvalidStateError");
    return this.#outcome;
  }
}

/** `IDBOpenDBRequest`. */
export class OpenRequest extends Request {
  onupgradeneeded: Handler = null;
  onblocked: Handler = null;

  constructor() {
    super(null);
  }

  upgrade(result: unknown, versions: { readonly oldVersion: number; readonly newVersion: number }): void {
    this.readyState = "done";
    this.preview(result);
    this.onupgradeneeded?.(eventOf("upgradeneeded", this, versions));
    this.readyState = "pending";
  }
}

const eventOf = (type: string, target: Request, more: Partial<RequestEvent> = {}): RequestEvent => ({
  type,
  target,
  preventDefault: () => undefined,
  ...more,
});

/** What a request fails with, in IndexedDB's own kind of error. */
export const failureOf = (error: unknown): DOMException =>
  error instanceof DOMException
    ? error
    : new DOMException(error instanceof Error ? error.message : "The request failed.", "UnknownError");
