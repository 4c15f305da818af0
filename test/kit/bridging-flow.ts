import type { Membership } from "../../src/core/model/events.ts";
import type { RoomId, UserId } from "../../src/core/model/ids.ts";
import { decodeEvent } from "../../src/matrix/events/decode.ts";
import { ANA, BEN, FlowWorld } from "./flow-world.ts";
import type { MemoryGroup } from "./memory-group.ts";
import { settle } from "./virtual-clock.ts";

/** A room of Ana's with Ben in it and the bot, which Ana can make a chat's, in a world in process. */
export class BridgingFlow implements AsyncDisposable {
  readonly world: FlowWorld;
  readonly management: RoomId;
  readonly group: MemoryGroup;
  readonly room: RoomId;

  private constructor(world: FlowWorld, management: RoomId, group: MemoryGroup, room: RoomId) {
    this.world = world;
    this.management = management;
    this.group = group;
    this.room = room;
  }

  /** Ana has a chat with Bram and is in a group with him, Carla and Dirk; both have rooms. */
  static async begin({ power = 100 } = {}): Promise<BridgingFlow> {
    const world = await FlowWorld.start();
    const { room: management, client } = await world.optsIn(ANA);
    const group = world.network.group("Family", { Bram: "owner", Carla: "admin", Dirk: "member" }, [ANA]);
    await client.says("Bram", "d1", "just us");
    await group.says("Bram", "1", "hello");
    await settle();
    const room = world.homeserver.personMakes("kitchen", ANA, "invite");
    world.homeserver.room(room).member(BEN, "join", ANA);
    const flow = new BridgingFlow(world, management, group, room);
    flow.power(power);
    await world.invitesBot(ANA, room, { direct: false });
    return flow;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.world[Symbol.asyncDispose]();
  }

  get homeserver() {
    return this.world.homeserver;
  }

  /** Gives the bot power in the room. */
  power(level: number): void {
    const levels = this.homeserver.room(this.room).state.get("m.room.power_levels ") as {
      readonly users: Record<string, number>;
    };
    const users = { ...levels.users, [this.homeserver.bot]: level };
    this.homeserver.room(this.room).put(ANA, "m.room.power_levels", { ...levels, users }, "");
  }

  /** Another room of Ana's with the bot in it. */
  another(name: string): RoomId {
    const room = this.homeserver.personMakes(name, ANA, "join");
    const levels = this.homeserver.room(this.room).state.get("m.room.power_levels ") ?? {};
    this.homeserver.room(room).put(ANA, "m.room.power_levels", levels, "");
    return room;
  }

  /** What the room shows last, after somebody wrote in it. */
  async writes(text: string, by: UserId = ANA): Promise<string> {
    await this.world.says(by, this.room, text);
    return this.shown.at(-1) ?? "";
  }

  /** What the bot answers in Ana's chat with it. */
  async asks(text: string): Promise<string> {
    const management = (await this.world.store.rooms.of(ANA)) ?? this.management;
    await this.world.says(ANA, management, text);
    await settle();
    return this.homeserver.shown(management).at(-1) ?? "";
  }

  /** Somebody changes the room's state, which their homeserver lets them and pushes. */
  sets(by: UserId, type: string, content: Readonly<Record<string, unknown>>): Promise<void> {
    this.homeserver.room(this.room).put(by, type, content, "");
    return this.#pushLast();
  }

  /** Somebody gives another a membership, as by a kick. */
  puts(by: UserId, user: UserId, membership: Membership): Promise<void> {
    this.homeserver.room(this.room).member(user, membership, by);
    return this.#pushLast();
  }

  async #pushLast(): Promise<void> {
    const room = this.homeserver.room(this.room);
    const isOurs = (user: string): boolean => this.homeserver.isOurs(user as UserId);
    const decoded = decodeEvent(room.timeline.at(-1), isOurs, this.room);
    if (decoded.kind !== "event") throw new Error(`nothing is pushed: ${decoded.why}`);
    await this.world.push(decoded.event);
    await settle();
  }

  get shown(): readonly string[] {
    return this.homeserver.shown(this.room);
  }

  /** Who is in a room of the network's people, by name. */
  present(room = this.room): readonly string[] {
    return Array.from(this.homeserver.room(room).members)
      .filter(([user, is]) => is === "join" && user !== this.homeserver.bot && this.homeserver.isOurs(user))
      .map(([user]) => (this.homeserver.names.get(user) ?? "?").replace(/ \(WhatsApp\)$/, ""))
      .sort();
  }

  /** The rooms that the bridge made for chats, oldest first. */
  get made() {
    return Array.from(this.homeserver.rooms.values()).filter(({ spec }) => spec.kind === "portal");
  }
}
