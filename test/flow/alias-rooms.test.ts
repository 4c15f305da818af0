import { expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { ChatId, PersonId, RoomId, UserId } from "../../src/core/model/ids.ts";
import { ANA, BEN } from "../kit/flow-world.ts";
import { OpenFlow } from "../kit/open-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const KEY = "whatsapp_31612345678";

async function begin() {
  const flow = await OpenFlow.begin();
  const { world } = flow;
  const wim = {
    chat: "wim" as ChatId,
    person: "wim" as PersonId,
    name: "Wim",
    reachability: "reachable",
  } as const;
  world.network.contacts.set("+31612345678", { kind: "found", contact: wim });
  const roomUnder = (key = KEY) => world.homeserver.rooms.get(key);
  return {
    flow,
    world,
    roomUnder,
    asks: (key = KEY) => world.bridge.aliasQueried(key),
    /** Somebody opens the alias: the homeserver asks for it, and they join. Answers how they were put out. */
    async opens(user: UserId, key = KEY): Promise<unknown> {
      expect(await world.bridge.aliasQueried(key)).toBe(true);
      const room = roomUnder(key);
      if (!room) throw new Error("no room");
      world.homeserver.lets(user, room.id);
      await world.moves(user, room.id, "join");
      await settle();
      return [room.members.get(user), room.members.get(world.homeserver.bot), roomUnder(key)];
    },
    told: () => world.homeserver.shown(flow.management).at(-1),
    [Symbol.asyncDispose]: () => flow[Symbol.asyncDispose](),
  };
}
const GONE = ["leave", "leave", undefined];

test("who opens the alias of a number is told where the chat is, and the next one gets another room", async () => {
  await using it = await begin();
  expect(await it.opens(ANA)).toEqual(GONE);
  const { room } = await it.world.portal(ANA, "wim");
  expect(it.told()).toBe(
    `bot: The chat with Wim is open. Go on there: https://matrix.to/#/${encodeURIComponent(room)}?via=test`,
  );
  expect(it.world.homeserver.room(room).members.get(ANA)).toBe("invite");
  expect(await it.opens(ANA, "whatsapp_=2b31612345678")).toEqual(GONE);
  expect(await it.opens(ANA)).toEqual(GONE);
  expect(it.told()).toContain(encodeURIComponent(room));
});

test("who cannot have the chat is told why, and nothing is asked at the network for them", async () => {
  await using it = await begin();
  expect(await it.opens(BEN)).toEqual(GONE);
  const bens = await it.world.store.rooms.of(BEN);
  expect(it.world.homeserver.shown(bens as RoomId).at(-1)).toContain(
    "WhatsApp is off for you. Write “enable whatsapp” to @bot:test first",
  );
  expect(await it.opens(ANA, "whatsapp_31600000000")).toEqual(GONE);
  expect(it.told()).toBe("bot: Nobody there.");
  it.world.network.clientOf(ANA).find = async () => {
    throw new BridgeError("remote-refused", { words: "Too many were looked for.", certain: true });
  };
  expect(await it.opens(ANA, "whatsapp_31611111111")).toEqual(GONE);
  expect(it.told()).toBe("bot: Too many were looked for.");
});

test("who else is in the room when it is closed hears nothing of the other's chat", async () => {
  await using it = await begin();
  const { homeserver } = it.world;
  await it.asks();
  const room = it.roomUnder();
  if (!room) throw new Error("no room");
  for (const user of [ANA, BEN]) homeserver.lets(user, room.id);
  await it.world.moves(ANA, room.id, "join");
  await settle();
  expect(it.told()).toContain("The chat with Wim is open.");
  // Whoever is in a room sees why others are put out of it, too.
  expect(homeserver.putOuts).toEqual([
    { room: room.id, user: ANA, reason: "The answer is in your chat with @bot:test." },
    { room: room.id, user: BEN, reason: "Please open the address once more." },
  ]);
});

test("what is about nobody has no room, and few wait at once, for a minute", async () => {
  await using it = await begin();
  const hostile = [
    "",
    "_",
    "whatsapp",
    "whatsapp_",
    "signal_31612345678",
    "whatsapp_=zz",
    "whatsapp_=ff",
    "whatsapp_=00",
  ];
  for (const key of [
    ...hostile,
    `whatsapp_${"1".repeat(101)}`,
    "whatsapp_ a",
    "constructor_1",
    "whatsapp_=E2=80=AE1",
  ])
    expect([key, await it.asks(key)]).toEqual([key, false]);
  const rooms = it.world.homeserver.rooms.size;
  for (let number = 1; number <= 5; number += 1) expect(await it.asks(`whatsapp_${number}`)).toBe(true);
  expect(await it.asks("whatsapp_1")).toBe(true);
  expect(await it.asks("whatsapp_6")).toBe(false);
  expect(it.world.homeserver.rooms.size).toBe(rooms + 5);
  await it.world.clock.advance(61_000);
  expect(it.roomUnder("whatsapp_1")).toBeUndefined();
  expect(await it.asks("whatsapp_6")).toBe(true);
});

test("a restart in between leaves nothing, and who was in the room is put out", async () => {
  await using it = await begin();
  await it.asks();
  const room = it.roomUnder();
  if (!room) throw new Error("no room");
  it.world.homeserver.lets(ANA, room.id);
  await it.world.crash();
  await settle();
  expect([room.members.get(ANA), room.members.get(it.world.homeserver.bot), it.roomUnder()]).toEqual(GONE);
  await it.world.moves(ANA, room.id, "join");
  await expect(it.world.portal(ANA, "wim")).rejects.toThrow("no portal");
  expect(await it.opens(ANA)).toEqual(GONE);
  expect(await it.world.store.records.all("alias-rooms")).toEqual([]);
});
