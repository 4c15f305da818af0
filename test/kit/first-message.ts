import type { EventId, RoomId } from "../../src/core/model/ids.ts";
import { ANA, FlowWorld } from "./flow-world.ts";
import type { MemoryClient } from "./memory-client.ts";
import { settle } from "./virtual-clock.ts";

export interface Asked extends AsyncDisposable {
  readonly world: FlowWorld;
  readonly client: MemoryClient;
  readonly management: RoomId;
  readonly room: RoomId;
}

/** Bram has written to Ana for the first time, and the bridge has joined the chat for her. */
export async function asked(
  before: (world: FlowWorld, management: RoomId) => Promise<unknown> = async () => {},
): Promise<Asked> {
  const world = await FlowWorld.start();
  world.puppets.there = true;
  const { client, room: management } = await world.optsIn(ANA);
  await before(world, management);
  await client.says("Bram", "1", "hello");
  await settle();
  const { room } = await world.portal(ANA, "Bram");
  return { world, client, management, room, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
}

export const event = ({ world, room }: Asked, body: string): EventId => {
  const found = world.homeserver
    .room(room)
    .events.find(({ send }) => String(send.content["body"]).startsWith(body));
  if (!found) throw new Error(`nobody said ${body}`);
  return found.event;
};
export const asks = async ({ world, management }: Asked, text: string): Promise<string> => {
  await world.says(ANA, management, text);
  return world.homeserver.shown(management).at(-1) ?? "";
};
export const reacts = ({ world, room }: Asked, target: EventId, emoji: string): Promise<void> =>
  world.push({ kind: "reaction", room, sender: ANA, id: world.newEventId(), at: 0, target, emoji });
/** Ana types, and has read what Bram wrote; answers what the network was told. */
export async function shows(it: Asked): Promise<readonly string[]> {
  const before = it.client.signs.length;
  const { room } = it;
  it.world.bridge.signals.take([
    { kind: "typing", room, users: [ANA] },
    { kind: "typing", room, users: [] },
    { kind: "receipt", room, event: event(it, "hello"), user: ANA },
  ]);
  await settle();
  return it.client.signs.slice(before);
}
