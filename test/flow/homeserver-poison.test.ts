import { describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { ChatId, EventId, PersonId, RoomId } from "../../src/core/model/ids.ts";
import type { Homeserver } from "../../src/core/ports/homeserver.ts";
import { ANA, FlowWorld } from "../kit/flow-world.ts";
import { OpenFlow } from "../kit/open-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

type Method = keyof Omit<Homeserver, "bot" | "serverName" | "ghostId" | "isOurs" | "encryption">;

const fault = () =>
  new BridgeError("homeserver-fault", { words: "It fails.", certain: false, retryAfter: 0 });

/** Makes the homeserver fail for ever on a request that has to do with Bram's chat, or on all of its kind. */
function poisons(world: FlowWorld, method: Method, of: "bram" | "all" = "bram"): void {
  const { homeserver } = world;
  const call = homeserver[method].bind(homeserver) as (...given: unknown[]) => Promise<unknown>;
  const about = async (given: readonly unknown[]): Promise<boolean> => {
    const [login] = await world.store.logins.of(ANA, world.network.id);
    const key = login && { login: login.id, chat: "Bram" as ChatId };
    const ghost = await world.store.ghosts.byPerson(world.network.id, "Bram" as PersonId);
    const portal = key && (await world.store.portals.byChat(key));
    const text = JSON.stringify(given);
    return [ghost?.user, portal?.room, portal?.createKey].some((id) => id !== undefined && text.includes(id));
  };
  const poisoned = async (...given: unknown[]): Promise<unknown> => {
    if (of === "all" || (await about(given))) throw fault();
    return call(...given);
  };
  Object.assign(homeserver, { [method]: poisoned });
}

const everywhere = (world: FlowWorld): string =>
  Array.from(world.homeserver.rooms.values(), ({ id }) => world.homeserver.shown(id))
    .flat()
    .join("\n");

describe.each<[Method]>([["register"], ["createRoom"], ["members"], ["invite"], ["join"], ["send"]])(
  "where %s fails for ever for one chat",
  (method) => {
    test("each of its messages ends in a notice, and other chats go on at once", async () => {
      await using world = await FlowWorld.start();
      const { client } = await world.optsIn(ANA);
      poisons(world, method);
      await client.says("Bram", "1", "first");
      await client.says("Bram", "2", "second");
      await client.says("Cees", "1", "hello");
      await settle();
      const { room } = await world.portal(ANA, "Cees");
      expect(world.homeserver.shown(room)).toEqual(["Cees: hello"]);
      // A room that fails on everything fails on the notice too.
      await world.clock.advance(method === "send" ? 100_000 : 33_000);
      expect(everywhere(world)).toMatch(/Bram wrote to you on WhatsApp|could not be shown/);
      await world.clock.advance(200_000);
      const letters = await world.store.deadLetters.newest(10);
      expect(letters.map(({ ref }) => ref)).toEqual(expect.arrayContaining(["1", "2"]));
      expect(await world.store.networkInbox.count()).toBe(0);
      expect(await world.store.matrixOutbox.count()).toBe(0);
      expect(world.errors).not.toContain("a lane's step failed");
    });
  },
);

test.each<[Method]>([["setDisplayName"], ["setState"]])(
  "a chat is carried all the same where %s fails for ever",
  async (method) => {
    await using world = await FlowWorld.start();
    const { client, room: management } = await world.optsIn(ANA);
    await world.says(ANA, management, "inbox separate");
    poisons(world, method);
    await client.says("Bram", "1", "first");
    await world.clock.advance(60_000);
    await client.says("Bram", "2", "second");
    await world.clock.advance(60_000);
    const { room } = await world.portal(ANA, "Bram");
    expect(world.homeserver.shown(room).map((line) => line.split(": ")[1])).toEqual(["first", "second"]);
    expect(await world.store.deadLetters.newest(9)).toEqual([]);
  },
);

test("an outage of hours puts nothing aside, and its end is everybody's at once", async () => {
  await using world = await FlowWorld.start();
  const { client } = await world.optsIn(ANA);
  world.homeserver.away = true;
  const chats = Array.from({ length: 20 }, (_, n) => `contact${n}`);
  for (const chat of chats) await client.says(chat, "1", "hello");
  let asked = 0;
  const register = world.homeserver.register.bind(world.homeserver);
  world.homeserver.register = (user) => {
    asked += 1;
    return register(user);
  };
  await world.clock.advance(3 * 3_600_000);
  // Once or twice a minute each, and not all at the same moment.
  expect(asked).toBeLessThan(chats.length * 60 * 3 * 2.5);
  world.homeserver.away = false;
  world.bridge.homeserverBack();
  await settle();
  await settle();
  for (const chat of chats) {
    const { room } = await world.portal(ANA, chat);
    expect(world.homeserver.shown(room)).toEqual([`${chat}: hello`]);
  }
  expect(await world.store.deadLetters.newest(9)).toEqual([]);
});

test("a room in which not even a notice can be sent is told of in the management room", async () => {
  await using flow = await OpenFlow.begin();
  const { world, client, management } = flow;
  poisons(world, "send");
  await client.says("Bram", "2", "unheard");
  await world.clock.advance(120_000);
  expect(world.homeserver.shown(management).at(-1)).toContain(
    "could not be shown in the room of your chat with Bram",
  );
});

test("where no room can be made at all, what was to be said is said when there is one", async () => {
  await using world = await FlowWorld.start();
  const { client, room } = await world.optsIn(ANA);
  await world.store.write((tx) => tx.rooms.remove(room));
  poisons(world, "createRoom", "all");
  await client.says("Bram", "1", "unseen");
  await client.says("Bram", "2", "unseen too");
  await world.clock.advance(120_000);
  expect(await world.store.networkInbox.count()).toBe(0);
  const again = await world.meets(ANA);
  const told = world.homeserver.shown(again).filter((line) => line.includes("Bram wrote to you"));
  expect(told).toHaveLength(2);
});

test("what was to be said in a management room that is gone is said in a new one", async () => {
  await using world = await FlowWorld.start();
  const { client, room } = await world.optsIn(ANA);
  world.homeserver.rooms.delete("dm-ana");
  await world.says(ANA, room, "help");
  await world.clock.advance(60_000);
  await client.says("Bram", "1", "hello");
  const fresh = await world.store.rooms.of(ANA);
  expect(fresh).not.toBe(room);
  expect(world.homeserver.shown(fresh as RoomId).length).toBeGreaterThan(0);
});

test("a person whose invitation the bot cannot follow hears of it in a room that works", async () => {
  await using world = await FlowWorld.start();
  const join = world.homeserver.join.bind(world.homeserver);
  world.homeserver.join = (as, room) => (room === "!dm-ana" ? Promise.reject(fault()) : join(as, room));
  await world.meets(ANA);
  await world.clock.advance(60_000);
  const room = await world.store.rooms.of(ANA);
  expect(world.homeserver.shown(room as RoomId)).toEqual([
    expect.stringContaining("I could not join a room you invited me to"),
  ]);
});

describe("a reaction to an event unknown here", () => {
  test("is refused at once, and what follows it is not held up", async () => {
    await using flow = await OpenFlow.begin();
    const { world, client, room } = flow;
    for (const n of [1, 2, 3]) {
      const target = `$unknown${n}` as EventId;
      const reaction = { kind: "reaction", room, sender: ANA, target, emoji: "👍", at: 0 } as const;
      await world.bridge.intake.take([{ ...reaction, id: world.newEventId() }], "push");
    }
    await world.says(ANA, room, "next");
    expect(world.homeserver.shown(room).filter((line) => line.includes("does not know"))).toHaveLength(1);
    const marks = world.homeserver.room(room).events.filter(({ send }) => send.type === "m.reaction");
    expect(marks.map(({ send }) => send.content["m.relates_to"])).toEqual(
      ["$unknown2", "$unknown3"].map((event) => ({ rel_type: "m.annotation", event_id: event, key: "⚠️" })),
    );
    expect(Array.from(client.received.values())).toEqual(["next"]);
  });

  test("waits where the answer for that event is still on its way", async () => {
    await using flow = await OpenFlow.begin();
    const { world, client, room } = flow;
    const answer = Promise.withResolvers<void>();
    const send = world.homeserver.send.bind(world.homeserver);
    const made = Promise.withResolvers<EventId>();
    world.homeserver.send = async (event) => {
      const id = await send(event);
      made.resolve(id);
      await answer.promise;
      return id;
    };
    await client.says("Bram", "2", "react to this");
    const reaction = { kind: "reaction", room, sender: ANA, emoji: "👍", at: 0 } as const;
    await world.push({ ...reaction, id: world.newEventId(), target: await made.promise });
    answer.resolve();
    await world.clock.advance(1000);
    expect(client.taken).toEqual([expect.objectContaining({ kind: "reaction", target: "2", emoji: "👍" })]);
  });
});
