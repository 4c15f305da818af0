interface Waiter<T> {
  readonly matches: (value: T) => boolean;
  readonly resolve: (value: T) => void;
}

/** Waits for values that are offered by other code. A wait begins with the call, before the first `await`. */
export class Waits<T> {
  readonly #waiting = new Set<Waiter<T>>();

  offer(value: T): void {
    for (const waiter of this.#waiting) {
      if (waiter.matches(value)) {
        this.#waiting.delete(waiter);
        waiter.resolve(value);
      }
    }
  }

  /** Resolves with the check's result when it has one, now or after a value; rejects as {@link next} does. */
  async until<R>(what: string, check: () => R | undefined | false, seconds?: number): Promise<R> {
    let found = check();
    const isFound = (): boolean => found !== undefined && found !== false;
    if (!isFound()) {
      await this.next(
        what,
        () => {
          found = check();
          return isFound();
        },
        seconds,
      );
    }
    return found as R;
  }

  /** The next value that matches. Rejects after `seconds`, naming `what`. */
  next(what: string, matches: (value: T) => boolean, seconds = 30): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const trace = new Error(`waited ${seconds} s in vain for ${what}`);
    const waiter: Waiter<T> = {
      matches,
      resolve: (value) => {
        clearTimeout(timer);
        resolve(value);
      },
    };
    const timer = setTimeout(() => {
      this.#waiting.delete(waiter);
      reject(trace);
    }, seconds * 1000);
    this.#waiting.add(waiter);
    // The caller may fail before it awaits the promise, which must not be an unhandled rejection.
    promise.catch(() => undefined);
    return promise;
  }
}
