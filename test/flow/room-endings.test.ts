import { describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { RoomId } from "../../src/core/model/ids.ts";
import { ANA } from "../kit/flow-world.ts";
import { OpenFlow, said } from "../kit/open-flow.ts";
import { ADMIN, deletes, ghostIn, LEVELS, reigns, roomOf, texts } from "../kit/room-endings.ts";
import { settle } from "../kit/virtual-clock.ts";

const DAY = 86_400_000;

const endings: readonly (readonly [string, (flow: OpenFlow) => void])[] = [
  ["deleted", ({ world, room }) => deletes(world, room)],
  [
    "one the contact is banned from",
    (flow) => {
      reigns(flow.world, flow.room);
      flow.world.homeserver.room(flow.room).putOut(ADMIN, ghostIn(flow), "ban");
    },
  ],
  [
    "one the bot is kicked from, with the contact",
    (flow) => {
      const { world, room } = flow;
      reigns(world, room, { [world.homeserver.bot]: 50 });
      for (const user of [world.homeserver.bot, ghostIn(flow)]) {
        world.homeserver.room(room).putOut(ADMIN, user, "leave");
      }
    },
  ],
  [
    "one the bot is banned from, with the contact",
    (flow) => {
      const { world, room } = flow;
      reigns(world, room, { [world.homeserver.bot]: 50 });
      for (const user of [world.homeserver.bot, ghostIn(flow)]) {
        world.homeserver.room(room).putOut(ADMIN, user, "ban");
      }
    },
  ],
  [
    "one in which contacts may not write any more",
    ({ world, room }) => {
      reigns(world, room, { [world.homeserver.bot]: 0 });
      const levels = world.homeserver.room(room).state.get(`${LEVELS} `);
      world.homeserver.room(room).put(ADMIN, LEVELS, { ...levels, events_default: 50 }, "");
    },
  ],
  [
    "closed without another in its place",
    ({ world, room }) => {
      reigns(world, room);
      world.homeserver.room(room).say(ADMIN, "m.room.tombstone", { body: "over" }, "");
      const levels = world.homeserver.room(room).state.get(`${LEVELS} `);
      world.homeserver.room(room).put(ADMIN, LEVELS, { ...levels, events_default: 50 }, "");
    },
  ],
];

describe.each(endings)("a room that is %s", (_how, ends) => {
  test("is followed by another: what met its end arrives there whole, once, in order", async () => {
    await using flow = await OpenFlow.begin();
    ends(flow);
    await flow.client.says("Bram", "2", "one");
    await flow.client.says("Bram", "3", "two");
    await flow.client.says("Bram", "4", "three");
    await flow.world.clock.advance(5000);
    const room = await roomOf(flow);
    expect(room).not.toBe(flow.room);
    const [first] = flow.world.homeserver.shown(room);
    expect(first).toContain(`https://matrix.to/#/${encodeURIComponent(flow.room)}?via=test`);
    expect(texts(flow, room)).toEqual(["Bram: one", "Bram: two", "Bram: three"]);
    expect(flow.world.homeserver.room(room).members.get(ANA)).toBe("invite");
    expect(await flow.world.store.deadLetters.newest(9)).toEqual([]);
    await flow.does({ kind: "message", message: said("and back"), room });
    expect(Array.from(flow.client.received.values())).toEqual(["and back"]);
  });
});

test("a room its person is banned from is followed by another at the next message", async () => {
  await using flow = await OpenFlow.begin();
  reigns(flow.world, flow.room);
  flow.world.homeserver.room(flow.room).putOut(ADMIN, ANA, "ban");
  await flow.does({ kind: "member", sender: ADMIN, user: ANA, membership: "ban", direct: false });
  await flow.client.says("Bram", "2", "there you are");
  await settle();
  const room = await roomOf(flow);
  expect(room).not.toBe(flow.room);
  expect(texts(flow, room)).toEqual(["Bram: there you are"]);
});

test("a contact who was merely put out comes back into the same room", async () => {
  await using flow = await OpenFlow.begin();
  reigns(flow.world, flow.room);
  flow.world.homeserver.room(flow.room).putOut(ADMIN, ghostIn(flow), "leave");
  await flow.client.says("Bram", "2", "back");
  await settle();
  expect(await roomOf(flow)).toBe(flow.room);
  expect(texts(flow, flow.room)).toEqual(["Bram: hello", "Bram: back"]);
});

test("the bot's power taken away leaves a chat that goes on", async () => {
  await using flow = await OpenFlow.begin();
  reigns(flow.world, flow.room, { [flow.world.homeserver.bot]: 0 });
  await flow.client.says("Bram", "2", "still here");
  await flow.says("and I");
  await flow.bram("3", { kind: "renamed", name: "Abraham" });
  await flow.client.says("Bram", "4", "more", { senderName: "Abraham" } as never);
  await settle();
  expect(await roomOf(flow)).toBe(flow.room);
  expect(flow.shown.filter((line) => /still here|more/.test(line))).toHaveLength(2);
  expect(Array.from(flow.client.received.values())).toEqual(["and I"]);
});

test("somebody who takes every room away is met three times a day; then it waits for a word, and arrives whole", async () => {
  await using flow = await OpenFlow.begin();
  const { world, client } = flow;
  const told = () => world.homeserver.shown(flow.management).filter((line) => line.includes("“new-room"));
  for (let round = 2; round <= 7; round += 1) {
    deletes(world, (await world.store.portals.ofRoom(await roomOf(flow)))[0]?.room as RoomId);
    await client.says("Bram", `${round}`, `message ${round}`);
    await world.clock.advance(60_000);
  }
  expect(told()).toHaveLength(1);
  const made = Array.from(world.homeserver.rooms.values()).filter(({ spec }) => spec.kind === "portal");
  expect(made).toHaveLength(0);
  expect(await world.store.deadLetters.newest(9)).toEqual([]);
  await world.says(ANA, flow.management, "new-room whatsapp Bram");
  await world.clock.advance(1000);
  const room = await roomOf(flow);
  expect(texts(flow, room)).toEqual(["Bram: message 5", "Bram: message 6", "Bram: message 7"]);
});

test("where nobody asks, what waits arrives a day later", async () => {
  await using flow = await OpenFlow.begin();
  const { world, client } = flow;
  for (let round = 2; round <= 5; round += 1) {
    deletes(world, await roomOf(flow));
    await client.says("Bram", `${round}`, `message ${round}`);
    await world.clock.advance(60_000);
  }
  await world.clock.leap(DAY + 2 * 3_600_000);
  expect(texts(flow, await roomOf(flow))).toEqual(["Bram: message 5"]);
});

test("a closed chat whose room is deleted is closed in the next one, behind what still came", async () => {
  await using flow = await OpenFlow.begin();
  const { world } = flow;
  await flow.client.sink.ended({ kind: "withdrawn", words: "It ended." } as never);
  await settle();
  expect(world.homeserver.room(flow.room).archived).toBe(true);
  deletes(world, flow.room);
  await flow.client.says("Bram", "2", "late");
  await world.clock.advance(5000);
  const room = await roomOf(flow);
  expect(texts(flow, room)).toEqual(["Bram: late"]);
  expect(world.homeserver.room(room).archived).toBe(true);
});

test("a new room asked for while much is on its way to the one before gets the rest, and nothing twice", async () => {
  await using flow = await OpenFlow.begin();
  const { world } = flow;
  const { homeserver } = world;
  const send = homeserver.send.bind(homeserver);
  homeserver.send = async (row) => {
    const slow = row.room === flow.room ? 6 : 0;
    for (let turn = 0; turn < slow; turn++) await new Promise((done) => setImmediate(done));
    return send(row);
  };
  const ids = Array.from({ length: 40 }, (_, n) => `m${n}`);
  const all = ids.map((id) => flow.client.says("Bram", id, id));
  await Promise.all([...all, world.says(ANA, flow.management, "new-room whatsapp Bram")]);
  await world.clock.advance(10_000);
  const room = await roomOf(flow);
  const [before, after] = [texts(flow, flow.room), texts(flow, room)];
  expect([...before, ...after]).toEqual(["hello", ...ids].map((text) => `Bram: ${text}`));
  expect(after.length).toBeGreaterThan(20);
});

test("a room on which the homeserver fails altogether is followed by another on its person's word", async () => {
  await using flow = await OpenFlow.begin();
  const { world } = flow;
  await world.says(ANA, flow.management, "inbox separate");
  const { homeserver } = world;
  const fails = (room: RoomId): void => {
    if (room !== flow.room) return;
    throw new BridgeError("homeserver-fault", { words: "It failed.", certain: false, retryAfter: 0 });
  };
  for (const name of ["setState", "getState", "roomCondition", "members", "send"] as const) {
    const act = homeserver[name].bind(homeserver) as (...given: readonly never[]) => Promise<never>;
    homeserver[name] = async (...given: readonly unknown[]) => {
      const [first, second] = given;
      fails((name === "send" ? Object(first).room : name === "setState" ? second : first) as RoomId);
      return act(...(given as never[]));
    };
  }
  await world.says(ANA, flow.management, "new-room whatsapp Bram");
  await world.clock.advance(60_000);
  const room = await roomOf(flow);
  expect(room).not.toBe(flow.room);
  await flow.client.says("Bram", "2", "here");
  await world.clock.advance(60_000);
  expect(texts(flow, room)).toEqual(["Bram: here"]);
  expect(homeserver.room(room).members.get(ANA)).toBe("invite");
});

test("the Space has the new room in place of the old one", async () => {
  await using flow = await OpenFlow.begin();
  const { world } = flow;
  await world.says(ANA, flow.management, "inbox separate");
  reigns(world, flow.room);
  world.homeserver.room(flow.room).putOut(ADMIN, ghostIn(flow), "ban");
  await flow.client.says("Bram", "2", "moved");
  await settle();
  const room = await roomOf(flow);
  const spaces = Array.from(world.homeserver.rooms.values()).filter(({ spec }) => spec.kind === "space");
  const inside = (child: RoomId) => spaces.map(({ state }) => state.get(`m.space.child ${child}`));
  expect(inside(room)).toEqual([undefined, { via: ["test"] }]);
  expect(inside(flow.room)).toEqual([undefined, {}]);
  const old = world.homeserver.room(flow.room).state;
  expect(old.get("m.room.tombstone ")).toMatchObject({ replacement_room: room });
  const { state } = world.homeserver.room(room);
  expect(state.get("m.room.create ")).toMatchObject({ predecessor: { room_id: flow.room } });
});

test("wherever the bridge is killed on the way to the new room, nothing is lost or twice", async () => {
  let requests = Number.POSITIVE_INFINITY;
  for (let nth = 0; nth < requests; nth += 1) {
    await using flow = await OpenFlow.begin();
    const { world } = flow;
    reigns(world, flow.room);
    world.homeserver.room(flow.room).putOut(ADMIN, ghostIn(flow), "ban");
    let count = 0;
    const reached = Promise.withResolvers<void>();
    world.homeserver.before = async () => {
      if (count++ !== nth) return;
      reached.resolve();
      await new Promise(() => {});
    };
    await flow.client.says("Bram", "2", "one");
    await flow.client.says("Bram", "3", "two");
    await settle();
    requests = Math.min(requests, count <= nth ? nth : Number.POSITIVE_INFINITY);
    world.homeserver.before = async () => {};
    await world.crash();
    await world.clock.advance(10_000);
    expect([nth, texts(flow, await roomOf(flow))]).toEqual([nth, ["Bram: one", "Bram: two"]]);
    expect(await world.store.deadLetters.newest(9)).toEqual([]);
  }
  expect(requests).toBeGreaterThan(10);
}, 60_000);
