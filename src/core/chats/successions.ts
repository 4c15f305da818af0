import { BridgeError } from "../model/errors.ts";
import type { ChatId, RoomId } from "../model/ids.ts";
import type { Clock, Random } from "../ports/clock.ts";
import type { EncodedEvent, Homeserver, RoomUsers } from "../ports/homeserver.ts";
import type { Log } from "../ports/log.ts";
import type { Network } from "../ports/network.ts";
import type { Login, Portal } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";
import type { Tell } from "../runtime/tell.ts";
import type { ChatProfile } from "./chat-profiles.ts";

interface SuccessionsParts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly tell: Tell;
}

/** A chat that has a room. */
export type Housed = Portal & { readonly room: RoomId };

/** Whose chat it is. */
export interface Whose {
  readonly login: Login;
  readonly network: Network;
  readonly profile: ChatProfile;
}

/** What a chat's room advertises that it can be used for. */
export type Features = (chat: Pick<Whose, "login" | "network"> & { readonly chat: ChatId }) => EncodedEvent;

/** Why a room is looked at. */
export interface Doubt {
  readonly room: RoomId;
  /** The contact could not write there. */
  readonly writing?: boolean;
  /** A new room is wanted, whatever the old one is like. */
  readonly anyway?: boolean;
  /** Only a room that took this one's place is gone to; none is made. */
  readonly followOnly?: boolean;
}

/** Milliseconds from a room's end in which the bot may yet be invited to the one after it: clients do that at once. */
const GRACE = 30_000;
/** Rooms made for a chat in a day, before its person is asked: somebody may be undoing each. */
const MOST = 3;
const DAY = 86_400_000;
const LOOK_AGAIN = 3_600_000;
/** Replacements of replacements that are followed. */
const DEEPEST = 5;

/**
 * Decides what becomes of a chat whose room can be used no more: it goes to the room that took its place, where that
 * is true, or to one that is made. Its messages, and what is queued for it, stay the chat's.
 */
export class Successions {
  readonly #parts: SuccessionsParts;

  constructor(parts: SuccessionsParts) {
    this.#parts = parts;
  }

  /**
   * The chat as it goes on: in its room, in another, or without until one is made. Throws a `no-room` BridgeError where
   * that must be waited for.
   */
  async judge(portal: Housed, whose: Whose, doubt: Omit<Doubt, "room">): Promise<Portal> {
    if (doubt.anyway === true) return this.#leave(portal, undefined, "asked");
    const { homeserver, clock } = this.#parts;
    // In an archive the contact may not write as long as it is closed.
    const writes = portal.state !== "archived" || doubt.writing === true;
    const users = { reader: whose.login.user, writer: writes ? whose.profile.contact?.user : undefined };
    const condition = await homeserver.roomCondition(portal.room, users);
    if (condition.kind === "usable") return portal;
    if (condition.kind === "replaced" && condition.by !== undefined) {
      const next = await this.follow(portal.room, condition.by, users);
      if (next !== undefined) return this.#leave(portal, next, condition.kind);
      const wait = stillToBeInvited(clock.now(), condition.at);
      if (wait > 0)
        throw noRoom("The room was replaced by another, and the bridge is not invited there yet.", wait);
    }
    if (doubt.followOnly === true) return portal;
    await this.#bound(portal, whose);
    return this.#leave(portal, undefined, condition.kind);
  }

  /** The person asked for a room: what was made before does not count any more. */
  async allow({ login, chat }: Portal): Promise<void> {
    const { store, clock } = this.#parts;
    await store.write((tx) => tx.records.set(`login/${login}/new-room`, chat, String(clock.now())));
  }

  /**
   * Goes where a room's tombstone points. Both must agree: anybody who has power in one room could otherwise move its
   * people into a room that knows nothing of it (CVE-2021-32659). Undefined where the bot is not let in, or that room
   * cannot be used.
   */
  async follow(room: RoomId, by: RoomId, users: RoomUsers, depth = 0): Promise<RoomId | undefined> {
    const { homeserver } = this.#parts;
    if (await this.#isKnown(by)) return undefined;
    try {
      await homeserver.join(homeserver.bot, by);
    } catch (thrown) {
      const error = BridgeError.from(thrown);
      if (error.retryAfter !== undefined) throw error;
      return undefined;
    }
    const ours = (await this.#replaces(by)) === room && !(await homeserver.isEncrypted(by));
    const condition = ours ? await homeserver.roomCondition(by, users) : undefined;
    if (condition?.kind === "usable") return by;
    if (condition?.kind === "replaced" && condition.by !== undefined && depth < DEEPEST) {
      const next = await this.follow(by, condition.by, users, depth + 1);
      if (next !== undefined) return next;
    }
    await homeserver.leave(homeserver.bot, by);
    return undefined;
  }

  async #replaces(room: RoomId): Promise<unknown> {
    const create = await this.#parts.homeserver.getState(room, "m.room.create", "");
    const predecessor = create?.["predecessor"];
    return typeof predecessor === "object" && predecessor !== null && "room_id" in predecessor
      ? predecessor.room_id
      : undefined;
  }

  /** A room that is or was another's, or this chat's own before: going there would go round in circles. */
  async #isKnown(room: RoomId): Promise<boolean> {
    const { store } = this.#parts;
    const known =
      (await store.portals.ofRoom(room))[0] ??
      (await store.formerRooms.get(room)) ??
      (await store.rooms.owner(room));
    return known !== undefined;
  }

  async #bound(portal: Housed, { login, network, profile: { name } }: Whose): Promise<void> {
    const { store, clock, tell } = this.#parts;
    const { chat } = portal;
    const since = Number((await store.records.get(`login/${login.id}/new-room`, chat)) ?? "0");
    const made = (await store.formerRooms.of(portal)).filter(
      ({ followed, at }) => !followed && at > since && Math.abs(clock.now() - at) < DAY,
    );
    const newest = made.at(-1);
    if (made.length < MOST || newest === undefined) return;
    const words = `The room of your chat with ${name} was taken away ${MOST + 1} times in a day, so I make no further one by myself before tomorrow. What ${name} writes waits here. Ask your administrator what happens to these rooms, and write “new-room ${network.id} ${name}” to me to have one now.`;
    const scope = `login/${login.id}/no-room`;
    if ((await store.records.get(scope, chat)) !== newest.room) {
      await tell(login.user, words, (tx) => tx.records.set(scope, chat, newest.room));
    }
    throw noRoom(words, LOOK_AGAIN);
  }

  async #leave(portal: Housed, successor: RoomId | undefined, why: string): Promise<Portal> {
    const { store, clock, random, log } = this.#parts;
    const { login, chat, room } = portal;
    // A room that was followed to has no alias of ours.
    const createKey = random.uuid();
    await store.write((tx) => {
      tx.formerRooms.leave({ login, chat, room, successor, createKey, at: clock.now() });
    });
    log.warn("a chat's room cannot be used any more", { login, room, why, successor });
    const now = await store.portals.byChat(portal);
    if (now) return now;
    throw new BridgeError("gone", { words: "This chat was turned off meanwhile.", certain: true });
  }
}

/** Milliseconds in which an invitation to the room after one that was closed may yet come. */
export const stillToBeInvited = (now: number, closedAt: number): number => GRACE - Math.abs(now - closedAt);

export const noRoom = (words: string, retryAfter: number): BridgeError =>
  new BridgeError("no-room", { words, certain: true, retryAfter });
