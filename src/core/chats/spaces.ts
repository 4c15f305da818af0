import { BridgeError } from "../model/errors.ts";
import type { RoomId, UserId } from "../model/ids.ts";
import type { Puppets } from "../ports/double-puppets.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { Network } from "../ports/network.ts";
import type { Store } from "../ports/store.ts";
import type { OutboxRows } from "../runtime/outbox-rows.ts";
import { SerialByKey } from "../runtime/serial-by-key.ts";
import type { Avatar, Avatars } from "./avatars.ts";
import { bridgedRoom } from "./bridged/bridged-rooms.ts";
import type { Successions } from "./successions.ts";

/** `separate`: in a Space with one sub-space for each network. `combined`: among the direct chats. */
export type InboxMode = "separate" | "combined";

const GONE =
  "Your Space “Third-party chats” is gone, so new chats come into a new one. " +
  "Write “inbox separate” to me to have the others in it too, or “inbox combined” to do without a Space.";

const MODE = "inbox";
const SPACE = "space";
const SPACE_KEY = "space-key";

const SPACE_NAME = "Third-party chats";

interface NewSpace {
  readonly part: string;
  readonly name: string;
  readonly drawn: Avatar;
  readonly within?: RoomId;
}

interface SpacesParts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly outbox: OutboxRows;
  readonly puppets: Puppets;
  readonly avatars: Avatars;
  readonly log: Log;
  readonly tell: (user: UserId, words: string) => void;
  readonly follow: Successions["follow"];
}

interface SharedRoom {
  readonly user: UserId;
  readonly network: Pick<Network, "id">;
  readonly room: RoomId;
}

/** A portal's room, and whose lists of chats it belongs in. */
export interface PlacedChat extends SharedRoom {
  readonly network: Pick<Network, "id" | "name" | "colour">;
  /** The ghost of a direct chat's contact; undefined for a group, which is no direct chat. */
  readonly ghost: UserId | undefined;
}

/** Keeps people's portals where they want them, and moves them when they choose otherwise. */
export class Spaces {
  readonly #parts: SpacesParts;
  readonly #serial = new SerialByKey();

  constructor(parts: SpacesParts) {
    this.#parts = parts;
  }

  async mode(user: UserId): Promise<InboxMode> {
    return (await this.#parts.store.records.get(MODE, user)) === "separate" ? "separate" : "combined";
  }

  async choose(user: UserId, mode: InboxMode): Promise<void> {
    await this.#parts.store.write((tx) => tx.records.set(MODE, user, mode));
  }

  /** Whether the bridge can change people's own lists of chats, by the second registration. */
  puppets(): Promise<boolean> {
    return this.#parts.puppets.installed();
  }

  /** The Space in which a new chat of the person is made; undefined where it is in none. */
  async spaceFor({ user, network }: Pick<PlacedChat, "user" | "network">): Promise<RoomId | undefined> {
    if ((await this.mode(user)) !== "separate") return undefined;
    return this.#serial.run(user, () => this.#networkSpace(user, network));
  }

  /** Makes the Space of a network that is on, though it has no chat yet. */
  async prepare(user: UserId, network: PlacedChat["network"]): Promise<void> {
    if ((await this.mode(user)) === "separate") await this.#networkSpace(user, network);
  }

  /** Puts a portal where it belongs now, wherever it was before. Idempotent. */
  async place(placed: PlacedChat): Promise<void> {
    const { user, network, room } = placed;
    const mode = await this.mode(user);
    if (mode === "separate") {
      const space = await this.#serial.run(user, () => this.#networkSpace(user, network));
      await this.#setJoinRule(placed, space);
      await this.#setChild(space, room, true);
    } else {
      const space = await this.#currentSpace(user, network.id);
      if (space) await this.#setChild(space, room, false);
      await this.#setJoinRule(placed, undefined);
    }
    await this.#updateOwnLists(placed, mode);
  }

  /** Takes a room that others go on in out of a person's Space, so that they cannot come in again by it. */
  async part(placed: SharedRoom): Promise<void> {
    const { user, network, room } = placed;
    await this.#setJoinRule(placed, undefined);
    const space = await this.#storedSpace(user, network.id);
    if (space === undefined) return;
    try {
      await this.#setChild(space, room, false);
    } catch (error) {
      if (BridgeError.from(error).outage) throw error;
      this.#parts.log.warn("a Space still lists a room that its person left", { room, ...faultOf(error) });
    }
  }

  /** Takes a chat's former room out of the person's lists. */
  async displace({ user, network, room, ghost }: SharedRoom & Pick<PlacedChat, "ghost">): Promise<void> {
    const { homeserver, puppets, log } = this.#parts;
    const space = await this.#storedSpace(user, network.id);
    if (space) await homeserver.setState(homeserver.bot, space, "m.space.child", room, {});
    try {
      if (ghost === undefined || !(await puppets.installed())) return;
      const chats = await puppets.directChats(user);
      const others = (chats[ghost] ?? []).filter((chat) => chat !== room);
      if (others.length === (chats[ghost] ?? []).length) return;
      await puppets.setDirectChats(user, { ...chats, [ghost]: others });
    } catch (error) {
      log.warn("a person's own list of chats was not kept in step", { room, ...faultOf(error) });
    }
  }

  /** Tags a closed chat as low priority in people's lists, or removes the tag when it goes on. */
  async setAside(room: RoomId, aside: boolean): Promise<void> {
    const { puppets, homeserver, log } = this.#parts;
    try {
      if (!(await puppets.installed())) return;
      const people = (await homeserver.members(room)).filter((member) => !homeserver.isOurs(member));
      for (const user of people) await puppets.setTag(user, room, "m.lowpriority", aside);
    } catch (error) {
      log.warn("a chat was not put aside in a person's list", { room, ...faultOf(error) });
    }
  }

  /** Changes the person's own lists, where the second registration is installed; nothing is missing without it. */
  async #updateOwnLists({ user, room, ghost }: PlacedChat, mode: InboxMode): Promise<void> {
    const { puppets, log } = this.#parts;
    try {
      if (!(await puppets.installed())) return;
      const space = await this.#storedSpace(user, "");
      if (mode === "separate" && space) await puppets.join(user, space);
      await puppets.join(user, room);
      if (ghost === undefined) return;
      const chats = await puppets.directChats(user);
      const others = (chats[ghost] ?? []).filter((chat) => chat !== room);
      const rooms = mode === "combined" ? [...others, room] : others;
      if ((chats[ghost] ?? []).length === rooms.length) return;
      const { [ghost]: _before, ...rest } = chats;
      await puppets.setDirectChats(user, rooms.length === 0 ? rest : { ...rest, [ghost]: rooms });
    } catch (error) {
      log.warn("a person's own list of chats was not kept in step", { room, ...faultOf(error) });
    }
  }

  /**
   * The network's sub-space in the person's Space. Both are made where they do not exist or cannot be used any more.
   */
  async #networkSpace(user: UserId, network: PlacedChat["network"]): Promise<RoomId> {
    const { avatars } = this.#parts;
    const root =
      (await this.#currentSpace(user, "")) ??
      (await this.#create(user, { part: "", name: SPACE_NAME, drawn: avatars.own() }));
    const stored = await this.#currentSpace(user, network.id);
    const { id, name } = network;
    const space =
      stored ??
      (await this.#create(user, { part: id, name, drawn: avatars.ofNetwork(network), within: root }));
    // The Space around it may be a new one.
    if (stored) await this.#setJoinRule({ user, network, room: stored }, root);
    await this.#setChild(root, space, true);
    return space;
  }

  /** The person's Space, or a sub-space. One that cannot be used any more is forgotten: undefined. */
  async #currentSpace(user: UserId, part: string): Promise<RoomId | undefined> {
    const { store, homeserver, tell } = this.#parts;
    const stored = await this.#storedSpace(user, part);
    if (stored === undefined) return undefined;
    const space = await this.#usableSpace(stored, user);
    if (space === undefined) {
      await store.write((tx) => {
        tx.records.remove(SPACE, `${user} ${part}`);
        tx.records.remove(SPACE_KEY, `${user} ${part}`);
      });
      if (part === "") tell(user, GONE);
      return undefined;
    }
    if (space !== stored) await store.write((tx) => tx.records.set(SPACE, `${user} ${part}`, space));
    // A person who left the Space is invited again when something new is in it.
    if (part === "" && !(await homeserver.members(space)).includes(user)) {
      await homeserver.invite(homeserver.bot, user, space, { direct: false });
    }
    return space;
  }

  /** The Space, or the room that replaced it, where the bot may change what is in it. */
  async #usableSpace(space: RoomId, user: UserId): Promise<RoomId | undefined> {
    const { homeserver, follow } = this.#parts;
    const condition = await homeserver.roomCondition(space, { reader: user });
    if (condition.kind === "usable") return condition.weak ? undefined : space;
    if (condition.kind !== "replaced" || condition.by === undefined) return undefined;
    const next = await follow(space, condition.by, { reader: user });
    const after = next && (await homeserver.roomCondition(next, {}));
    return after?.kind === "usable" && !after.weak ? next : undefined;
  }

  async #create(user: UserId, { part, name, drawn, within }: NewSpace): Promise<RoomId> {
    const { store, homeserver, outbox } = this.#parts;
    const record = `${user} ${part}`;
    const key = (await store.records.get(SPACE_KEY, record)) ?? outbox.newId();
    await store.write((tx) => tx.records.set(SPACE_KEY, record, key));
    const avatar = await this.#avatarUri(drawn);
    const space = await homeserver.createRoom({
      key,
      name,
      ...(avatar === undefined ? {} : { avatar }),
      direct: false,
      kind: "space",
      state: [],
      ...(within === undefined ? {} : { within }),
    });
    // Only the top Space takes an invitation: its members can join what is in it.
    if (within === undefined) await homeserver.invite(homeserver.bot, user, space, { direct: false });
    await store.write((tx) => tx.records.set(SPACE, record, space));
    return space;
  }

  /** The address of a Space's avatar; a failure leaves the Space without one. */
  async #avatarUri(drawn: Avatar): Promise<string | undefined> {
    try {
      return await drawn.uri();
    } catch (error) {
      if (BridgeError.from(error).outage) throw error;
      this.#parts.log.warn("a Space gets no avatar", faultOf(error));
      return undefined;
    }
  }

  async #storedSpace(user: UserId, part: string): Promise<RoomId | undefined> {
    return (await this.#parts.store.records.get(SPACE, `${user} ${part}`)) as RoomId | undefined;
  }

  /** Lets the members of the Space join the room, and those of the Spaces that others keep it in; else who is invited. */
  #setJoinRule({ user, network, room }: SharedRoom, space: RoomId | undefined): Promise<void> {
    const { homeserver } = this.#parts;
    return this.#serial.run(room, async () => {
      // Who comes into a room that people made is theirs to say.
      if (await bridgedRoom(this.#parts.store, room)) return;
      const spaces = new Set(space === undefined ? [] : [space]);
      for (const other of await this.#usersOf(room)) {
        const theirs =
          other !== user && (await this.mode(other)) === "separate"
            ? await this.#storedSpace(other, network.id)
            : undefined;
        if (theirs !== undefined) spaces.add(theirs);
      }
      const allow = Array.from(spaces, (one) => ({ type: "m.room_membership", room_id: one }));
      const content = allow.length === 0 ? { join_rule: "invite" } : { join_rule: "restricted", allow };
      await homeserver.setState(homeserver.bot, room, "m.room.join_rules", "", content);
    });
  }

  /** Who has a room that several logins have, or had; empty for any other room. */
  async #usersOf(room: RoomId): Promise<readonly UserId[]> {
    const { portals, logins } = this.#parts.store;
    const all = await portals.ofRoom(room);
    if (all.length < 2) return [];
    const open = all.filter(({ state }) => state !== "archived");
    const found = await Promise.all(open.map(({ login }) => logins.get(login)));
    return found.flatMap((login) => (login ? [login.user] : []));
  }

  async #setChild(space: RoomId, room: RoomId, inside: boolean): Promise<void> {
    const { homeserver } = this.#parts;
    const via = inside ? { via: [homeserver.serverName] } : {};
    await homeserver.setState(homeserver.bot, space, "m.space.child", room, via);
    if (await bridgedRoom(this.#parts.store, room)) return;
    await homeserver.setState(
      homeserver.bot,
      room,
      "m.space.parent",
      space,
      inside ? { ...via, canonical: true } : {},
    );
  }
}
