import { describe, expect, test } from "@jest/globals";
import type { RoomId } from "../../src/core/model/ids.ts";
import { ANA, type FlowWorld } from "../kit/flow-world.ts";
import { OpenFlow } from "../kit/open-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

/** A chat in a Space. */
async function separate(): Promise<OpenFlow> {
  const flow = await OpenFlow.begin();
  await flow.asks("inbox separate");
  return flow;
}

/** The Space and its part for the network. */
function spacesOf({ homeserver }: FlowWorld): readonly RoomId[] {
  return Array.from(homeserver.rooms.values())
    .filter(({ spec }) => spec.kind === "space")
    .map(({ id }) => id);
}

/** As when an administrator deletes a room: nobody is in it any more, and nobody may look. */
function deletes({ homeserver }: FlowWorld, room: RoomId | undefined): void {
  for (const [key, { id }] of Array.from(homeserver.rooms)) if (id === room) homeserver.rooms.delete(key);
}

const childOf = (world: FlowWorld, space: RoomId | undefined, room: RoomId) =>
  world.homeserver.getState(space as RoomId, "m.space.child", room);

describe("a Space that was deleted", () => {
  test.each([
    ["whole", [0, 1]],
    ["but for the part of the network", [0]],
    ["as to the part of the network", [1]],
  ])("%s is made anew for the next chat", async (_name, gone) => {
    await using flow = await separate();
    const { world, client, management } = flow;
    const before = spacesOf(world);
    for (const one of gone) deletes(world, before[one]);
    await client.says("Cees", "1", "hello");
    await settle();
    const { room } = await world.portal(ANA, "Cees");
    expect(world.homeserver.shown(room)).toEqual(["Cees: hello"]);
    const after = spacesOf(world);
    expect(after).toHaveLength(2);
    const root = after.find((space) => world.homeserver.room(space).members.get(ANA) === "invite");
    const part = after.find((space) => space !== root);
    expect(await childOf(world, root, part as RoomId)).toMatchObject({ via: ["test"] });
    expect(await childOf(world, part, room)).toMatchObject({ via: ["test"] });
    const told = world.homeserver.shown(management).filter((line) => line.includes("is gone"));
    expect(told).toHaveLength(gone.includes(0) ? 1 : 0);
    await world.says(ANA, management, "inbox separate");
    const bram = (await world.portal(ANA, "Bram")).room;
    expect(await childOf(world, part, bram)).toMatchObject({ via: ["test"] });
    expect(await world.store.deadLetters.newest(9)).toEqual([]);
  });

  test("keeps no chat from coming out of it", async () => {
    await using flow = await separate();
    const { world, client, management } = flow;
    for (const space of spacesOf(world)) deletes(world, space);
    await world.says(ANA, management, "inbox combined");
    await client.says("Cees", "1", "hello");
    await settle();
    expect(world.homeserver.shown((await world.portal(ANA, "Cees")).room)).toEqual(["Cees: hello"]);
    expect(spacesOf(world)).toEqual([]);
  });
});

test("a Space the bot was put out of is no Space any more", async () => {
  await using flow = await separate();
  const { world, client } = flow;
  const before = spacesOf(world);
  for (const space of before) world.homeserver.room(space).members.set(world.homeserver.bot, "leave");
  await client.says("Cees", "1", "hello");
  await settle();
  const { room } = await world.portal(ANA, "Cees");
  const fresh = spacesOf(world).filter((space) => !before.includes(space));
  const holding = await Promise.all(fresh.map((space) => childOf(world, space, room)));
  expect(holding.filter((child) => child !== undefined)).toHaveLength(1);
});

test("a Space its person left is offered again with the next chat", async () => {
  await using flow = await separate();
  const { world, client } = flow;
  const [root] = spacesOf(world);
  world.homeserver.room(root as RoomId).members.set(ANA, "leave");
  await client.says("Cees", "1", "hello");
  await settle();
  expect(world.homeserver.room(root as RoomId).members.get(ANA)).toBe("invite");
  expect(spacesOf(world)).toHaveLength(2);
});
