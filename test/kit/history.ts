import { BridgeError } from "../../src/core/model/errors.ts";
import type { MatrixEvent, RemoteEvent } from "../../src/core/model/events.ts";
import type { ChatId, LoginId, MessageId, PersonId, RoomId } from "../../src/core/model/ids.ts";
import { ANA, FlowWorld } from "./flow-world.ts";
import { CHATS, type Happening, type Who } from "./happenings.ts";
import type { MessageNaming } from "./message-naming.ts";
import { said } from "./open-flow.ts";
import { PushedEvents } from "./pushed-events.ts";
import { ownMessage, sentAsPerson } from "./second-device.ts";
import { settle } from "./virtual-clock.ts";

/** What a contact did, by the login it was brought to. */
interface Brought {
  readonly who: Who;
  readonly id: string;
  readonly kind: RemoteEvent["kind"];
  /** The target of an edit, delete or reaction. */
  readonly target: string;
  readonly login: LoginId | undefined;
}
/** What the person did in a room. */
interface Did {
  readonly who: Who;
  readonly event: MatrixEvent;
}

const lost = (reason: "homeserver-unreachable" | "remote-unreachable") =>
  new BridgeError(reason, { words: "no answer", certain: false, retryAfter: 0 });

const refused = (): void => undefined;

/** Plays what happens to a bridge, and knows what must come of it. */
export class History implements AsyncDisposable {
  readonly world: FlowWorld;
  readonly brought: Brought[] = [];
  readonly did: Did[] = [];
  /** What the person wrote on another device. */
  readonly onPhone: { readonly who: Who; readonly id: string; readonly login: LoginId }[] = [];
  readonly names = new Map<Who, string>();
  /** Whether a full disk has failed a lane's step, which logs an error. */
  filled = false;
  /** Whether a message may have arrived although its person was told that it did not. */
  uncertain = false;
  readonly #management: RoomId;
  readonly #people: PushedEvents;

  private constructor(world: FlowWorld, management: RoomId) {
    this.world = world;
    this.#management = management;
    this.#people = new PushedEvents(world);
  }

  static async begin(naming: MessageNaming): Promise<History> {
    const world = await FlowWorld.start();
    world.network.naming = naming;
    const { room } = await world.optsIn(ANA);
    const history = new History(world, room);
    world.homeserver.names.set(ANA, "Ana");
    world.puppets.sent = (...sent) => history.#people.happens(sentAsPerson(world, ...sent));
    for (const who of CHATS) history.#contact(who, "message");
    await settle();
    return history;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.world[Symbol.asyncDispose]();
  }

  async play(what: Happening): Promise<void> {
    const { world } = this;
    switch (what.does) {
      case "contact":
        return times(what.count, () => this.#contact(what.who, "message"));
      case "person":
        return times(what.count, () => this.#types(what.who, what.pushed));
      case "edit":
      case "delete":
        return this.#contact(what.who, what.does, what.target);
      case "react":
        return this.#contact(what.who, "reaction", what.target);
      case "person-reacts":
      case "person-redacts":
        return this.#refers(what.who, what.does, what.target);
      case "phone":
        return times(what.count, () => this.#onPhone(what.who));
      case "puppet":
        world.puppets.there = what.there;
        return;
      case "puppet-answer-lost":
        world.puppets.faults.push({ when: "after", error: lost("homeserver-unreachable") });
        return;
      case "reachability":
        return this.#contact(what.who, "reachability", 0, what.state);
      case "rename":
        return this.#contact(what.who, "renamed");
      case "withdrawn":
        this.#client?.sink.ended({ kind: "withdrawn", words: "The end." }).catch(refused);
        return;
      case "resumed":
        this.#client?.sink.resumed().catch(refused);
        return;
      case "disable":
        return this.#commands("disable whatsapp yes");
      case "enable":
        return this.#commands("enable whatsapp", "yes");
      case "gap-opened":
        return this.#people.openGap();
      case "gap-closed":
        return this.#people.closeGap().catch(refused);
      case "homeserver-away":
      case "homeserver-back":
        world.homeserver.away = what.does === "homeserver-away";
        return;
      case "network-away":
        if (this.#client) this.#client.state = { kind: "waiting", words: "away." };
        return;
      case "network-back":
        if (this.#client) this.#client.state = { kind: "connected" };
        return;
      case "disk-full":
        this.filled = world.diskFull = true;
        return;
      case "disk-free":
        world.diskFull = false;
        this.#client?.redeliver();
        return;
      case "answer-lost":
        world.homeserver.afterSend = () => {
          world.homeserver.afterSend = () => {};
          throw lost("homeserver-unreachable");
        };
        return;
      case "network-answer-lost":
        this.uncertain = true;
        this.#client?.faults.push({ when: "after", error: lost("remote-unreachable") });
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
        // Time passes, as a stop waits for running commands, which wait for a connection.
        await world.clock.advance(300_000);
        world.diskFull = false;
        this.#people.started();
        return world.restart();
      case "pass":
        return world.clock.advance(what.seconds * 1000);
    }
  }

  /** Waits until everything has crossed, and has one more message cross each way. */
  async calm(): Promise<void> {
    const { world } = this;
    world.diskFull = world.homeserver.away = false;
    // Lets writes that fail on the full disk fail before the network connects again.
    await settle();
    this.#client?.redeliver();
    if (this.#client) this.#client.state = { kind: "connected" };
    await this.#people.closeGap();
    await this.#people.pushRest();
    await world.clock.advance(600_000);
    this.#commands("enable whatsapp", "yes");
    await world.clock.advance(60_000);
    for (const who of CHATS) this.#contact(who, "reachability", 0, "reachable");
    await settle();
    await this.#client?.sink.resumed();
    await settle();
    for (const who of CHATS) this.#contact(who, "message");
    await settle();
    for (const who of CHATS) this.#types(who, true);
    await world.clock.advance(60_000);
  }

  /** The rooms a chat had, the present one last. */
  rooms(who: Who) {
    return Array.from(this.world.homeserver.rooms.values()).filter(({ state }) =>
      Array.from(state).some(
        ([key, { channel }]) => key.startsWith("m.bridge ") && Object(channel).id === who,
      ),
    );
  }

  get login(): LoginId | undefined {
    return this.world.network.enlisted.get(ANA);
  }

  get #client() {
    return this.login && this.world.network.clients.get(this.login);
  }

  #contact(
    who: Who,
    kind: "message" | "edit" | "delete" | "reaction" | "reachability" | "renamed",
    target = 0,
    state: "reachable" | "off" | "gone" = "reachable",
  ): void {
    const client = this.#client;
    if (!client) return;
    const count = this.brought.filter((one) => one.who === who && one.kind === kind).length;
    const id = `${who}-${kind}-${count}`;
    const about = { target: `${who}-message-${target}` as MessageId };
    this.brought.push({ who, id, kind, ...about, login: this.login });
    const from = { chat: who as string as ChatId, sender: who as string as PersonId, at: 0 };
    const event = { ...from, id: id as MessageId };
    const name = kind === "renamed" ? `${who} ${count}` : who;
    if (kind === "renamed") this.names.set(who, name);
    const events: Record<typeof kind, RemoteEvent> = {
      message: { ...event, kind: "message", message: said(id) },
      edit: { ...event, kind: "edit", ...about, message: said(id) },
      delete: { ...event, kind: "delete", ...about },
      reaction: { ...event, kind: "reaction", ...about, own: false, emoji: id },
      reachability: { ...event, kind: "reachability", state },
      renamed: { ...event, kind: "renamed", name },
    };
    client.brings(events[kind]).catch(refused);
  }

  #onPhone(who: Who): void {
    const { login } = this;
    if (!login || !this.#client) return;
    const id = `${who}-phone-${this.onPhone.length}`;
    this.onPhone.push({ who, id, login });
    this.#client.brings(ownMessage(who, id)).catch(refused);
  }

  #types(who: Who, pushed: boolean): void {
    const room = this.#writable(who);
    if (room) this.#person(who, this.world.text(ANA, room, `${who}-${this.did.length}`), pushed);
  }

  /** The person reacts to a message of the contact, or redacts one of their own. */
  #refers(who: Who, does: "person-reacts" | "person-redacts", nth: number): void {
    const room = this.#writable(who);
    if (!room) return;
    const { events } = this.world.homeserver.room(room);
    const theirs = events.filter(
      ({ send }) => send.type === "m.room.message" && send.sender.startsWith("@_tpc_"),
    );
    const own = this.did.filter(({ event }) => event.room === room && event.kind === "message");
    const target = does === "person-reacts" ? theirs[nth]?.event : own[nth]?.event.id;
    if (target === undefined) return;
    const common = { room, sender: ANA, at: 0, id: this.world.newEventId(), target };
    const emoji = `reaction-${this.did.length}`;
    this.#person(
      who,
      does === "person-reacts" ? { ...common, kind: "reaction", emoji } : { ...common, kind: "redaction" },
      true,
    );
  }

  /** The chat's room, unless it is an archive, where the homeserver lets nobody write. */
  #writable(who: Who): RoomId | undefined {
    const room = this.rooms(who).at(-1);
    return room && !room.archived ? room.id : undefined;
  }

  #commands(...words: readonly string[]): void {
    for (const text of words) this.#people.happens(this.world.text(ANA, this.#management, text));
  }

  #person(who: Who, event: MatrixEvent, pushed: boolean): void {
    this.did.push({ who, event });
    this.#people.happens(event, pushed);
  }
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((done) => setImmediate(done));
}

const times = (count: number, act: () => void): void => Array.from({ length: count }).forEach(act);
