import { BridgeError } from "../model/errors.ts";
import type { RoomId } from "../model/ids.ts";
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
export type PortalWithRoom = Portal & { readonly room: RoomId };

/** The login that a chat belongs to, its network, and how the chat is shown. */
export interface ChatOwner {
  readonly login: Login;
  readonly network: Network;
  readonly profile: ChatProfile;
}

/** Makes the state event that tells clients what a chat's room can be used for. */
export type RoomFeatures = (
  chat: Pick<ChatOwner, "login" | "network"> & Pick<Portal, "chat" | "kind">,
) => EncodedEvent;

/** Why a chat's room is checked. */
export interface Doubt {
  readonly room: RoomId;
  /** Whether the contact could not write there. */
  readonly writing?: boolean;
  /** Whether a new room is wanted, whatever the condition of this one. */
  readonly anyway?: boolean;
  /** Whether the chat may only go to a room that replaced this one; no room is made. */
  readonly followOnly?: boolean;
}

/**
 * How long after a room was closed, in milliseconds, the bot may yet be invited to its replacement; clients invite at
 * once.
 */
const INVITE_GRACE = 30_000;
/** The most rooms that are made for a chat in a day without asking its person, as somebody may be closing each. */
const MAX_NEW_ROOMS = 3;
const DAY = 86_400_000;
const LOOK_AGAIN = 3_600_000;
/** The most replacements of replacements that are followed. */
const MAX_HOPS = 5;

/**
 * Decides what becomes of a chat whose room cannot be used any more: it goes to the room that replaced it, if both
 * rooms agree on that, or to a new one. Its messages and its queued rows stay the chat's.
 */
export class Successions {
  readonly #parts: SuccessionsParts;

  constructor(parts: SuccessionsParts) {
    this.#parts = parts;
  }

  /**
   * The portal as it goes on: in its room, in another, or without one until one is made. Throws a `no-room` BridgeError
   * where that must wait.
   */
  async judge(portal: PortalWithRoom, owner: ChatOwner, doubt: Omit<Doubt, "room">): Promise<Portal> {
    if (doubt.anyway === true) return this.#leave(portal, undefined, "asked");
    const { homeserver, clock } = this.#parts;
    // The contact cannot write in an archive, so their power there does not matter.
    const writes = portal.state !== "archived" || doubt.writing === true;
    const users = { reader: owner.login.user, writer: writes ? owner.profile.contact?.user : undefined };
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
    await this.#limitNewRooms(portal, owner);
    return this.#leave(portal, undefined, condition.kind);
  }

  /** Resets the count of new rooms, because the person asked for one. */
  async allow({ login, chat }: Portal): Promise<void> {
    const { store, clock } = this.#parts;
    await store.write((tx) => tx.records.set(`login/${login}/new-room`, chat, String(clock.now())));
  }

  /**
   * Joins the room that a tombstone names. Both rooms must agree: otherwise anybody with power in one could move its
   * people into a room that has nothing to do with it (CVE-2021-32659). Undefined where the bot is not let in, or the
   * room cannot be used.
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
    const ours = (await this.#replaces(by)) === room && !(await homeserver.isUnreadable(by));
    const condition = ours ? await homeserver.roomCondition(by, users) : undefined;
    if (condition?.kind === "usable") return by;
    if (condition?.kind === "replaced" && condition.by !== undefined && depth < MAX_HOPS) {
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

  /** Whether a room is or was a chat's or a management room; going there could go round in circles. */
  async #isKnown(room: RoomId): Promise<boolean> {
    const { store } = this.#parts;
    const other =
      (await store.portals.ofRoom(room))[0] ??
      (await store.formerRooms.get(room)) ??
      (await store.rooms.owner(room));
    return other !== undefined;
  }

  async #limitNewRooms(
    portal: PortalWithRoom,
    { login, network, profile: { name } }: ChatOwner,
  ): Promise<void> {
    const { store, clock, tell } = this.#parts;
    const { chat } = portal;
    const since = Number((await store.records.get(`login/${login.id}/new-room`, chat)) ?? "0");
    const made = (await store.formerRooms.of(portal)).filter(
      ({ followed, at }) => !followed && at > since && Math.abs(clock.now() - at) < DAY,
    );
    const newest = made.at(-1);
    if (made.length < MAX_NEW_ROOMS || newest === undefined) return;
    const words = `The room of your chat with ${name} was taken away ${MAX_NEW_ROOMS + 1} times in a day, so I make no further one by myself before tomorrow. What ${name} writes waits here. Ask your administrator what happens to these rooms, and write “new-room ${network.id} ${name}” to me to have one now.`;
    const scope = `login/${login.id}/no-room`;
    if ((await store.records.get(scope, chat)) !== newest.room) {
      await tell(login.user, words, (tx) => tx.records.set(scope, chat, newest.room));
    }
    throw noRoom(words, LOOK_AGAIN);
  }

  async #leave(portal: PortalWithRoom, successor: RoomId | undefined, why: string): Promise<Portal> {
    const { store, clock, random, log } = this.#parts;
    const { login, chat, room } = portal;
    // The next room that we make gets an alias of a new key; the room that was followed to has none of ours.
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

/** Milliseconds that remain for an invitation to the room after a closed one. */
export const stillToBeInvited = (now: number, closedAt: number): number =>
  INVITE_GRACE - Math.abs(now - closedAt);

export const noRoom = (words: string, retryAfter: number): BridgeError =>
  new BridgeError("no-room", { words, certain: true, retryAfter });
