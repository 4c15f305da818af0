import { BridgeError } from "../../core/model/errors.ts";
import { whenPanicked } from "./panics.ts";

/** Milliseconds that a call of the library may take; those that take long take some seconds. */
const LIMIT = 120_000;
/** Milliseconds after a panic in which the calls that were not in it come to their end. */
const GRACE = 1_000;

/** The library panicked, or refused what it should not: what it holds in memory is not to be relied on. */
export class LibraryFailure extends BridgeError {
  constructor(cause: unknown) {
    super("internal", {
      words: "The crypto library failed; what it did is done anew.",
      certain: true,
      retryAfter: 0,
      cause,
    });
  }
}

/** Calls of the library, each of which comes to an end: one that panics would never do. */
export class LibraryCalls implements Disposable {
  readonly #running = new Set<() => void>();
  readonly #unlisten = whenPanicked(() => this.#panicked());

  /** What the call gives; rejects where it does not come to an end. */
  async ended<Result>(call: Promise<Result>): Promise<Result> {
    const { promise: over, reject } = Promise.withResolvers<never>();
    const end = (): void => reject(new Error("the crypto library does not come to an end"));
    this.#running.add(end);
    const timer = setTimeout(end, LIMIT).unref();
    try {
      return await Promise.race([call, over]);
    } finally {
      clearTimeout(timer);
      this.#running.delete(end);
    }
  }

  /** The same object, whose methods' promises are settled in time; `failed` is told of each that fails. */
  inTime<Called extends object>(object: Called, failed: (error: unknown) => unknown): Called {
    return new Proxy(object, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== "function") return member;
        return (...args: unknown[]): unknown => {
          const result: unknown = Reflect.apply(member, target, args);
          if (!(result instanceof Promise)) return result;
          return this.ended(result).catch((error: unknown) => {
            throw failed(error);
          });
        };
      },
      set: (target, name, value) => Reflect.set(target, name, value, target),
    });
  }

  [Symbol.dispose](): void {
    this.#unlisten();
    for (const end of this.#running) end();
  }

  #panicked(): void {
    const running = Array.from(this.#running);
    setTimeout(() => {
      for (const end of running) if (this.#running.has(end)) end();
    }, GRACE);
  }
}
