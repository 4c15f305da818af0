import { BridgeError } from "../model/errors.ts";
import type { RoomId } from "../model/ids.ts";
import type { Homeserver, MatrixEncoder } from "../ports/homeserver.ts";
import type { FormerRoom, MatrixOutboxRow } from "../ports/rows.ts";
import type { Store, Writes } from "../ports/store.ts";
import type { OutboxRows } from "../runtime/outbox-rows.ts";
import type { SerialByKey } from "../runtime/serial-by-key.ts";
import { isAct } from "./archives.ts";
import { portalState } from "./bridge-info.ts";
import { adoptBridged } from "./bridged/adoption.ts";
import { bridgedRoom, setBridged } from "./bridged/bridged-rooms.ts";
import { partingAct } from "./bridged/partings.ts";
import { commandTarget } from "./command-target.ts";
import { alone } from "./earlier-room.ts";
import type { Spaces } from "./spaces.ts";
import type { ChatOwner, PortalWithRoom, RoomFeatures } from "./successions.ts";

interface CarryingParts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly encoder: MatrixEncoder;
  readonly outbox: OutboxRows;
  readonly spaces: Pick<Spaces, "displace">;
  readonly sending: SerialByKey;
  readonly features: RoomFeatures;
}

/** Moves the queued rows of a chat's former rooms to its new room, in their order, and links the rooms. */
export class Carrying {
  readonly #parts: CarryingParts;

  constructor(parts: CarryingParts) {
    this.#parts = parts;
  }

  /** Returns the writes for when the new room's people are invited; undefined where nothing is left to move. */
  async carry(portal: PortalWithRoom, owner: ChatOwner): Promise<((tx: Writes) => void) | undefined> {
    const { store, homeserver, encoder, outbox, sending } = this.#parts;
    const formerRooms = (await store.formerRooms.of(portal)).filter(({ carried }) => !carried);
    const last = formerRooms.at(-1);
    const bridged = await adoptBridged(this.#parts, portal, owner);
    if (last === undefined) return bridged;
    const isPeoples = await this.#isOfBridged(formerRooms);
    const handedOver: ((tx: Writes) => void)[] = [];
    for (const former of formerRooms) {
      const isTheirs = !former.followed && (await bridgedRoom(store, former.room)) !== undefined;
      if (isTheirs) handedOver.push(this.#handOver({ ...portal, room: former.room }, portal.room));
      else await this.#leaveBehind(former, portal.room, owner);
    }
    const words = await this.#words(portal, owner, last, { isBridged: bridged !== undefined, isPeoples });
    if (portal.state === "archived" && !isPeoples && bridged === undefined)
      await ifAllowed(() => homeserver.archiveRoom(portal.room));
    const notice =
      words === undefined ? undefined : outbox.row(portal.room, homeserver.bot, encoder.notice(words));
    // Waits for sends that are under way to a former room. No more begin, because the chat has left it.
    await Promise.all(formerRooms.map(({ room }) => sending.run(room, async () => {})));
    const rows: MatrixOutboxRow[] = [];
    const all = await store.matrixOutbox.count();
    for (const { room } of formerRooms) rows.push(...(await store.matrixOutbox.next(room, all, Infinity)));
    return (tx) => {
      bridged?.(tx);
      const { room, login, chat } = portal;
      if (isPeoples) setBridged(tx, { room, login, chat, begun: false });
      if (notice) tx.matrixOutbox.add(notice);
      for (const row of rows)
        if (this.#isMoved(row)) tx.matrixOutbox.move(row.id, portal.room, movedContent(row));
      for (const { room } of formerRooms) tx.formerRooms.carried(room);
      for (const handOver of handedOver) handOver(tx);
    };
  }

  /** The writes by which a room that people made is an ordinary one again, though its chat goes on in another. */
  #handOver(former: PortalWithRoom, next: RoomId): (tx: Writes) => void {
    const words = `This is an ordinary room from here on; the chat goes on in another: ${this.#link(next)}`;
    return partingAct(this.#parts, { portal: former, how: "unbridge", words });
  }

  /** What is said of the room that the chat had before; a bridged room says all itself. */
  async #words(
    portal: PortalWithRoom,
    owner: ChatOwner,
    { followed, room }: FormerRoom,
    { isBridged, isPeoples }: { readonly isBridged: boolean; readonly isPeoples: boolean },
  ): Promise<string | undefined> {
    if (isBridged) return undefined;
    return followed ? this.#adopt(portal, owner, isPeoples) : madeWords(this.#link(room));
  }

  /** Whether the new room took the place of one that its person bridged, and so is theirs too. */
  async #isOfBridged(formerRooms: readonly FormerRoom[]): Promise<boolean> {
    for (const { room, followed } of formerRooms.toReversed()) {
      if (!followed) return false;
      if (await bridgedRoom(this.#parts.store, room)) return true;
    }
    return false;
  }

  /** Whether a row moves. The bot's marks on events of a former room are of use only there. */
  #isMoved({ sender, type, target, stateKey }: MatrixOutboxRow): boolean {
    if (type === "m.room.redaction") return target !== undefined;
    if (sender !== this.#parts.homeserver.bot) return true;
    return (
      type === "m.room.message" || isAct({ type }) || (stateKey !== undefined && type !== "m.room.member")
    );
  }

  /** Points the former room to the new one and takes it out of people's lists, as far as the bot may. */
  async #leaveBehind({ room, followed }: FormerRoom, next: RoomId, owner: ChatOwner): Promise<void> {
    const { homeserver, spaces } = this.#parts;
    const { login, network, profile } = owner;
    const ghost = profile.contact?.user;
    await ifAllowed(() => spaces.displace({ user: login.user, network, room, ghost }), isShutOrFailing);
    if (followed) return;
    const content = { body: "This chat goes on in another room.", replacement_room: next };
    await ifAllowed(
      () => homeserver.setState(homeserver.bot, room, "m.room.tombstone", "", content),
      isShutOrFailing,
    );
  }

  /** Gives a room that somebody else made a portal's state. Returns the words for its people. */
  async #adopt(
    portal: PortalWithRoom,
    { login, network, profile: { name, title, shown } }: ChatOwner,
    isPeoples: boolean,
  ): Promise<string> {
    const { store, homeserver, features } = this.#parts;
    const { bot } = homeserver;
    const { room, chat } = portal;
    const condition = await homeserver.roomCondition(room, {});
    if (condition.kind !== "usable" || condition.weak) {
      const about = await commandTarget(store, portal);
      return `The chat with ${name} goes on here, in the room that took the earlier one's place. I have no power here, so the room's name stays when ${name}'s changes, and I cannot close the room when the chat ends. Give me, ${bot}, power level 100, or write “new-room ${about}” to me to go on in a room of mine.`;
    }
    // A room of people's own keeps its rules.
    if (!isPeoples) await homeserver.adoptRoom(room);
    await homeserver.setState(bot, room, "m.room.name", "", { name: shown });
    const described = { bot, login, network, chat, kind: portal.kind, name: title };
    const granted = features({ login, network, chat, kind: portal.kind });
    for (const { type, stateKey, content } of portalState(described, granted)) {
      await homeserver.setState(bot, room, type, stateKey, content);
    }
    return `The chat with ${name} goes on here, in the room that took the earlier one's place.`;
  }

  #link(room: RoomId): string {
    return roomLink(room, this.#parts.homeserver.serverName);
  }
}

/** A link to a room that every client can open (spec: matrix.to navigation). */
export const roomLink = (room: RoomId, server: string): string =>
  `https://matrix.to/#/${encodeURIComponent(room)}?via=${server}`;

const madeWords = (link: string): string =>
  `This chat had another room until now, which cannot be used any more. What was written there before can be read there, if the room still exists: ${link}`;

/** The content of a row in the new room. A reply of the bot to an event of a former room stands alone there. */
const movedContent = ({ content, target, link }: MatrixOutboxRow): MatrixOutboxRow["content"] =>
  target === undefined && link === undefined ? alone(content) : content;

/** Runs an act that the bot may not be allowed to do in a room that is no longer its own. */
async function ifAllowed(
  act: () => Promise<void>,
  isIgnored = ({ shut }: BridgeError): boolean => shut,
): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!isIgnored(BridgeError.from(error))) throw error;
  }
}

/** A former room on which the homeserver fails is left as it is. */
const isShutOrFailing = ({ shut, reason }: BridgeError): boolean => shut || reason === "homeserver-fault";
