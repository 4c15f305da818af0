import { ourId } from "../delivery/learnt-ids.ts";
import type { PortalKey, RemoteReceipt, RemoteSignal } from "../model/events.ts";
import type { EventId, LoginId, MessageId, RoomId, UserId } from "../model/ids.ts";
import type { Clock } from "../ports/clock.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { Network } from "../ports/network.ts";
import type { Login, Message } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";
import { Coalesced } from "../runtime/coalesced.ts";

interface ReceiptsParts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
}

interface Typing {
  readonly login: Login;
  readonly network: Network;
  readonly signal: RemoteSignal;
}

interface Reading {
  readonly ghost: UserId;
  readonly room: RoomId;
  readonly event: EventId;
}

type Read = Pick<Message, "event" | "at">;

const DAY = 86_400_000;
/** Messages of one receipt that are dealt with at once; a stanza has room for thousands. */
const SHARE = 100;

/**
 * Scope of the records of how far contacts have read, by chat, and in a group by who it was. A receipt never goes back.
 */
const scopeOf = (login: LoginId): string => `login/${login}/read-by`;

/** Shows what a contact got, read, and is doing: kept where it matters, best effort in the room. */
export class Receipts {
  readonly #parts: ReceiptsParts;
  readonly #typing = new Coalesced<Typing>((typing) => this.#attempt(this.#showTyping(typing)));
  readonly #reading = new Coalesced<Reading>(({ ghost, room, event }) =>
    this.#attempt(this.#parts.homeserver.markRead(ghost, room, event)),
  );

  constructor(parts: ReceiptsParts) {
    this.#parts = parts;
  }

  async receipt(login: Login, network: Network, { ids, ...receipt }: RemoteReceipt): Promise<void> {
    for (let start = 0; start < ids.length; start += SHARE) {
      const key = { login: login.id, chat: receipt.chat };
      const share = ids.slice(start, start + SHARE);
      const ours = await Promise.all(share.map((id) => ourId(this.#parts.store, network, key, id)));
      await this.#share(login, network, { ...receipt, ids: ours });
    }
  }

  async #share(login: Login, network: Network, { chat, person, ids, kind }: RemoteReceipt): Promise<void> {
    const { store } = this.#parts;
    const key = { login: login.id, chat };
    const read = kind === "delivered" ? undefined : await this.#newest(key, ids);
    const portal = await store.portals.byChat(key);
    const reader = portal?.kind === "group" ? `${chat} ${person}` : chat;
    const forward = read !== undefined && read.at >= (await this.#readBefore(login.id, reader));
    await store.write((tx) => {
      tx.networkOutbox.receipt(key, ids, kind === "played" ? "read" : kind);
      if (forward) tx.records.set(scopeOf(login.id), reader, String(read.at));
    });
    if (!forward) return;
    const ghost = await store.ghosts.byPerson(network.id, person);
    if (!portal?.room || !ghost) return;
    this.#reading.want(`${portal.room} ${person}`, {
      ghost: ghost.user,
      room: portal.room,
      event: read.event,
    });
  }

  /** Of what our person did there, by the network's ids, the newest: a message, or an edit or reaction of theirs. */
  async #newest(key: PortalKey, ids: readonly MessageId[]): Promise<Read | undefined> {
    const { messages, networkOutbox } = this.#parts.store;
    let newest: Read | undefined;
    for (const id of ids) {
      const [message] = await messages.events(key, id);
      const row = message ? undefined : await networkOutbox.byRemote(key, id);
      const read = message ?? (row && { event: row.event, at: row.createdAt });
      if (read && read.at >= (newest?.at ?? 0)) newest = read;
    }
    return newest;
  }

  /** When what somebody had read was written; 0 where it was written by a clock that was far ahead. */
  async #readBefore(login: LoginId, reader: string): Promise<number> {
    const { store, clock } = this.#parts;
    const at = Number((await store.records.get(scopeOf(login), reader)) ?? 0);
    return at > clock.now() + DAY ? 0 : at;
  }

  signal(login: Login, network: Network, signal: RemoteSignal): void {
    this.#typing.want(`${login.id} ${signal.chat} ${signal.sender}`, { login, network, signal });
  }

  async #showTyping({ login, network, signal: { chat, sender, active } }: Typing): Promise<void> {
    const { store, homeserver } = this.#parts;
    const portal = await store.portals.byChat({ login: login.id, chat });
    const ghost = await store.ghosts.byPerson(network.id, sender);
    if (portal?.room && ghost) await homeserver.setTyping(ghost.user, portal.room, active);
  }

  async #attempt(act: Promise<void>): Promise<void> {
    try {
      await act;
    } catch (error) {
      this.#parts.log.debug("a receipt was not shown", faultOf(error));
    }
  }
}
