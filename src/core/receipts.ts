import type { RemoteReceipt, RemoteSignal } from "./events.ts";
import type { Homeserver } from "./homeserver.ts";
import { faultOf, type Log } from "./log.ts";
import type { Network } from "./network.ts";
import type { Login } from "./rows.ts";
import type { Store } from "./store.ts";

interface Parts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly log: Log;
}

/** Shows what a contact got, read, and is doing: kept where it matters, best effort in the room. */
export class Receipts {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async receipt(login: Login, network: Network, { chat, ids, kind }: RemoteReceipt): Promise<void> {
    const { store, homeserver } = this.#parts;
    const key = { login: login.id, chat };
    await store.write((tx) => tx.netOutbox.receipt(key, ids, kind === "played" ? "read" : kind));
    const last = ids.at(-1);
    if (kind === "delivered" || last === undefined) return;
    const portal = await store.portals.byChat(key);
    const ghost = portal && (await store.ghosts.byPerson(network.id, portal.person));
    const [message] = await store.messages.events(key, last);
    if (!portal?.room || !ghost || !message) return;
    this.#attempt(homeserver.markRead(ghost.user, portal.room, message.event));
  }

  signal(login: Login, network: Network, signal: RemoteSignal): void {
    this.#attempt(this.#typing(login, network, signal));
  }

  async #typing(login: Login, network: Network, { chat, sender, active }: RemoteSignal): Promise<void> {
    const { store, homeserver } = this.#parts;
    const portal = await store.portals.byChat({ login: login.id, chat });
    const ghost = await store.ghosts.byPerson(network.id, sender);
    if (portal?.room && ghost) await homeserver.setTyping(ghost.user, portal.room, active);
  }

  #attempt(act: Promise<void>): void {
    act.catch((error: unknown) => this.#parts.log.debug("a receipt was not shown", faultOf(error)));
  }
}
