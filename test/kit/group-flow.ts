import type { Membership } from "../../src/core/model/events.ts";
import type { ChatId, RoomId, UserId } from "../../src/core/model/ids.ts";
import { decodeEvent } from "../../src/matrix/events/decode.ts";
import { ANA, FlowWorld } from "./flow-world.ts";
import type { MemoryGroup } from "./memory-group.ts";
import { settle } from "./virtual-clock.ts";

/** People of the network by what they may do. */
export const PEOPLE = { Bram: "owner", Carla: "admin", Dirk: "member" } as const;

/** A group of Ana's on the network, in a world in process; its room is there once somebody wrote. */
export class GroupFlow implements AsyncDisposable {
  readonly world: FlowWorld;
  readonly management: RoomId;
  readonly group: MemoryGroup;

  private constructor(world: FlowWorld, management: RoomId, group: MemoryGroup) {
    this.world = world;
    this.management = management;
    this.group = group;
  }

  static async begin(people: Parameters<FlowWorld["network"]["group"]>[1] = PEOPLE): Promise<GroupFlow> {
    const world = await FlowWorld.start();
    const { room } = await world.optsIn(ANA);
    return new GroupFlow(world, room, world.network.group("Family", people, [ANA]));
  }

  /** As {@link begin}, with a first message of Bram's, `1`. */
  static async open(people?: Parameters<FlowWorld["network"]["group"]>[1]): Promise<GroupFlow> {
    const flow = await GroupFlow.begin(people);
    await flow.group.says("Bram", "1", "hello");
    await settle();
    flow.homeserver.lets(ANA, flow.id);
    await flow.world.push(flow.membership(ANA, "join"));
    return flow;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.world[Symbol.asyncDispose]();
  }

  get homeserver() {
    return this.world.homeserver;
  }

  get client() {
    return this.world.network.clientOf(ANA);
  }

  /** The group's room; a second one would be a fault. */
  get room() {
    const rooms = Array.from(this.homeserver.rooms.values()).filter(({ spec }) => spec.kind === "portal");
    const [room] = rooms;
    if (!room || rooms.length > 1) throw new Error(`there are ${rooms.length} rooms`);
    return room;
  }

  get id(): RoomId {
    return this.room.id;
  }

  get chat(): ChatId {
    return this.group.chat;
  }

  get shown(): readonly string[] {
    return this.homeserver.shown(this.id);
  }

  /** Who is in the room of the network's people, by name. */
  get present(): readonly string[] {
    return Array.from(this.room.members)
      .filter(
        ([user, member]) => member === "join" && user !== this.homeserver.bot && this.homeserver.isOurs(user),
      )
      .map(([user]) => (this.homeserver.names.get(user) ?? "?").replace(/ \(WhatsApp\)$/, ""))
      .sort();
  }

  ghostOf(person: string): UserId {
    return this.homeserver.ghostId(`whatsapp ${person}`);
  }

  powerOf(person: string): number {
    const levels = this.room.state.get("m.room.power_levels ") as { readonly users: Record<string, number> };
    return levels.users[this.ghostOf(person)] ?? 0;
  }

  /** Somebody changes the room's state, which their homeserver lets them and pushes. */
  sets(by: UserId, type: string, content: Readonly<Record<string, unknown>>): Promise<void> {
    this.room.put(by, type, content, "");
    return this.#pushLast();
  }

  /** Somebody sends an event, as their homeserver pushes it. */
  writes(by: UserId, type: string, content: Readonly<Record<string, unknown>>): Promise<void> {
    this.room.put(by, type, content);
    return this.#pushLast();
  }

  /** Somebody gives another a membership, as by an invitation or a kick. */
  moves(by: UserId, user: UserId, membership: Membership): Promise<void> {
    this.room.member(user, membership, by);
    return this.#pushLast();
  }

  /** The room's state of a type; an empty one where there is none. */
  state(type: string): Readonly<Record<string, unknown>> {
    return this.room.state.get(`${type} `) ?? {};
  }

  async #pushLast(): Promise<void> {
    const decoded = decodeEvent(
      this.room.timeline.at(-1),
      (user) => this.homeserver.isOurs(user as UserId),
      this.id,
    );
    if (decoded.kind !== "event") throw new Error(`nothing is pushed: ${decoded.why}`);
    await this.world.push(decoded.event);
  }

  membership(user: UserId, membership: "join" | "leave") {
    const id = this.world.newEventId();
    return {
      kind: "member",
      room: this.id,
      sender: user,
      id,
      at: 0,
      user,
      membership,
      direct: false,
    } as const;
  }
}
