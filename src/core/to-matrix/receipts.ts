import type { DeliveryStatus } from "../delivery/delivery-status.ts";
import { ourId } from "../delivery/learnt-ids.ts";
import type { MessageStatuses } from "../delivery/message-statuses.ts";
import { RoomReaders } from "../delivery/room-readers.ts";
import { reached } from "../delivery/unreached-members.ts";
import type { PortalKey, RemoteReceipt, RemoteSignal } from "../model/events.ts";
import type { ChatId, LoginId, MessageId, PersonId } from "../model/ids.ts";
import type { Clock } from "../ports/clock.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { Network } from "../ports/network.ts";
import type { Login, Message } from "../ports/rows.ts";
import type { Store, Writes } from "../ports/store.ts";
import { Coalesced } from "../runtime/coalesced.ts";
import { Gathered } from "../runtime/gathered.ts";

interface ReceiptsParts {
  readonly store: Store;
  readonly delivery: Pick<DeliveryStatus, "arrived" | "delivered">;
  readonly statuses: Pick<MessageStatuses, "follows">;
  readonly homeserver: Homeserver;
  readonly clock: Clock;
  readonly log: Log;
}

interface Typing {
  readonly login: Login;
  readonly network: Network;
  readonly signal: RemoteSignal;
}

/** Receipts of one kind for the same messages of a chat, by who gave them. */
interface Receipt {
  readonly login: Login;
  readonly network: Network;
  readonly receipt: RemoteReceipt;
}

type Read = Pick<Message, "event" | "at">;

const DAY = 86_400_000;
/** The most messages of one receipt that are handled at once; a stanza has room for thousands. */
const BATCH = 100;

/** The scope of how far contacts have read, by chat, and in a group by reader. It never goes back. */
const scopeOf = (login: LoginId): string => `login/${login}/read-by`;

/** Stores what contacts have received and read, and shows that and their typing in the room, best effort. */
export class Receipts {
  readonly #parts: ReceiptsParts;
  readonly #typing = new Coalesced<Typing>((typing) => this.#orLog(this.#showTyping(typing)));
  /** Whose typing is shown, by login, chat and person. */
  readonly #typists = new Map<string, RemoteSignal>();
  /** In a large group a message has hundreds of receipts at once. */
  readonly #receipts = new Gathered<Receipt>((receipts) => this.#handle(receipts));
  readonly #readers: RoomReaders;

  constructor(parts: ReceiptsParts) {
    this.#parts = parts;
    this.#readers = new RoomReaders(parts);
  }

  async receipt(login: Login, network: Network, { ids, ...receipt }: RemoteReceipt): Promise<void> {
    for (let start = 0; start < ids.length; start += BATCH) {
      const key = { login: login.id, chat: receipt.chat };
      const batch = ids.slice(start, start + BATCH);
      const ours = await Promise.all(batch.map((id) => ourId(this.#parts.store, network, key, id)));
      const what = JSON.stringify([login.id, receipt.chat, receipt.kind, ours]);
      await this.#receipts.add(what, { login, network, receipt: { ...receipt, ids: ours } });
    }
  }

  async #handle(receipts: readonly Receipt[]): Promise<void> {
    const [first] = receipts;
    if (!first) return;
    const { store } = this.#parts;
    const { login, network } = first;
    const { chat, ids, kind } = first.receipt;
    const people = [...new Set(receipts.map(({ receipt }) => receipt.person))];
    const key = { login: login.id, chat };
    const portal = await store.portals.byChat(key);
    const receive = await this.#received(first, people, portal?.kind === "group");
    if (kind === "delivered") return receive && store.write(receive);
    const read = await this.#newest(key, ids);
    const readers = new Map<PersonId, string>();
    for (const person of people) {
      const reader = portal?.kind === "group" ? `${chat} ${person}` : chat;
      const isForward = read !== undefined && read.at >= (await this.#readBefore(login.id, reader));
      if (isForward) readers.set(person, reader);
    }
    if (!receive && readers.size === 0) return;
    await store.write((tx) => {
      receive?.(tx);
      for (const reader of readers.values()) tx.records.set(scopeOf(login.id), reader, String(read?.at));
    });
    if (!portal?.room || !read) return;
    for (const person of readers.keys()) {
      const ghost = await store.ghosts.byPerson(network.id, person);
      if (ghost) this.#readers.want({ ghost: ghost.user, room: portal.room, event: read.event });
    }
  }

  /**
   * The writes that messages were received, those that were given up included, and that their statuses say so; undefined
   * where there are none.
   */
  async #received(
    { login, network, receipt: { chat, person, ids, kind } }: Receipt,
    people: readonly PersonId[],
    isGroup: boolean,
  ): Promise<((tx: Writes) => void) | undefined> {
    const { store, delivery, statuses } = this.#parts;
    const key = { login: login.id, chat };
    const failed = (await store.networkOutbox.allFailed(key)).filter(({ remoteId }) =>
      ids.includes(remoteId),
    );
    const arrived = await Promise.all(failed.map((row) => delivery.arrived(row, "receipt")));
    const show =
      !isGroup && statuses.follows(login.user) ? await this.#shown(key, network, { person, ids }) : undefined;
    // What one member of a group has, another may still ask for again.
    const reach = isGroup ? await reached(store, key, people) : undefined;
    if (isGroup && !reach && arrived.length === 0) return undefined;
    return (tx) => {
      for (const one of arrived) one(tx);
      reach?.(tx);
      if (!isGroup) tx.networkOutbox.receipt(key, ids, kind === "delivered" ? "delivered" : "read");
      show?.(tx);
    };
  }

  /** The statuses of messages that a contact has got. */
  async #shown(
    key: PortalKey,
    network: Network,
    { person, ids }: Pick<RemoteReceipt, "person" | "ids">,
  ): Promise<((tx: Writes) => void) | undefined> {
    const { store, delivery } = this.#parts;
    const ghost = await store.ghosts.byPerson(network.id, person);
    const rows = await Promise.all(ids.map((id) => store.networkOutbox.byRemote(key, id)));
    return (
      ghost &&
      delivery.delivered(
        rows.filter((row) => row !== undefined),
        ghost.user,
      )
    );
  }

  /** The newest of these ids' messages, or edits and reactions, of our person. */
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

  /** The time of the newest message that somebody has read; 0 where a clock far ahead stored it. */
  async #readBefore(login: LoginId, reader: string): Promise<number> {
    const { store, clock } = this.#parts;
    const at = Number((await store.records.get(scopeOf(login), reader)) ?? 0);
    return at > clock.now() + DAY ? 0 : at;
  }

  signal(login: Login, network: Network, signal: RemoteSignal): void {
    const key = `${login.id} ${signal.chat} ${signal.sender}`;
    if (signal.active) this.#typists.set(key, signal);
    else this.#typists.delete(key);
    this.#typing.want(key, { login, network, signal });
  }

  /** A contact wrote: with that they have stopped typing, whether they say so or not. */
  wrote(login: Login, network: Network, chat: ChatId, sender: PersonId): void {
    const typed = this.#typists.get(`${login.id} ${chat} ${sender}`);
    if (typed !== undefined) this.signal(login, network, { ...typed, active: false });
  }

  async #showTyping({ login, network, signal: { chat, sender, active } }: Typing): Promise<void> {
    const { store, homeserver } = this.#parts;
    const portal = await store.portals.byChat({ login: login.id, chat });
    const ghost = await store.ghosts.byPerson(network.id, sender);
    if (portal?.room && ghost) await homeserver.setTyping(ghost.user, portal.room, active);
  }

  async #orLog(act: Promise<void>): Promise<void> {
    try {
      await act;
    } catch (error) {
      this.#parts.log.debug("a receipt was not shown", faultOf(error));
    }
  }
}
