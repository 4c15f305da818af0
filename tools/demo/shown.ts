import { randomBytes } from "node:crypto";

/** The contacts' messages that are shown, so that no receipt is shown before its message. */
export class Shown {
  readonly #awaited = new Map<string, Promise<void>>();

  /** A new id for a message that will be shown when the promise settles. */
  expect(shown: Promise<unknown>): string {
    const id = randomBytes(10).toString("hex").toUpperCase();
    const settled = shown.then(
      () => undefined,
      () => undefined,
    );
    this.#awaited.set(id, settled);
    return id;
  }

  /** Resolves when the message is shown; at once for an unknown id. */
  async of(id: string | undefined): Promise<void> {
    await this.#awaited.get(id ?? "");
  }
}
