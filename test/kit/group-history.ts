import { BridgeError } from "../../src/core/model/errors.ts";
import type { MatrixEvent, RemoteEvent } from "../../src/core/model/events.ts";
import type { Role } from "../../src/core/model/groups.ts";
import type { ChatId, MessageId, PersonId, UserId } from "../../src/core/model/ids.ts";
import { ANA, BEN, FlowWorld } from "./flow-world.ts";
import type { DoneInGroup, GroupHappening } from "./group-happenings.ts";
import { HeldCopies } from "./held-copies.ts";
import { type InGroup, MemoryGroup, selfOf } from "./memory-group.ts";
import { said } from "./open-flow.ts";
import { PushedEvents } from "./pushed-events.ts";
import { settle } from "./virtual-clock.ts";

export const OURS: readonly [UserId, UserId] = [ANA, BEN];
const refused = (): void => undefined;
const lost = (reason: "homeserver-unreachable" | "remote-unreachable") =>
  new BridgeError(reason, { words: "no answer", certain: false, retryAfter: 0 });

/** Members of a group that has so many with those of ours: an owner, an admin in ten, and the rest. */
function membersOf(size: number, ours: number): Readonly<Record<string, Role>> {
  const roleOf = (at: number): Role => (at === 0 ? "owner" : at % 10 === 1 ? "admin" : "member");
  return Object.fromEntries(Array.from({ length: size - ours }, (_, at) => [`P${at}`, roleOf(at)]));
}

/** Plays what happens to a bridge with two people in one group, and knows what must come of it. */
export class GroupHistory implements AsyncDisposable {
  readonly world: FlowWorld;
  readonly group: MemoryGroup;
  readonly done: DoneInGroup[] = [];
  readonly aside: string[] = [];
  /** What ours wrote in the room. */
  readonly wrote: { readonly by: UserId; readonly event: MatrixEvent; readonly text: string }[] = [];
  /** Whether a full disk has failed a lane's step, which logs an error. */
  filled = false;
  /** Whether what its person was told to have failed may have arrived. */
  uncertain = false;
  readonly #people: PushedEvents;
  readonly #copies: HeldCopies;
  #size = 0;
  #epoch = 0;
  #count = 0;

  private constructor(world: FlowWorld, size: number) {
    this.world = world;
    this.#size = size;
    this.#people = new PushedEvents(world);
    this.#copies = new HeldCopies(world);
    const ours = size > 2 ? OURS : [ANA];
    const bring = (account: string, event: RemoteEvent) => this.#copies.bring(account, event);
    const chat = "Family@group" as ChatId;
    this.group = new MemoryGroup({ chat, name: "Family", people: membersOf(size, ours.length), ours, bring });
    world.network.groupsById.set(chat, this.group);
  }

  /** A group of `size`, in which the first message was written. */
  static async begin(size: number): Promise<GroupHistory> {
    const world = await FlowWorld.start();
    for (const user of OURS) {
      await world.optsIn(user);
      world.homeserver.names.set(user, user);
    }
    const history = new GroupHistory(world, size);
    history.#says("P0");
    await settle();
    history.#joins();
    await settle();
    return history;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.world[Symbol.asyncDispose]();
  }

  /** The group's room; a second one would be a fault. */
  get room() {
    const rooms = Array.from(this.world.homeserver.rooms.values()).filter(({ state }) =>
      Array.from(state).some(
        ([key, { channel }]) => key.startsWith("m.bridge ") && Object(channel).id === this.group.chat,
      ),
    );
    const [room] = rooms;
    if (!room || rooms.length > 1) throw new Error(`there are ${rooms.length} rooms`);
    return room;
  }

  async play(what: GroupHappening): Promise<void> {
    const { world, group } = this;
    switch (what.does) {
      case "says":
        return times(what.count, () => this.#says(this.#who(what.who)));
      case "edits":
      case "deletes":
      case "reacts":
        return this.#refers(what.does, this.#who(what.who), what.target);
      case "says-aside": {
        const who = this.#who(what.who);
        const id = this.#newId("aside");
        this.aside.push(id);
        world.network.clientOf(ANA).says(who, id, id).catch(refused);
        return;
      }
      case "writes":
        this.#joins();
        return times(what.count, () => this.#writes(OURS[what.by]));
      case "phones":
        return times(what.count, () => this.#phones(OURS[what.by]));
      case "adds": {
        const person = `N${this.#count}` as PersonId;
        const changes = [{ person, name: person, membership: "joined" }] as const;
        return this.#tells(group.moves(this.#who(0), this.#newId("add"), changes));
      }
      case "removes": {
        const person = this.#who(what.who) as PersonId;
        if (group.people.size < 2) return;
        const changes = [{ person, membership: "left" }] as const;
        return this.#tells(group.moves(this.#who(0), this.#newId("remove"), changes));
      }
      case "promotes":
      case "demotes": {
        const person = this.#who(what.who) as PersonId;
        const role: Role = what.does === "promotes" ? "admin" : "member";
        group.people.set(person, role);
        return this.#does(this.#who(0), { kind: "group-roles", changes: [{ person, role }] });
      }
      case "renames":
        group.name = this.#newId("name");
        return this.#does(this.#who(what.who), { kind: "group-name", name: group.name });
      case "leaves":
      case "returns": {
        const user = OURS[what.by];
        if ((this.#size === 2 && user === BEN) || group.ours.has(user) === (what.does === "returns")) return;
        this.#epoch += 1;
        const membership = what.does === "leaves" ? "left" : "joined";
        return this.#tells(group.movesOurs(this.#who(0), this.#newId(what.does), user, membership));
      }
      case "holds":
        return this.#copies.hold(OURS[what.by]);
      case "lets-go":
        return this.#copies.letGo(OURS[what.by]);
      case "repeats":
        return this.#copies.repeat(OURS[what.by], what.nth);
      case "gap-opened":
        return this.#people.openGap();
      case "gap-closed":
        return this.#people.closeGap().catch(refused);
      case "disk-full":
        this.filled = world.diskFull = true;
        return;
      case "disk-free":
        world.diskFull = false;
        return this.#redeliver();
      case "homeserver-away":
      case "homeserver-back":
        world.homeserver.away = what.does === "homeserver-away";
        return;
      case "network-away":
        this.#client(OURS[what.by]).state = { kind: "waiting", words: "away." };
        return;
      case "network-back":
        this.#client(OURS[what.by]).state = { kind: "connected" };
        return;
      case "answer-lost":
        world.homeserver.afterSend = () => {
          world.homeserver.afterSend = refused;
          throw lost("homeserver-unreachable");
        };
        return;
      case "network-answer-lost":
        this.uncertain = true;
        this.#client(OURS[what.by]).faults.push({ when: "after", error: lost("remote-unreachable") });
        return;
      case "crash":
        await turns(what.turns);
        // The bridge does not start on a full disk.
        world.diskFull = false;
        this.#people.started();
        return world.crash();
      case "turns":
        return turns(what.turns);
      case "restart":
        // Time passes, as a stop waits for what is running.
        await world.clock.advance(300_000);
        world.diskFull = false;
        this.#people.started();
        return world.restart();
      case "pass":
        return world.clock.advance(what.seconds * 1000);
    }
  }

  /** Everybody of ours is in the group; waits until everything has crossed, and has one more message cross each way. */
  async calm(): Promise<void> {
    const { world, group } = this;
    world.diskFull = world.homeserver.away = false;
    // Lets writes that fail on the full disk fail before the network connects again.
    await settle();
    for (const user of OURS) {
      this.#copies.letGo(user);
      this.#client(user).state = { kind: "connected" };
    }
    this.#redeliver();
    await this.#people.closeGap();
    await this.#people.pushRest();
    await world.clock.advance(600_000);
    if (!group.ours.has(ANA)) await this.play({ does: "returns", by: 0 });
    await settle();
    this.#says(this.#who(0));
    await world.clock.advance(1_000);
    this.#joins();
    await settle();
    for (const user of group.ours) this.#writes(user as UserId);
    await world.clock.advance(120_000);
  }

  #client(user: UserId) {
    return this.world.network.clientOf(user);
  }

  /** One of those who are in the group. */
  #who(number: number): string {
    const all = Array.from(this.group.people.keys());
    return all[number % all.length] ?? "P0";
  }

  #newId(what: string): string {
    return `${what}-${this.#count++}`;
  }

  #says(who: string): void {
    const id = this.#newId("message");
    this.#note(id, "message", who);
    this.#does(who, { kind: "message", message: said(id) }, id);
  }

  #note(id: string, kind: DoneInGroup["kind"], by: string, target = ""): void {
    if (this.group.ours.size > 0) this.done.push({ id, kind, by, target, epoch: this.#epoch });
  }

  #refers(does: "edits" | "deletes" | "reacts", who: string, nth: number): void {
    const messages = this.done.filter(
      ({ kind, by }) => kind === "message" && (does === "reacts" || by === who),
    );
    const target = messages.at(-1 - nth)?.id as MessageId | undefined;
    if (target === undefined) return;
    const kind = does === "edits" ? "edit" : does === "deletes" ? "delete" : "reaction";
    const id = this.#newId(kind);
    this.#note(id, kind, who, target);
    if (kind === "edit") this.#does(who, { kind, target, message: said(id) }, id);
    else if (kind === "delete") this.#does(who, { kind, target }, id);
    else this.#does(who, { kind, target, own: false, emoji: id }, id);
  }

  #phones(user: UserId): void {
    if (!this.group.ours.has(user)) return;
    const id = this.#newId("phone");
    this.#note(id, "phone", user);
    for (const other of this.group.ours) {
      const event = this.group.event(selfOf(user), id, { kind: "message", message: said(id) });
      this.#tells(
        this.#copies.bring(other, (other === user ? { ...event, sender: undefined } : event) as RemoteEvent),
      );
    }
  }

  /** In the room, unless the homeserver would not let them. */
  #writes(user: UserId): void {
    if (this.room.archived || this.room.members.get(user) !== "join") return;
    const text = `written-${this.#count++}`;
    const event = this.world.text(user, this.room.id, text);
    this.wrote.push({ by: user, event, text });
    this.#people.happens(event, this.#count % 3 > 0);
  }

  /** Ours accept every invitation. */
  #joins(): void {
    for (const user of OURS) {
      if (this.room.members.get(user) !== "invite") continue;
      this.world.homeserver.lets(user, this.room.id);
      const common = { room: this.room.id, sender: user, at: 0, id: this.world.newEventId() } as const;
      this.#people.happens({ ...common, kind: "member", user, membership: "join", direct: false });
    }
  }

  #does(who: string, what: InGroup, id = this.#newId(what.kind)): void {
    this.#tells(this.group.does(who, id, what));
  }

  #tells(telling: Promise<void>): void {
    telling.catch(refused);
  }

  #redeliver(): void {
    for (const user of OURS) this.#client(user).redeliver();
  }
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((done) => setImmediate(done));
}

const times = (count: number, act: () => void): void => Array.from({ length: count }).forEach(act);
