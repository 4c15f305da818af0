import type { MatrixEvent, RemoteEvent } from "../../src/core/model/events.ts";
import type { ChatId, EventId, MessageId, PersonId, RoomId } from "../../src/core/model/ids.ts";
import { plainText } from "../../src/core/model/rich-text.ts";
import type { CoreConfig } from "../../src/program/configured-bridge.ts";
import { ANA, FlowWorld } from "./flow-world.ts";
import { settle } from "./virtual-clock.ts";

type What<Event> = Event extends unknown ? Omit<Event, "chat" | "sender" | "at" | "id"> : never;
type Does<Event> = Event extends { kind: string }
  ? Omit<Event, "room" | "sender" | "at" | "id"> & Partial<Pick<MatrixEvent, "sender" | "room" | "at">>
  : never;

export const said = (text: string) =>
  ({ parts: [{ kind: "text", style: "text", body: plainText(text) }] }) as const;

/** What every event of Bram's begins with. */
export const fromBram = (id: string) =>
  ({ chat: "Bram" as ChatId, sender: "Bram" as PersonId, id: id as MessageId, at: 0 }) as const;

/** Ana's open chat with Bram in a FlowWorld. */
export class OpenFlow implements AsyncDisposable {
  readonly world: FlowWorld;
  readonly management: RoomId;
  readonly room: RoomId;
  /** Bram's first message, whose id is `1`. */
  readonly hello: EventId;

  private constructor(world: FlowWorld, rooms: Pick<OpenFlow, "management" | "room" | "hello">) {
    this.world = world;
    this.management = rooms.management;
    this.room = rooms.room;
    this.hello = rooms.hello;
  }

  static async begin(config: Partial<CoreConfig> = {}): Promise<OpenFlow> {
    const world = await FlowWorld.start(config);
    const { client, room: management } = await world.optsIn(ANA);
    await client.says("Bram", "1", "hello");
    await settle();
    const { room } = await world.portal(ANA, "Bram");
    const first = world.homeserver.room(room).events.find(({ send }) => send.content["body"] === "hello");
    if (!first) throw new Error("no hello");
    return new OpenFlow(world, { management, room, hello: first.event });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.world[Symbol.asyncDispose]();
  }

  get client() {
    return this.world.network.clientOf(ANA);
  }

  get events() {
    return this.world.homeserver.room(this.room).events;
  }

  get shown(): readonly string[] {
    return this.world.homeserver.shown(this.room);
  }

  /** The last line that the room shows. */
  get last(): string {
    return this.shown.at(-1) ?? "";
  }

  /** The bot's notices in the room. */
  get notices(): readonly string[] {
    return this.shown.filter((line) => line.startsWith("bot: "));
  }

  /** Ana does something: the homeserver pushes the event, and answers it when it is read again. */
  async does(what: Does<MatrixEvent>): Promise<EventId> {
    const id = this.world.newEventId();
    const event = { room: this.room, sender: ANA, at: this.world.clock.now(), ...what, id } as MatrixEvent;
    if (event.kind === "redaction") this.world.homeserver.written.delete(event.target);
    else this.world.homeserver.written.set(id, event);
    const { timeline } = this.world.homeserver.room(event.room);
    timeline.push({
      event_id: id,
      type: event.kind,
      sender: event.sender,
      content: {},
      origin_server_ts: event.at,
    });
    await this.world.push(event);
    return id;
  }

  /** Ana's client says that she has read up to there. */
  async reads(event: EventId): Promise<void> {
    this.world.bridge.signals.take([{ kind: "receipt", room: this.room, event, user: ANA }]);
    await settle();
  }

  says(text: string): Promise<EventId> {
    return this.does({ kind: "message", message: said(text) });
  }

  /** Ana writes to the bot; answers its last message. */
  async asks(command: string): Promise<string> {
    await this.world.says(ANA, this.management, command);
    return this.world.homeserver.shown(this.management).at(-1) ?? "";
  }

  /** Bram does something other than writing. */
  async bram(id: string, what: What<RemoteEvent>): Promise<void> {
    await this.client.brings({ ...fromBram(id), ...what } as RemoteEvent);
    await settle();
  }
}
