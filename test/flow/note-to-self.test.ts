import { expect, test } from "@jest/globals";
import type { ChatId, PersonId } from "../../src/core/model/ids.ts";
import { ANA, FlowWorld } from "../kit/flow-world.ts";
import { SecondDevice } from "../kit/second-device.ts";
import { settle } from "../kit/virtual-clock.ts";

const SELF = "ana-herself";

async function begin(puppets: boolean) {
  const world = await FlowWorld.start();
  world.puppets.there = puppets;
  world.homeserver.names.set(ANA, "Ana");
  const { room: management } = await world.optsIn(ANA);
  world.network.selves.add(SELF as ChatId);
  const contact = {
    chat: SELF as ChatId,
    person: SELF as PersonId,
    name: "Ana",
    reachability: "reachable",
  } as const;
  world.network.contacts.set("+31 me", { kind: "found", contact: { ...contact, self: true } });
  return {
    world,
    phone: new SecondDevice(world),
    portal: () => world.portal(ANA, SELF),
    members: async () =>
      Array.from(world.homeserver.room((await world.portal(ANA, SELF)).room).members).filter(
        ([, is]) => is !== "leave",
      ),
    starts: () => world.says(ANA, management, "start-chat whatsapp +31 me"),
    answer: () => world.homeserver.shown(management).at(-1),
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

test("what the person notes to themself on their phone is a room of theirs, with nobody else in it", async () => {
  await using it = await begin(true);
  await it.phone.says("buy milk", "n1", SELF);
  const { room } = await it.portal();
  const { state } = it.world.homeserver.room(room);
  expect(state.get("m.room.name ")).toEqual({ name: "Note to self (WhatsApp)" });
  expect(it.world.homeserver.shown(room)).toEqual(["Ana: buy milk"]);
  expect(await it.members()).toEqual([
    [it.world.homeserver.bot, "join"],
    [ANA, "join"],
  ]);
  await it.world.says(ANA, room, "and bread");
  expect(Array.from(it.world.network.clientOf(ANA).received.values())).toEqual(["and bread"]);
  await it.world.restart();
  await it.phone.says("done", "n2", SELF);
  expect((await it.portal()).room).toBe(room);
  expect(it.world.homeserver.shown(room).at(-1)).toBe("Ana: done");
  expect(await it.members()).toHaveLength(2);
  expect(it.world.errors).toEqual([]);
});

test("once the room is encrypted their own ghost says it, who comes for that", async () => {
  await using it = await begin(true);
  await it.phone.says("buy milk", "n1", SELF);
  const { room } = await it.portal();
  const { homeserver } = it.world;
  homeserver.secrecy.isOn = true;
  homeserver.secrecy.rooms.add(room);
  await it.phone.says("and bread", "n2", SELF);
  const senders = homeserver.room(room).events.map(({ send }) => homeserver.isOurs(send.sender));
  expect(senders).toEqual([false, true]);
  expect(homeserver.shown(room)).toEqual(["Ana: buy milk", "Ana: and bread"]);
  expect(await it.members()).toHaveLength(3);
});

test("without double puppets their own ghost says it, and no other comes", async () => {
  await using it = await begin(false);
  await it.phone.says("buy milk", "n1", SELF);
  const { room } = await it.portal();
  expect(it.world.homeserver.shown(room)).toEqual(["Ana: buy milk"]);
  expect(await it.members()).toHaveLength(3);
  expect(await it.world.store.ghosts.byPerson(it.world.network.id, SELF as PersonId)).toBeUndefined();
});

test("it is opened by one's own address, and is the same room as the phone's", async () => {
  await using it = await begin(true);
  await it.starts();
  const { room } = await it.portal();
  expect(await it.members()).toHaveLength(2);
  await it.phone.says("buy milk", "n1", SELF);
  await settle();
  expect((await it.portal()).room).toBe(room);
  expect(it.world.homeserver.shown(room).at(-1)).toBe("Ana: buy milk");
  const [login] = await it.world.store.logins.of(ANA, it.world.network.id);
  expect(login && (await it.world.store.contacts.get(login.id, SELF as PersonId))).toBeUndefined();
});
