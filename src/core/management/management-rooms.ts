import { BridgeError } from "../model/errors.ts";
import type { NetworkId, RoomId, UserId } from "../model/ids.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import type { Network } from "../ports/network.ts";
import type { Store } from "../ports/store.ts";
import type { Outbox } from "../runtime/outbox-rows.ts";
import type { Answers } from "./answers.ts";
import * as words from "./management-words.ts";
import { forgetPendingNotices, linesOf, pendingNoticesOf } from "./pending-notices.ts";

interface ManagementRoomsParts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly outbox: Outbox;
  readonly answers: Answers;
  readonly botName: string;
  readonly networks: ReadonlyMap<NetworkId, Network>;
}

/** Scope of the records that name rooms whose making is not confirmed yet. */
const MAKING = "management-room";

/** Where the bot and one person talk, alone and unencrypted; one room a person. Callers take the person's turn. */
export class ManagementRooms {
  readonly #parts: ManagementRoomsParts;
  /** Rooms known to hold nobody else. */
  readonly #private = new Set<RoomId>();

  constructor(parts: ManagementRoomsParts) {
    this.#parts = parts;
  }

  get #welcome(): string {
    return words.welcome(Array.from(this.#parts.networks.values()));
  }

  /** The person's room, made where there is none; one in which somebody else is now is left. */
  async of(user: UserId): Promise<RoomId> {
    const known = await this.#parts.store.rooms.of(user);
    return known !== undefined && (await this.stays(known, user)) ? known : this.#open(user);
  }

  /** Whether the room is still the person's and the bot's alone. Where it is not the bot says so and leaves. */
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

  /** Somebody came, went, or was asked in. */
  membersChanged(room: RoomId): void {
    this.#private.delete(room);
  }

  /** Makes a room the bot is in the person's, in place of the one before; says why where it cannot be. */
  async settle(room: RoomId, user: UserId, how: "new" | "known"): Promise<boolean> {
    const { homeserver, store, answers } = this.#parts;
    const others = (await homeserver.members(room)).filter((member) => member !== homeserver.bot);
    if (others.length !== 1 || others[0] !== user) {
      await this.#leave(room, words.DIRECT_ONLY);
      return false;
    }
    const { kind } = await homeserver.roomCondition(room, { writer: homeserver.bot });
    if (kind === "barred") {
      await homeserver.leave(homeserver.bot, room, words.NOT_TO_WRITE_IN);
      return false;
    }
    if (await homeserver.isEncrypted(room)) {
      await this.moveOut(room, user);
      return false;
    }
    const before = await store.rooms.of(user);
    const untold = linesOf(await pendingNoticesOf(store, user));
    const greeted = how === "known" || before === room;
    const rows = [
      ...(before === undefined || before === room ? [] : answers.farewell(before, words.MOVED)),
      ...(greeted ? [] : [answers.answer(room, this.#welcome)]),
      ...untold.map((one) => answers.notice(room, one)),
    ];
    await store.write((tx) => {
      tx.rooms.set(user, room);
      forgetPendingNotices(tx, user);
      for (const row of rows) tx.matrixOutbox.add(row);
    });
    return true;
  }

  /** Leaves a room the bot cannot read for one it can, in which the person is invited or is already. */
  async moveOut(encrypted: RoomId, user: UserId): Promise<void> {
    const { store, homeserver, answers } = this.#parts;
    const current = await store.rooms.of(user);
    const usable =
      current !== undefined &&
      current !== encrypted &&
      !(await homeserver.isEncrypted(current)) &&
      (await this.stays(current, user));
    const room = usable ? current : await this.#open(user);
    const rows = [...answers.farewell(encrypted, words.ENCRYPTED), answers.answer(room, this.#welcome)];
    await store.write((tx) => {
      tx.rooms.set(user, room);
      for (const row of rows) tx.matrixOutbox.add(row);
    });
  }

  /** The person is gone from their room: nobody is left to talk to. */
  async abandon(room: RoomId): Promise<void> {
    const { store, homeserver } = this.#parts;
    await homeserver.leave(homeserver.bot, room);
    await store.write((tx) => tx.rooms.remove(room));
  }

  /** Whether they are the only two there. Where the bot may not look, what is said there is not said to it. */
  async isBetween(room: RoomId, user: UserId): Promise<boolean> {
    const members = await this.#membersOf(room);
    const { bot } = this.#parts.homeserver;
    return members?.length === 2 && members.includes(bot) && members.includes(user);
  }

  async #leave(room: RoomId, why: string): Promise<void> {
    const { store, answers } = this.#parts;
    const rows = answers.farewell(room, why);
    await store.write((tx) => rows.forEach((row) => tx.matrixOutbox.add(row)));
  }

  /** Undefined where the homeserver does not let us know. */
  async #membersOf(room: RoomId): Promise<readonly UserId[] | undefined> {
    try {
      return await this.#parts.homeserver.members(room);
    } catch (error) {
      if (BridgeError.from(error).outage) throw error;
      return undefined;
    }
  }

  async #open(user: UserId): Promise<RoomId> {
    const { homeserver, store, outbox } = this.#parts;
    const key = (await store.records.get(MAKING, user)) ?? outbox.newId();
    await store.write((tx) => tx.records.set(MAKING, user, key));
    const room = await homeserver.createRoom({
      key,
      name: this.#parts.botName,
      topic: "Write “help” to see what the bridge can do.",
      direct: true,
      kind: "management",
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
