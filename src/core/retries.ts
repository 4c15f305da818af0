import type { Homeserver } from "./homeserver.ts";
import type { Portal } from "./rows.ts";
import type { Store } from "./store.ts";

/** Sends again what failed, on the person's word only. */
export class Retries {
  readonly #store: Store;
  readonly #homeserver: Homeserver;

  constructor(store: Store, homeserver: Homeserver) {
    this.#store = store;
    this.#homeserver = homeserver;
  }

  async waiting(portal: Portal): Promise<number> {
    return (await this.#store.netOutbox.failed(portal)).length;
  }

  /** The messages are read from the homeserver again: their text was not kept here. Gives how many go. */
  async retry(portal: Portal): Promise<number> {
    let count = 0;
    for (const row of await this.#store.netOutbox.failed(portal)) {
      const event = await this.#homeserver.event(row.room, row.event);
      if (event?.kind !== "message") continue;
      const { message } = event;
      await this.#store.write((tx) => tx.netOutbox.requeue(row, { kind: "message", message }));
      count += 1;
    }
    return count;
  }
}
