import { expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import { ANA, BEN, FlowWorld } from "../kit/flow-world.ts";
import type { MemoryRoom } from "../kit/memory-room.ts";
import { fromBram, OpenFlow } from "../kit/open-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const avatarOf = (world: FlowWorld, name: string): string | undefined => {
  const [user] = Array.from(world.homeserver.names).find(([, shown]) => shown === `${name} (WhatsApp)`) ?? [];
  const uri = user && world.homeserver.avatars.get(user);
  return uri && world.homeserver.files.get(uri)?.bytes.toString();
};
const roomAvatar = (room: MemoryRoom): unknown => room.state.get("m.room.avatar ")?.["url"];

test("contacts are shown with their initials on the network's colour, before they join, and so is the chat", async () => {
  await using world = await FlowWorld.start();
  const { client } = await world.optsIn(ANA);
  await client.says("Bram Visser", "1", "hello");
  await settle();
  expect(avatarOf(world, "Bram Visser")).toBe("#1b8f4d BV");
  const { room } = await world.portal(ANA, "Bram Visser");
  const made = world.homeserver.room(room);
  const joined = made.timeline.filter(
    ({ type, content }) => type === "m.room.member" && content["membership"] === "join",
  );
  expect(joined.some(({ content }) => content["avatar_url"] === roomAvatar(made))).toBe(true);
});

test("who shares a look shares a file; a name that is no letter's gets a shape", async () => {
  await using world = await FlowWorld.start();
  const { client } = await world.optsIn(ANA);
  await client.says("Bram", "1", "hello");
  await client.says("Bea", "2", "hello");
  await client.says("👩‍🚀", "3", "hello");
  await settle();
  expect([avatarOf(world, "Bram"), avatarOf(world, "Bea"), avatarOf(world, "👩‍🚀")]).toEqual([
    "#1b8f4d B",
    "#1b8f4d B",
    "#1b8f4d person",
  ]);
  expect(new Set(world.homeserver.avatars.values()).size).toBe(2);
});

test("a contact who calls themselves otherwise is drawn anew, in the chat too", async () => {
  await using world = await FlowWorld.start();
  const { client } = await world.optsIn(ANA);
  await client.says("Bram", "1", "hello");
  await client.brings({ ...fromBram("2"), kind: "renamed", name: "Carla" });
  await settle();
  expect(avatarOf(world, "Carla")).toBe("#1b8f4d C");
  const made = world.homeserver.room((await world.portal(ANA, "Bram")).room);
  expect(world.homeserver.files.get(String(roomAvatar(made)))?.bytes.toString()).toBe("#1b8f4d C");
});

test("contacts of an older version get theirs after the start; nothing is drawn twice", async () => {
  await using flow = await OpenFlow.begin();
  const { world } = flow;
  const [ghost] = await world.store.ghosts.all();
  if (!ghost) throw new Error("no ghost");
  await world.store.write((tx) => tx.ghosts.setAvatar(ghost.network, ghost.person, ""));
  world.homeserver.avatars.clear();
  const files = world.homeserver.files.size;
  await world.restart();
  await world.clock.advance(5_000);
  expect(avatarOf(world, "Bram")).toBe("#1b8f4d B");
  expect(world.homeserver.files.size).toBe(files);
});

test("a picture that cannot be set holds up no message", async () => {
  await using world = await FlowWorld.start();
  const { client } = await world.optsIn(ANA);
  world.homeserver.setAvatar = async () => {
    throw new BridgeError("forbidden", { words: "no", certain: true });
  };
  await client.says("Bram", "1", "hello");
  await settle();
  const { room } = await world.portal(ANA, "Bram");
  expect(world.homeserver.shown(room)).toEqual(["Bram: hello"]);
});

test("Spaces are drawn; a chat is made in its Space and not changed after", async () => {
  await using world = await FlowWorld.start();
  const { client, room: management } = await world.optsIn(ANA);
  await world.says(ANA, management, "inbox separate");
  await client.says("Bram", "1", "hello");
  await settle();
  const spaces = Array.from(world.homeserver.rooms.values()).filter(({ spec }) => spec.kind === "space");
  const drawn = spaces.map((space) =>
    world.homeserver.files.get(String(roomAvatar(space)))?.bytes.toString(),
  );
  expect(drawn).toEqual(["#5b5f97 chats", "#1b8f4d W"]);
  const made = world.homeserver.room((await world.portal(ANA, "Bram")).room);
  const states = made.timeline.filter(({ state_key }) => state_key !== undefined).map(({ type }) => type);
  // What is set but once is no line of its own in the room.
  for (const type of ["m.room.join_rules", "m.room.name", "m.space.parent", "m.room.avatar"])
    expect(states.filter((each) => each === type)).toEqual([type]);
  expect(states).not.toContain("m.room.topic");
});

test("two people's chats with one contact share the contact's avatar", async () => {
  await using world = await FlowWorld.start();
  const ana = await world.optsIn(ANA);
  const ben = await world.optsIn(BEN);
  await ana.client.says("Bram", "1", "hello");
  await ben.client.says("Bram", "2", "hello");
  await settle();
  expect(world.homeserver.avatars.size).toBe(1);
});
