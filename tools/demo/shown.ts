import { randomBytes } from "node:crypto";

/** Which messages of contacts are on a Matrix screen, so that no receipt is shown before what it is for. */
export class Shown {
  readonly #awaited = new Map<string, Promise<void>>();

  /** The id for a message that is about to be written, and is shown when the promise settles. */
  expect(shown: Promise<unknown>): string {
    const id = randomBytes(10).toString("hex").toUpperCase();
    const settled = shown.then(
      () => undefined,
      () => undefined,
    );
    this.#awaited.set(id, settled);
    return id;
  }

  /** Resolves when the message is shown, or is not one of those. */
  async of(id: string | undefined): Promise<void> {
    await this.#awaited.get(id ?? "");
  }
}
