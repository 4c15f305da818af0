import { BridgeError } from "../model/errors.ts";
import type { RoomId } from "../model/ids.ts";
import type { Homeserver, MatrixEncoder } from "../ports/homeserver.ts";
import type { FormerRoom, MatrixOutboxRow } from "../ports/rows.ts";
import type { Store, Writes } from "../ports/store.ts";
import type { OutboxRows } from "../runtime/outbox-rows.ts";
import type { SerialByKey } from "../runtime/serial-by-key.ts";
import { isAct } from "./archives.ts";
import { portalState } from "./bridge-info.ts";
import { commandTarget } from "./command-target.ts";
import { alone } from "./earlier-room.ts";
import type { Spaces } from "./spaces.ts";
import type { Features, Housed, Whose } from "./successions.ts";

interface CarryingParts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly encoder: MatrixEncoder;
  readonly outbox: OutboxRows;
  readonly inboxes: Pick<Spaces, "displace">;
  readonly sending: SerialByKey;
  readonly features: Features;
}

/** Brings to a chat's new room what was on its way to the one before, in its order, and ties the two together. */
export class Carrying {
  readonly #parts: CarryingParts;

  constructor(parts: CarryingParts) {
    this.#parts = parts;
  }

  /** What is to be committed when the room's people are asked there; undefined where nothing is left to be brought. */
  async carry(portal: Housed, whose: Whose): Promise<((tx: Writes) => void) | undefined> {
    const { store, homeserver, encoder, outbox, sending } = this.#parts;
    const before = (await store.formerRooms.of(portal)).filter(({ carried }) => !carried);
    const last = before.at(-1);
    if (last === undefined) return undefined;
    for (const former of before) await this.#leaveBehind(former, portal.room, whose);
    const words = last.followed ? await this.#putRight(portal, whose) : madeWords(this.#link(last.room));
    if (portal.state === "archived") await quietly(() => homeserver.archiveRoom(portal.room));
    const notice = outbox.row(portal.room, homeserver.bot, encoder.notice(words));
    // What is under way there arrives there; nothing more is begun, as the chat has left.
    await Promise.all(before.map(({ room }) => sending.run(room, async () => {})));
    const rows: MatrixOutboxRow[] = [];
    const all = await store.matrixOutbox.count();
    for (const { room } of before) rows.push(...(await store.matrixOutbox.next(room, all, Infinity)));
    return (tx) => {
      tx.matrixOutbox.add(notice);
      for (const row of rows)
        if (this.#goesAlong(row)) tx.matrixOutbox.move(row.id, portal.room, brought(row));
      for (const { room } of before) tx.formerRooms.carried(room);
    };
  }

  /** Marks of the bot's on events of the old room are of use only there. */
  #goesAlong({ sender, type, target, stateKey }: MatrixOutboxRow): boolean {
    if (type === "m.room.redaction") return target !== undefined;
    if (sender !== this.#parts.homeserver.bot) return true;
    return (
      type === "m.room.message" || isAct({ type }) || (stateKey !== undefined && type !== "m.room.member")
    );
  }

  /** The old room says where the chat is, and is in nobody's list any more, as far as the bot may. */
  async #leaveBehind({ room, followed }: FormerRoom, next: RoomId, whose: Whose): Promise<void> {
    const { homeserver, inboxes } = this.#parts;
    const { login, network, profile } = whose;
    const ghost = profile.contact?.user;
    await quietly(() => inboxes.displace({ user: login.user, network, room, ghost }), lost);
    if (followed) return;
    const content = { body: "This chat goes on in another room.", replacement_room: next };
    await quietly(() => homeserver.setState(homeserver.bot, room, "m.room.tombstone", "", content), lost);
  }

  /** Makes of a room that somebody else made what a portal is; the words for its people. */
  async #putRight(
    portal: Housed,
    { login, network, profile: { name, title, shown } }: Whose,
  ): Promise<string> {
    const { store, homeserver, features } = this.#parts;
    const { bot } = homeserver;
    const { room, chat } = portal;
    const condition = await homeserver.roomCondition(room, {});
    if (condition.kind !== "usable" || condition.weak) {
      const about = await commandTarget(store, portal);
      return `The chat with ${name} goes on here, in the room that took the earlier one's place. I have no power here, so the room's name stays when ${name}'s changes, and I cannot close the room when the chat ends. Give me, ${bot}, power level 100, or write “new-room ${about}” to me to go on in a room of mine.`;
    }
    await homeserver.adoptRoom(room);
    await homeserver.setState(bot, room, "m.room.name", "", { name: shown });
    const described = { bot, login, network, chat, kind: portal.kind, name: title };
    for (const { type, stateKey, content } of portalState(described, features({ login, network, chat }))) {
      await homeserver.setState(bot, room, type, stateKey, content);
    }
    return `The chat with ${name} goes on here, in the room that took the earlier one's place.`;
  }

  #link(room: RoomId): string {
    return roomLink(room, this.#parts.homeserver.serverName);
  }
}

/** An address that every client opens (spec: matrix.to navigation). */
export const roomLink = (room: RoomId, server: string): string =>
  `https://matrix.to/#/${encodeURIComponent(room)}?via=${server}`;

const madeWords = (link: string): string =>
  `This chat had another room until now, which cannot be used any more. What was written there before can be read there, if the room still exists: ${link}`;

/** What the bot said to an event of the old room stands alone in the new one. */
const brought = ({ content, target, link }: MatrixOutboxRow): MatrixOutboxRow["content"] =>
  target === undefined && link === undefined ? alone(content) : content;

/** For what the bot may not be let do in a room that is no more its own. */
async function quietly(
  act: () => Promise<void>,
  may = ({ shut }: BridgeError): boolean => shut,
): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!may(BridgeError.from(error))) throw error;
  }
}

/** A room on which the homeserver fails is left as it is: the chat has another. */
const lost = ({ shut, reason }: BridgeError): boolean => shut || reason === "homeserver-fault";
