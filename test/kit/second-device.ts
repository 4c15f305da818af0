import type { MatrixEvent, RemoteEvent } from "../../src/core/model/events.ts";
import type { ChatId, EventId, MessageId, OutboxId, RoomId, UserId } from "../../src/core/model/ids.ts";
import type { Via } from "../../src/core/ports/queues.ts";
import { decodeEvent } from "../../src/matrix/events/decode.ts";
import { ANA, type FlowWorld } from "./flow-world.ts";
import { OpenFlow, said } from "./open-flow.ts";
import { settle } from "./virtual-clock.ts";

type ByAna<Event> = Event extends { readonly sender: undefined }
  ? Event
  : Event extends { readonly sender: infer Sender }
    ? undefined extends Sender
      ? Event
      : never
    : never;
type Does<Event> = Event extends unknown ? Omit<Event, "chat" | "sender" | "at" | "id"> : never;

/** Ana's phone: what she does there, in chats the bridge may not know yet. */
export class SecondDevice {
  readonly #world: FlowWorld;

  constructor(world: FlowWorld) {
    this.#world = world;
  }

  async says(text: string, id: string, chat = "Bram"): Promise<void> {
    await this.does({ kind: "message", message: said(text) }, id, chat);
  }

  async does(what: Does<ByAna<RemoteEvent>>, id: string, chat = "Bram"): Promise<void> {
    const head = { chat: chat as ChatId, sender: undefined, id: id as MessageId };
    const event = { ...head, at: this.#world.clock.now(), ...what } as RemoteEvent;
    await this.#world.network.clientOf(ANA).brings(event);
    await settle();
  }
}

export const ownMessage = (chat: string, id: string): RemoteEvent => ({
  kind: "message",
  chat: chat as ChatId,
  sender: undefined,
  id: id as MessageId,
  at: 0,
  message: said(id),
});

/** Has the homeserver tell the bridge of everything that was sent as people, by each of these ways. */
export function echoing(world: FlowWorld, ...ways: readonly Via[]): void {
  world.puppets.there = true;
  world.puppets.sent = (id, room) => {
    const event = sentAsPerson(world, id, room);
    for (const via of ways) world.bridge.intake.take([event], via).catch(() => undefined);
  };
}

/** An event as the homeserver tells of it. */
export function sentAsPerson(world: FlowWorld, id: EventId, room: RoomId): MatrixEvent {
  const { homeserver } = world;
  const raw = homeserver.room(room).timeline.find(({ event_id }) => event_id === id);
  const decoded = decodeEvent(raw, (user) => homeserver.isOurs(user as UserId), room);
  if (decoded.kind !== "event") throw new Error("nothing that a homeserver tells of");
  return decoded.event;
}

/** Ana's open chat, and her phone. */
export class FlowWithPhone implements AsyncDisposable {
  readonly flow: OpenFlow;
  readonly phone: SecondDevice;

  private constructor(flow: OpenFlow) {
    this.flow = flow;
    this.phone = new SecondDevice(flow.world);
  }

  /** `ways`: how the homeserver tells of what is sent as Ana; without, nobody can act as her. */
  static async begin(...ways: readonly Via[]): Promise<FlowWithPhone> {
    const flow = await OpenFlow.begin();
    flow.world.homeserver.names.set(ANA, "Ana");
    flow.world.homeserver.lets(ANA, flow.room);
    if (ways.length > 0) echoing(flow.world, ...ways);
    return new FlowWithPhone(flow);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.flow[Symbol.asyncDispose]();
  }

  /** The event that says this. */
  event(body: string): EventId {
    return this.#sent(body).event;
  }

  row(body: string): OutboxId {
    return this.#sent(body).send.id;
  }

  senderOf(body: string): UserId {
    return this.#sent(body).send.sender;
  }

  contentOf(body: string) {
    return this.#sent(body).send.content;
  }

  relation(event: EventId | undefined) {
    return Object(this.flow.events.find((one) => one.event === event)?.send.content["m.relates_to"]);
  }

  get reactions() {
    return this.flow.events.filter(({ send }) => send.type === "m.reaction");
  }

  /** Events that were taken out, in order. */
  get redacted(): readonly unknown[] {
    const { events } = this.flow;
    return events.flatMap(({ send }) => (send.type === "m.room.redaction" ? [send.content["redacts"]] : []));
  }

  get bodies(): readonly unknown[] {
    return this.flow.events.map(({ send }) => send.content["body"]);
  }

  /** Everything that waits has crossed. */
  async passes(): Promise<void> {
    await this.flow.world.clock.advance(60_000);
  }

  #sent(body: string) {
    const found = this.flow.events.find(({ send }) => send.content["body"] === body);
    if (!found) throw new Error(`${body} is not in the room`);
    return found;
  }
}
