import { expect, test } from "@jest/globals";
import { ANA, BEN, FlowWorld } from "../kit/flow-world.ts";
import { fromBram, OpenFlow } from "../kit/open-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const shownNames = (world: FlowWorld) => Array.from(world.homeserver.names.values());
const roomName = (world: FlowWorld, room: Parameters<FlowWorld["homeserver"]["room"]>[0]) =>
  world.homeserver.room(room).state.get("m.room.name ")?.["name"];

test("a contact and their room show the network, whatever the contact calls themselves", async () => {
  await using world = await FlowWorld.start();
  const { client } = await world.optsIn(ANA);
  await client.says("Ana (Messenger)", "1", "hello");
  await settle();
  const { room } = await world.portal(ANA, "Ana (Messenger)");
  expect(shownNames(world)).toEqual(["Ana (WhatsApp)"]);
  expect(roomName(world, room)).toBe("Ana (WhatsApp)");
});

test("a new name reaches the ghost and the room of everybody who has a chat with the contact", async () => {
  await using world = await FlowWorld.start();
  const [ana, ben] = [await world.optsIn(ANA), await world.optsIn(BEN)];
  await ana.client.says("Bram", "1", "hello");
  await ben.client.says("Bram", "2", "hello");
  await settle();
  await ana.client.brings({
    ...fromBram("3"),
    at: world.clock.now(),
    kind: "renamed",
    name: "Bram V.",
  });
  await settle();
  for (const user of [ANA, BEN]) {
    expect(roomName(world, (await world.portal(user, "Bram")).room)).toBe("Bram V. (WhatsApp)");
  }
});

test.each([[""], ["\u200B "]])(
  "a message that comes without a name leaves the contact theirs: %j",
  async (senderName) => {
    await using world = await FlowWorld.start();
    const { client } = await world.optsIn(ANA);
    await client.says("Bram", "1", "hello");
    await client.says("Bram", "2", "again", { senderName } as never);
    await client.brings({ ...fromBram("3"), kind: "renamed", name: senderName });
    await settle();
    expect(shownNames(world)).toEqual(["Bram (WhatsApp)"]);
  },
);

test("contacts of an older version get their new name at the start, one after the other, and once", async () => {
  await using world = await FlowWorld.start();
  const { client, room } = await world.optsIn(ANA);
  const people = ["Bram", "Cees", "Dirk", "Eva"];
  for (const [index, who] of people.entries()) await client.says(who, String(index), "hello");
  await settle();
  const rooms = await Promise.all(people.map(async (who) => (await world.portal(ANA, who)).room));
  world.config.names = { contact: "{name} on {network}" };
  let set = 0;
  const { homeserver } = world;
  const setDisplayName = homeserver.setDisplayName.bind(homeserver);
  homeserver.setDisplayName = (...args) => {
    set += 1;
    return setDisplayName(...args);
  };
  await world.restart();
  expect(set).toBe(1);
  homeserver.away = true;
  await world.clock.advance(10_000);
  homeserver.away = false;
  await world.clock.advance(60_000);
  expect(shownNames(world)).toEqual(people.map((who) => `${who} on WhatsApp`));
  expect(rooms.map((one) => roomName(world, one))).toEqual(people.map((who) => `${who} on WhatsApp`));
  set = 0;
  await world.restart();
  await world.clock.advance(60_000);
  expect(set).toBe(0);
  await world.says(ANA, room, "mute whatsapp Eva on WhatsApp");
  expect(homeserver.shown(room).at(-1)).toContain("“unmute whatsapp Eva”");
});

test.each(["Bram", "bram", "BRAM (whatsapp)", "Bram (WhatsApp)"])(
  "a contact is found by %j",
  async (typed) => {
    await using flow = await OpenFlow.begin();
    const { world, management: room } = flow;
    await world.says(ANA, room, `mute whatsapp ${typed}`);
    expect(world.homeserver.shown(room).at(-1)).toContain("If you leave the chat with Bram");
  },
);
