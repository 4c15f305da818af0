import { expect } from "@jest/globals";
import { ANA, type FlowWorld } from "./flow-world.ts";
import { settle } from "./virtual-clock.ts";

/** A chat in which each side has written once, and what is written there from now on. */
export async function writtenChat(world: FlowWorld) {
  const { client } = await world.optsIn(ANA);
  await client.says("Bram", "0", "hello");
  await settle();
  const { room } = await world.portal(ANA, "Bram");
  const writes = async (direction: string, ...texts: readonly string[]): Promise<void> => {
    if (direction === "to-network") return world.push(...texts.map((one) => world.text(ANA, room, one)));
    await Promise.all(texts.map((one) => world.network.clientOf(ANA).says("Bram", one, one)));
    await settle();
  };
  const arrived = (direction: string): string[] =>
    direction === "to-network"
      ? Array.from(world.network.clientOf(ANA).received.values())
      : world.homeserver.shown(room).flatMap((line) => (line.startsWith("Bram: ") ? [line.slice(6)] : []));
  return { room, writes, arrived };
}

/** Checks that no queue has a row. */
export async function nothingWaits(world: FlowWorld): Promise<void> {
  const { matrixInbox, matrixOutbox, networkInbox, networkOutbox } = world.store;
  for (const queue of [matrixInbox, matrixOutbox, networkInbox, networkOutbox])
    expect(await queue.count()).toBe(0);
}
