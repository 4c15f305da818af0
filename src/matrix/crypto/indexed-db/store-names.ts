/** `DOMStringList` of the object stores, in alphabetical order. */
export class StoreNames {
  readonly #names: readonly string[];

  constructor(names: readonly string[]) {
    this.#names = names.toSorted();
  }

  get length(): number {
    return this.#names.length;
  }

  item(index: number): string | null {
    return this.#names[index] ?? null;
  }

  contains(name: string): boolean {
    return this.#names.includes(name);
  }

  [Symbol.iterator](): Iterator<string> {
    return this.#names[Symbol.iterator]();
  }
}
