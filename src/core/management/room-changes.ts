import { roomLink } from "../chats/carrying.ts";
import { commandTarget } from "../chats/command-target.ts";
import { chatOf, type OpenPortal, type Portals } from "../chats/portals.ts";
import type { Doubt, PortalWithRoom, Successions } from "../chats/successions.ts";
import type { MatrixEvent, PortalKey } from "../model/events.ts";
import type { NetworkId, RoomId } from "../model/ids.ts";
import type { Homeserver, MatrixEncoder } from "../ports/homeserver.ts";
import type { Network } from "../ports/network.ts";
import type { FormerRoom, Login, MatrixOutboxRow, Portal } from "../ports/rows.ts";
import type { Store, Writes } from "../ports/store.ts";
import type { OutboxRows } from "../runtime/outbox-rows.ts";
import type { ManagementSuccession } from "./management-succession.ts";

interface RoomChangesParts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly encoder: MatrixEncoder;
  readonly outbox: OutboxRows;
  readonly networks: ReadonlyMap<NetworkId, Network>;
  readonly portals: Portals;
  readonly successions: Successions;
  readonly management: ManagementSuccession;
  /** Wakes the lanes that wait for the chat's room, or for its former one. */
  readonly hurry: (key: PortalKey, before: RoomId | undefined) => void;
}

type RoomChanged = Extract<MatrixEvent, { readonly kind: "tombstone" | "room-access" }>;

const nothing = (): void => {};
const openedWords = (about: string): string =>
  `Anybody can come into this room now, or read it from outside, and so read what your contacts write. Make it a room for those who are invited, with a history for its members only; or write “unbridge ${about}” to me, in our own chat, and the chat gets a room of its own.`;

/** Handles signs that a chat's room can be used no more: a refused row, a tombstone, an invitation to its successor; or seen by anybody. */
export class RoomChanges {
  readonly #parts: RoomChangesParts;

  constructor(parts: RoomChangesParts) {
    this.#parts = parts;
  }

  /** Handles a refused row; answers whether its room was the reason and the row is queued for another room. */
  async refused(row: MatrixOutboxRow): Promise<boolean> {
    const { store, homeserver } = this.#parts;
    const [portal] = await store.portals.ofRoom(row.room);
    if (portal) {
      const writing = row.sender !== homeserver.bot;
      const open = await this.#ensureRoom({ ...portal, room: row.room }, { room: row.room, writing });
      return open !== undefined && open.portal.room !== row.room;
    }
    const former = await store.formerRooms.get(row.room);
    const now = former && (await store.portals.byChat(former));
    if (!former || !now) return false;
    if (former.carried) return this.#moveLateRow(row, now);
    return (await this.#ensureRoom(now, undefined)) !== undefined;
  }

  /** Handles what became of a chat's room; answers the writes of the notice to send there. */
  async changed(event: RoomChanged, portal: PortalWithRoom): Promise<(tx: Writes) => void> {
    if (event.kind === "tombstone") return this.#tombstoned(portal);
    const about = event.open ? await commandTarget(this.#parts.store, portal) : "";
    return about === "" ? nothing : this.#says(portal.room, openedWords(about));
  }

  async #tombstoned(portal: PortalWithRoom): Promise<(tx: Writes) => void> {
    const { store, homeserver } = this.#parts;
    const { bot } = homeserver;
    const { room } = portal;
    const open = await this.#ensureRoom(portal, { room, followOnly: true });
    if (open === undefined) return nothing;
    if (open.portal.room !== room) {
      this.#parts.hurry(portal, undefined);
      return nothing;
    }
    const { kind } = await homeserver.roomCondition(room, {});
    if (kind !== "replaced") return nothing;
    const { name } = open.profile;
    const about = await commandTarget(store, portal);
    const words = `This room was closed, and I am not in the room that took its place. Invite me there, ${bot}, and the chat goes on in it. Otherwise I make a new room when ${name} writes again, or when you write “new-room ${about}” to me.`;
    return this.#says(room, words);
  }

  #says(room: RoomId, words: string): (tx: Writes) => void {
    const { outbox, homeserver, encoder } = this.#parts;
    const row = outbox.row(room, homeserver.bot, encoder.notice(words));
    return (tx) => tx.matrixOutbox.add(row);
  }

  /** Handles the tombstone of another room. */
  closed(event: Extract<MatrixEvent, { kind: "tombstone" }>): Promise<(tx: Writes) => void> {
    return this.#parts.management.tombstoned(event);
  }

  /** Handles an invitation of the bot; answers whether the room is the successor of one of ours. */
  async invited({ room, user, replaces }: Extract<MatrixEvent, { kind: "member" }>): Promise<boolean> {
    const { store, homeserver, hurry, management } = this.#parts;
    if (replaces === undefined || user !== homeserver.bot) return false;
    const [portal] = await store.portals.ofRoom(replaces);
    if (portal) {
      const open = await this.#ensureRoom(
        { ...portal, room: replaces },
        { room: replaces, followOnly: true },
      );
      if (open?.portal.room !== room) return false;
      hurry(portal, replaces);
      return true;
    }
    if (await store.formerRooms.get(replaces)) {
      // The chat goes on in another room already.
      if ((await store.portals.ofRoom(room)).length === 0) await homeserver.leave(homeserver.bot, room);
      return true;
    }
    if ((await store.rooms.owner(replaces)) !== undefined) {
      const record = await management.follow(replaces);
      if (record === undefined) return false;
      await store.write(record);
      return true;
    }
    return this.#isSpaceAfter(room, replaces);
  }

  /** Makes a new room for a chat, on the person's command. */
  async renew(portal: Portal, login: Login, network: Network): Promise<OpenPortal> {
    const { successions, portals, hurry } = this.#parts;
    await successions.allow(portal);
    const { room } = portal;
    const doubt = room === undefined ? {} : { doubt: { room, anyway: true } };
    const key = { login: login.id, chat: portal.chat };
    const open = await portals.ensure({ login, network, key, chat: chatOf(portal), ...doubt });
    hurry(key, room);
    return open;
  }

  /** The words for a person who writes in a former room of a chat. */
  async elsewhere(former: FormerRoom): Promise<string> {
    const { store, homeserver } = this.#parts;
    const room = (await store.portals.byChat(former))?.room;
    return room === undefined
      ? "This chat has no room at the moment; this one cannot be used any more. A new one is made when your contact writes."
      : `This chat goes on in another room, please write there: ${roomLink(room, homeserver.serverName)}`;
  }

  /** Ensures the chat's room, with a doubt about the present one; undefined where its login or network is gone. */
  async #ensureRoom(portal: Portal, doubt: Doubt | undefined): Promise<OpenPortal | undefined> {
    const { store, networks, portals } = this.#parts;
    const login = await store.logins.get(portal.login);
    const network = networks.get(portal.network);
    if (login?.state !== "active" || !network) return undefined;
    const key = { login: login.id, chat: portal.chat };
    return portals.ensure({ login, network, key, chat: chatOf(portal), ...(doubt ? { doubt } : {}) });
  }

  /** Moves a late row of a former room: a message goes to the chat's room, a deletion is done by the bot. */
  async #moveLateRow(row: MatrixOutboxRow, { room }: Portal): Promise<boolean> {
    const { store, outbox, homeserver } = this.#parts;
    const { bot } = homeserver;
    if (row.type === "m.room.message" && room !== undefined) {
      const { "m.relates_to": _, ...content } = row.content;
      await store.write((tx) => tx.matrixOutbox.move(row.id, room, content));
      return true;
    }
    if (row.type !== "m.room.redaction" || row.sender === bot) return false;
    const anew = outbox.row(row.room, bot, { type: row.type, content: row.content });
    await store.write((tx) => {
      tx.matrixOutbox.abandon(row.id);
      tx.matrixOutbox.add(anew);
    });
    return true;
  }

  /** Joins a room that replaces a Space; answers whether it does. The Space's next use checks it. */
  async #isSpaceAfter(room: RoomId, replaces: RoomId): Promise<boolean> {
    const { homeserver } = this.#parts;
    const condition = await homeserver.roomCondition(replaces, {});
    if (condition.kind !== "replaced" || condition.by !== room) return false;
    const create = await homeserver.getState(replaces, "m.room.create", "");
    if (create?.["type"] !== "m.space") return false;
    await homeserver.join(homeserver.bot, room);
    return true;
  }
}
