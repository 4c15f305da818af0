import { BridgeError } from "../model/errors.ts";
import type { RoomId, UserId } from "../model/ids.ts";
import type { Puppets } from "../ports/double-puppets.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { Network } from "../ports/network.ts";
import type { Store } from "../ports/store.ts";
import type { OutboxRows } from "../runtime/outbox-rows.ts";
import { SerialByKey } from "../runtime/serial-by-key.ts";
import type { Avatars, Drawn } from "./avatars.ts";
import type { Successions } from "./successions.ts";

/** Separate: a Space with one sub-space a network. Combined: among the direct chats. */
export type InboxMode = "separate" | "combined";

const GONE =
  "Your Space “Third-party chats” is gone, so new chats come into a new one. " +
  "Write “inbox separate” to me to have the others in it too, or “inbox combined” to do without a Space.";

const MODE = "inbox";
const SPACE = "space";
const SPACE_KEY = "space-key";

const SPACE_NAME = "Third-party chats";

interface SpaceToMake {
  readonly part: string;
  readonly name: string;
  readonly drawn: Drawn;
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

/** A portal to be put where its person wants it. */
export interface Placed {
  readonly user: UserId;
  readonly network: Pick<Network, "id" | "name" | "colour">;
  readonly room: RoomId;
  /** The contact's, of a chat between two: only such are direct chats. */
  readonly ghost: UserId | undefined;
}

/** Where a person's chats are found, and moving them when they choose otherwise. */
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

  /** Whether the person's own lists of chats can be kept in step. */
  puppets(): Promise<boolean> {
    return this.#parts.puppets.installed();
  }

  /** Where a new chat of the person is to be, so that it is made there; undefined where it is in no Space. */
  async spaceFor({ user, network }: Pick<Placed, "user" | "network">): Promise<RoomId | undefined> {
    if ((await this.mode(user)) !== "separate") return undefined;
    return this.#serial.run(user, () => this.#networkSpace(user, network));
  }

  /** Has the Space in place for a network that is on, though no chat may be in it yet. */
  async prepare(user: UserId, network: Placed["network"]): Promise<void> {
    if ((await this.mode(user)) === "separate") await this.#networkSpace(user, network);
  }

  /** Puts a portal where it belongs now, whatever it was before. Repeating it changes nothing. */
  async place(placed: Placed): Promise<void> {
    const { user, network, room } = placed;
    const mode = await this.mode(user);
    if (mode === "separate") {
      const space = await this.#serial.run(user, () => this.#networkSpace(user, network));
      await this.#joinable(room, space);
      await this.#setChild(space, room, true);
    } else {
      const space = await this.#standing(user, network.id);
      if (space) await this.#setChild(space, room, false);
      await this.#joinable(room, space, false);
    }
    await this.#asPerson(placed, mode);
  }

  /** A room that a chat had before is in the person's lists no more. */
  async displace({ user, network, room, ghost }: Placed): Promise<void> {
    const { homeserver, puppets, log } = this.#parts;
    const space = await this.#known(user, network.id);
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

  /** Chats that are over sink to the bottom of the person's list, and rise again when they go on. */
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

  /** What follows for the person where the second registration is installed; without it nothing is missing. */
  async #asPerson({ user, room, ghost }: Placed, mode: InboxMode): Promise<void> {
    const { puppets, log } = this.#parts;
    try {
      if (!(await puppets.installed())) return;
      const space = await this.#known(user, "");
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

  /** The network's sub-space in the person's Space, both made where they are not or are no more. */
  async #networkSpace(user: UserId, network: Placed["network"]): Promise<RoomId> {
    const { avatars } = this.#parts;
    const root =
      (await this.#standing(user, "")) ??
      (await this.#make(user, { part: "", name: SPACE_NAME, drawn: avatars.own() }));
    const known = await this.#standing(user, network.id);
    const { id, name } = network;
    const space =
      known ?? (await this.#make(user, { part: id, name, drawn: avatars.ofNetwork(network), within: root }));
    // The Space around it may be another one by now.
    if (known) await this.#joinable(known, root);
    await this.#setChild(root, space, true);
    return space;
  }

  /** The person's Space, or a part of it; undefined, and forgotten, where it can be used no more. */
  async #standing(user: UserId, part: string): Promise<RoomId | undefined> {
    const { store, homeserver, tell } = this.#parts;
    const known = await this.#known(user, part);
    if (known === undefined) return undefined;
    const space = await this.#usable(known, user);
    if (space === undefined) {
      await store.write((tx) => {
        tx.records.remove(SPACE, `${user} ${part}`);
        tx.records.remove(SPACE_KEY, `${user} ${part}`);
      });
      if (part === "") tell(user, GONE);
      return undefined;
    }
    if (space !== known) await store.write((tx) => tx.records.set(SPACE, `${user} ${part}`, space));
    // As with a chat they left: it is offered again when there is something new in it.
    if (part === "" && !(await homeserver.members(space)).includes(user)) {
      await homeserver.invite(homeserver.bot, user, space, { direct: false });
    }
    return space;
  }

  /** A Space, or the one that took its place, where the bot may say what is in it. */
  async #usable(space: RoomId, user: UserId): Promise<RoomId | undefined> {
    const { homeserver, follow } = this.#parts;
    const condition = await homeserver.roomCondition(space, { reader: user });
    if (condition.kind === "usable") return condition.weak ? undefined : space;
    if (condition.kind !== "replaced" || condition.by === undefined) return undefined;
    const next = await follow(space, condition.by, { reader: user });
    const after = next && (await homeserver.roomCondition(next, {}));
    return after?.kind === "usable" && !after.weak ? next : undefined;
  }

  async #make(user: UserId, { part, name, drawn, within }: SpaceToMake): Promise<RoomId> {
    const { store, homeserver, outbox } = this.#parts;
    const record = `${user} ${part}`;
    const key = (await store.records.get(SPACE_KEY, record)) ?? outbox.newId();
    await store.write((tx) => tx.records.set(SPACE_KEY, record, key));
    const avatar = await this.#pictured(drawn);
    const space = await homeserver.createRoom({
      key,
      name,
      ...(avatar === undefined ? {} : { avatar }),
      direct: false,
      kind: "space",
      state: [],
      ...(within === undefined ? {} : { within }),
    });
    // One invitation is enough: what is inside can be joined by whoever is in the Space.
    if (within === undefined) await homeserver.invite(homeserver.bot, user, space, { direct: false });
    await store.write((tx) => tx.records.set(SPACE, record, space));
    return space;
  }

  /** A Space does without a picture, where it must. */
  async #pictured(drawn: Drawn): Promise<string | undefined> {
    try {
      return await drawn.uri();
    } catch (error) {
      if (BridgeError.from(error).outage) throw error;
      this.#parts.log.warn("a Space gets no avatar", faultOf(error));
      return undefined;
    }
  }

  async #known(user: UserId, part: string): Promise<RoomId | undefined> {
    return (await this.#parts.store.records.get(SPACE, `${user} ${part}`)) as RoomId | undefined;
  }

  /** Members of the Space may come in; or, where it is not to be in that any more, only who is asked. */
  async #joinable(room: RoomId, space: RoomId | undefined, inside = true): Promise<void> {
    const { homeserver } = this.#parts;
    const others = await this.#sharedWith(room, space);
    const spaces = inside && space !== undefined ? [...others, space] : others;
    const allow = spaces.map((one) => ({ type: "m.room_membership", room_id: one }));
    const content = allow.length === 0 ? { join_rule: "invite" } : { join_rule: "restricted", allow };
    await homeserver.setState(homeserver.bot, room, "m.room.join_rules", "", content);
  }

  /** Spaces of others who share the room. */
  async #sharedWith(room: RoomId, space: RoomId | undefined): Promise<readonly RoomId[]> {
    const { store, homeserver } = this.#parts;
    if ((await store.portals.ofRoom(room)).length < 2) return [];
    const rules = await homeserver.getState(room, "m.room.join_rules", "");
    const allow: unknown = rules?.["allow"];
    const listed: readonly unknown[] = Array.isArray(allow) ? allow : [];
    return listed.flatMap((one) => {
      const id = (one as { readonly room_id?: RoomId } | null)?.room_id;
      return id === undefined || id === space ? [] : [id];
    });
  }

  async #setChild(space: RoomId, room: RoomId, inside: boolean): Promise<void> {
    const { homeserver } = this.#parts;
    const via = inside ? { via: [homeserver.serverName] } : {};
    await homeserver.setState(homeserver.bot, space, "m.space.child", room, via);
    await homeserver.setState(
      homeserver.bot,
      room,
      "m.space.parent",
      space,
      inside ? { ...via, canonical: true } : {},
    );
  }
}
