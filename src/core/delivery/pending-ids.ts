import type { PortalKey } from "../model/events.ts";
import type { OutboxId } from "../model/ids.ts";
import type { Clock } from "../ports/clock.ts";
import type { Network } from "../ports/network.ts";
import type { Store } from "../ports/store.ts";

/** Milliseconds for which the answer to one message is waited for: as long as a connection takes to come back. */
const LONGEST = 30_000;
/** Milliseconds between two looks. */
export const ANSWER_SOON = 200;

/**
 * Where a network gives ids, what one of our people sends to a group may come to another of them before its own login
 * has heard what it is called, and could be taken for something they wrote on another device.
 */
export class PendingIds {
  readonly #store: Pick<Store, "networkOutbox">;
  readonly #clock: Pick<Clock, "now">;
  /** The row that each chat's lane sends, and since when it is waited for. */
  readonly #since = new Map<string, { readonly row: OutboxId; readonly at: number }>();

  constructor(store: Pick<Store, "networkOutbox">, clock: Pick<Clock, "now">) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Whether to wait for what the network calls the message that a login is sending to a chat. */
  async isAwaited({ messageId }: Pick<Network, "messageId">, key: PortalKey): Promise<boolean> {
    if (messageId) return false;
    const name = `${key.login} ${key.chat}`;
    const [head] = await this.#store.networkOutbox.next(key, 1);
    if (!head) {
      this.#since.delete(name);
      return false;
    }
    const now = this.#clock.now();
    const before = this.#since.get(name);
    if (before?.row === head.id) return Math.abs(now - before.at) < LONGEST;
    this.#since.set(name, { row: head.id, at: now });
    return true;
  }
}
