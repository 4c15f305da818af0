import type { Clock } from "./clock.ts";
import type { PortalKey, RemoteReceipt, RemoteSignal } from "./events.ts";
import type { Homeserver } from "./homeserver.ts";
import type { LoginId, MessageId } from "./ids.ts";
import { faultOf, type Log } from "./log.ts";
import type { Network } from "./network.ts";
import type { Login, Message } from "./rows.ts";
import type { Store } from "./store.ts";

interface Parts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
}

type Read = Pick<Message, "event" | "at">;

const DAY = 86_400_000;

/** Scope of the records of how far contacts have read. A receipt never goes back. */
const scopeOf = (login: LoginId): string => `login/${login}/read-by`;

/** Shows what a contact got, read, and is doing: kept where it matters, best effort in the room. */
export class Receipts {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async receipt(login: Login, network: Network, { chat, ids, kind }: RemoteReceipt): Promise<void> {
    const { store, homeserver } = this.#parts;
    const key = { login: login.id, chat };
    const read = kind === "delivered" ? undefined : await this.#newest(key, ids);
    const forward = read !== undefined && read.at >= (await this.#readBefore(key));
    await store.write((tx) => {
      tx.netOutbox.receipt(key, ids, kind === "played" ? "read" : kind);
      if (forward) tx.records.set(scopeOf(login.id), chat, String(read.at));
    });
    if (!forward) return;
    const portal = await store.portals.byChat(key);
    const ghost = portal && (await store.ghosts.byPerson(network.id, portal.person));
    if (!portal?.room || !ghost) return;
    this.#attempt(homeserver.markRead(ghost.user, portal.room, read.event));
  }

  /** Of what our person did there, by the network's ids, the newest: a message, or an edit or reaction of theirs. */
  async #newest(key: PortalKey, ids: readonly MessageId[]): Promise<Read | undefined> {
    const { messages, netOutbox } = this.#parts.store;
    let newest: Read | undefined;
    for (const id of ids) {
      const [message] = await messages.events(key, id);
      const row = message ? undefined : await netOutbox.byRemote(key, id);
      const read = message ?? (row && { event: row.event, at: row.createdAt });
      if (read && read.at >= (newest?.at ?? 0)) newest = read;
    }
    return newest;
  }

  /** When what the contact had read was written; 0 where it was written by a clock that was far ahead. */
  async #readBefore({ login, chat }: PortalKey): Promise<number> {
    const { store, clock } = this.#parts;
    const at = Number((await store.records.get(scopeOf(login), chat)) ?? 0);
    return at > clock.now() + DAY ? 0 : at;
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
