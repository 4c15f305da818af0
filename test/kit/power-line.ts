/**
 * What connects a process to the world. Once cut, nothing it asks for is answered any more, whether or not it was
 * done: the view a killed process has of its last requests.
 */
export class PowerLine {
  #cut = false;

  cut(): void {
    this.#cut = true;
  }

  /** The object as seen over the line; its asynchronous methods hang once the line is cut. */
  over<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (object, name) => {
        const value: unknown = Reflect.get(object, name, object);
        return typeof value === "function"
          ? (...given: unknown[]) => this.#call(object, value as (...given: unknown[]) => unknown, given)
          : value;
      },
    });
  }

  #call(object: object, method: (...given: unknown[]) => unknown, given: unknown[]): unknown {
    const never = new Promise<never>(() => {});
    if (this.#cut) return never;
    const result: unknown = Reflect.apply(method, object, given);
    if (!(result instanceof Promise)) return result;
    return result.then(
      (value: unknown) => (this.#cut ? never : value),
      (error: unknown) => (this.#cut ? never : Promise.reject(error)),
    );
  }
}
