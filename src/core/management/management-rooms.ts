import { BridgeError } from "../model/errors.ts";
import type { NetworkId, RoomId, UserId } from "../model/ids.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import type { Network } from "../ports/network.ts";
import type { SettingsPage } from "../ports/settings-page.ts";
import type { Store } from "../ports/store.ts";
import type { OutboxRows } from "../runtime/outbox-rows.ts";
import type { Answers } from "./answers.ts";
import * as words from "./management-words.ts";
import { forgetPendingNotices, linesOf, pendingNoticesOf } from "./pending-notices.ts";
import { offerWords } from "./room-offers.ts";

interface ManagementRoomsParts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly outbox: OutboxRows;
  readonly answers: Answers;
  readonly botName: string;
  readonly settingsPage?: SettingsPage;
  readonly networks: ReadonlyMap<NetworkId, Network>;
}

/** The scope of the records with the alias key of each person's room that is being made. */
const MAKING = "management-room";

/** The management rooms: one a person, with the bot alone, unencrypted. Call its methods in the person's `serial`. */
export class ManagementRooms {
  readonly #parts: ManagementRoomsParts;
  /** Rooms that were found to have only the person and the bot. */
  readonly #private = new Set<RoomId>();

  constructor(parts: ManagementRoomsParts) {
    this.#parts = parts;
  }

  get #welcome(): string {
    const { networks, settingsPage } = this.#parts;
    return words.welcome(Array.from(networks.values()), settingsPage !== undefined);
  }

  /** The person's room, made where there is none; the bot leaves one that somebody else has joined. */
  async of(user: UserId): Promise<RoomId> {
    const existing = await this.#parts.store.rooms.of(user);
    return existing !== undefined && (await this.stays(existing, user))
      ? existing
      : this.#open(user, existing);
  }

  /** Whether only the person and the bot are in the room; if not, the bot says so and leaves. */
  async stays(room: RoomId, user: UserId): Promise<boolean> {
    if (this.#private.has(room)) return true;
    const { homeserver, store, answers } = this.#parts;
    const members = await this.#membersOf(room);
    if (members === undefined) return true;
    if (members.every((member) => member === homeserver.bot || member === user)) {
      if (members.includes(user)) this.#private.add(room);
      return true;
    }
    const rows = answers.farewell(room, words.NOT_ALONE);
    await store.write((tx) => {
      tx.rooms.remove(room);
      for (const row of rows) tx.matrixOutbox.add(row);
    });
    return false;
  }

  /** To be called when somebody joined, left or was invited. */
  membersChanged(room: RoomId): void {
    this.#private.delete(room);
  }

  /** Makes a room of the bot the person's management room, in place of the one before; else leaves it with the reason. */
  async settle(room: RoomId, user: UserId, how: "new" | "known"): Promise<boolean> {
    const { homeserver, store, answers } = this.#parts;
    const others = (await homeserver.members(room)).filter((member) => member !== homeserver.bot);
    if (others.length !== 1 || others[0] !== user) {
      await this.#offerOrLeave(room, user);
      return false;
    }
    const { kind } = await homeserver.roomCondition(room, { writer: homeserver.bot });
    if (kind === "barred") {
      await homeserver.leave(homeserver.bot, room, words.NOT_TO_WRITE_IN);
      return false;
    }
    if (await homeserver.isUnreadable(room)) {
      await this.moveOut(room, user);
      return false;
    }
    const before = await store.rooms.of(user);
    const pending = linesOf(await pendingNoticesOf(store, user));
    const greeted = how === "known" || before === room;
    const rows = [
      ...(before === undefined || before === room ? [] : answers.farewell(before, words.MOVED)),
      ...(greeted ? [] : [answers.answer(room, this.#welcome)]),
      ...pending.map((one) => answers.notice(room, one)),
    ];
    await store.write((tx) => {
      tx.rooms.set(user, room);
      forgetPendingNotices(tx, user);
      for (const row of rows) tx.matrixOutbox.add(row);
    });
    return true;
  }

  /** Leaves an encrypted room for one that the bot can read, to which it invites the person. */
  async moveOut(encrypted: RoomId, user: UserId): Promise<void> {
    const { store, homeserver, answers } = this.#parts;
    const current = await store.rooms.of(user);
    const usable =
      current !== undefined &&
      current !== encrypted &&
      !(await homeserver.isUnreadable(current)) &&
      (await this.stays(current, user));
    const room = usable ? current : await this.#open(user);
    const rows = [...answers.farewell(encrypted, words.ENCRYPTED), answers.answer(room, this.#welcome)];
    await store.write((tx) => {
      tx.rooms.set(user, room);
      for (const row of rows) tx.matrixOutbox.add(row);
    });
  }

  /** Leaves a room that its person has left. */
  async abandon(room: RoomId): Promise<void> {
    const { store, homeserver } = this.#parts;
    await homeserver.leave(homeserver.bot, room);
    await store.write((tx) => tx.rooms.remove(room));
  }

  /** Whether the person and the bot are the only two members; false where the bot may not read the members. */
  async isBetween(room: RoomId, user: UserId): Promise<boolean> {
    const members = await this.#membersOf(room);
    const { bot } = this.#parts.homeserver;
    return members?.length === 2 && members.includes(bot) && members.includes(user);
  }

  /** Says what the bot can do in a room with others; else leaves it with the reason. */
  async #offerOrLeave(room: RoomId, user: UserId): Promise<void> {
    const { store, answers } = this.#parts;
    const offer = await offerWords(this.#parts, room, user);
    const rows =
      offer === undefined ? answers.farewell(room, words.DIRECT_ONLY) : [answers.answer(room, offer)];
    await store.write((tx) => rows.forEach((row) => tx.matrixOutbox.add(row)));
  }

  /** The room's members; undefined where the homeserver refuses to tell the bot. */
  async #membersOf(room: RoomId): Promise<readonly UserId[] | undefined> {
    try {
      return await this.#parts.homeserver.members(room);
    } catch (error) {
      if (BridgeError.from(error).outage) throw error;
      return undefined;
    }
  }

  /** `after`: the room that it takes the place of. */
  async #open(user: UserId, after?: RoomId): Promise<RoomId> {
    const { homeserver, store, outbox } = this.#parts;
    const key = (await store.records.get(MAKING, user)) ?? outbox.newId();
    await store.write((tx) => tx.records.set(MAKING, user, key));
    const room = await homeserver.createRoom({
      key,
      name: this.#parts.botName,
      topic: "Write “help” to see what the bridge can do.",
      direct: true,
      kind: "management",
      after,
      state: [],
    });
    await homeserver.invite(homeserver.bot, user, room, { direct: true });
    await store.write((tx) => {
      tx.rooms.set(user, room);
      tx.records.remove(MAKING, user);
    });
    return room;
  }
}
