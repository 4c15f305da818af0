interface Waiter<T> {
  readonly matches: (value: T) => boolean;
  readonly resolve: (value: T) => void;
}

/** Waits for values that something else brings in. A wait is armed by the call, before the first `await`. */
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
    // Whoever armed it may fail before it gets to the wait.
    promise.catch(() => undefined);
    return promise;
  }
}
