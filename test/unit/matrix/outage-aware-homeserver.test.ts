import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { OutboxId, RoomId, UserId } from "../../../src/core/model/ids.ts";
import type { RequestFault } from "../../kit/fake-homeserver-faults.ts";
import { FakeHomeserverWorld } from "../../kit/fake-homeserver-world.ts";
import { fastest } from "../../kit/fastest.ts";

let world: FakeHomeserverWorld;
let room: RoomId;
let ghost: UserId;

beforeEach(async () => {
  world = await FakeHomeserverWorld.start();
  const { homeserver } = world;
  ghost = homeserver.ghostId("a1");
  await homeserver.register(homeserver.bot);
  await homeserver.register(ghost);
  room = await homeserver.createRoom({ key: "one", direct: true, kind: "portal", state: [] });
  await homeserver.invite(homeserver.bot, ghost, room, { direct: false });
  await homeserver.join(ghost, room);
});
afterEach(async () => world[Symbol.asyncDispose]());

const file = { size: 3, read: () => [Buffer.from("abc")] as unknown as AsyncIterable<Uint8Array> };

/** Every kind of request a lane makes: the part of its path that names it, and the request. */
const requests: readonly (readonly [string, string, (uri: string) => Promise<unknown>])[] = [
  ["making a room", "/createRoom", () => world.homeserver.createRoom(spec("two"))],
  ["finding a room by its alias", "/directory/", () => world.homeserver.createRoom(spec("one"))],
  ["an invitation", "/invite", () => world.homeserver.invite(world.homeserver.bot, other(), room, indirect)],
  ["a direct invitation", "/m.room.member/", () => world.homeserver.invite(ghost, other(), room, direct)],
  ["joining", "/join", () => world.homeserver.join(ghost, room)],
  ["leaving", "/leave", () => world.homeserver.leave(ghost, room)],
  ["an account", "/register", () => world.homeserver.register(world.homeserver.ghostId("b2"))],
  ["a device", "/devices/", () => world.homeserver.register(ghost)],
  ["a name", "/displayname", () => world.homeserver.setDisplayName(ghost, "Bram")],
  ["members", "/members", () => world.homeserver.members(room)],
  [
    "a state event",
    "/state/m.room.topic/",
    () => world.homeserver.setState(world.homeserver.bot, room, "m.room.topic", "", { topic: "x" }),
  ],
  ["reading state", "/state/m.room.topic/", () => world.homeserver.getState(room, "m.room.topic", "")],
  ["power levels", "/m.room.power_levels/", () => world.homeserver.archiveRoom(room)],
  ["a message", "/send/", () => world.homeserver.send(event())],
  ["looking for a message", "/messages", () => world.homeserver.findSent(room, ghost, event().id, 0)],
  ["one event", "/event/", () => world.homeserver.event(room, "$x" as never)],
  ["a place for a file", "/media/v1/create", () => world.homeserver.reserveMedia(ghost)],
  ["an upload", "/upload/", (uri) => world.homeserver.putMedia(ghost, uri, file, "text/plain")],
  ["a download", "/media/download/", (uri) => world.homeserver.openMedia({ uri }, 100)],
  ["the upload limit", "/media/config", () => world.homeserver.mediaLimit()],
];

const direct = { direct: true } as const;
const indirect = { direct: false } as const;
const other = (): UserId => world.homeserver.ghostId("c3");
const spec = (key: string) => ({ key, direct: true, kind: "portal", state: [] }) as const;
const event = () => ({
  id: randomUUID() as OutboxId,
  room,
  sender: ghost,
  type: "m.room.message",
  stateKey: undefined,
  content: { msgtype: "m.text", body: "hi" },
  createdAt: Date.now(),
});

const failed: RequestFault = { kind: "status", status: 500, errcode: "M_UNKNOWN" };

describe.each(requests)("%s", (_name, path, ask) => {
  test("that fails while the homeserver works is to blame itself; in an outage it is not", async () => {
    const uri = await world.homeserver.reserveMedia(ghost);
    world.fake.faults.order({ fault: failed, path });
    await expect(ask(uri)).rejects.toMatchObject({
      reason: "homeserver-fault",
      outage: false,
      retryAfter: 0,
    });
    expect(world.homeserver.away).toBe(false);
    world.fake.faults.order({ fault: failed });
    await expect(ask(uri)).rejects.toMatchObject({ reason: "homeserver-unreachable", outage: true });
    expect(world.homeserver.away).toBe(true);
  });
});

test.each<readonly [string, RequestFault]>([
  ["502 as a page", { kind: "status", status: 502 }],
  ["a page with 200", { kind: "status", status: 200 }],
  ["a page with 404", { kind: "status", status: 404 }],
  ["503 as JSON", { kind: "status", status: 503, errcode: "M_UNKNOWN" }],
  ["that our token is unknown", { kind: "status", status: 401, errcode: "M_UNKNOWN_TOKEN" }],
  ["nothing at all", { kind: "lose-answer" }],
])("a homeserver that works and answers one request with %s fails on that request", async (_name, fault) => {
  world.fake.faults.order({ fault, path: "/createRoom" });
  await expect(world.homeserver.createRoom(spec("three"))).rejects.toMatchObject({
    reason: "homeserver-fault",
  });
});

test("a homeserver that reads and cannot write is away", async () => {
  for (const method of ["PUT", "POST"]) world.fake.faults.order({ fault: failed, method });
  await expect(world.homeserver.send(event())).rejects.toMatchObject({ outage: true });
});

test("one that refuses the bot's account data in due form works all the same", async () => {
  const refused: RequestFault = { kind: "status", status: 404, errcode: "M_UNRECOGNIZED" };
  world.fake.faults.order({ fault: refused, path: "/account_data/" });
  world.fake.faults.order({ fault: failed, path: "/send/" });
  await expect(world.homeserver.send(event())).rejects.toMatchObject({ reason: "homeserver-fault" });
});

test("an answer from before the fault says nothing about it", async () => {
  world.fake.faults.order({ fault: failed, path: "/send/" });
  await expect(world.homeserver.send(event())).rejects.toMatchObject({ outage: false });
  world.fake.faults.order({ fault: failed });
  await expect(world.homeserver.send(event())).rejects.toMatchObject({ outage: true });
});

test("a part of the homeserver that is away is nobody's fault either", async () => {
  const { homeserver, fake } = world;
  const other = await homeserver.createRoom(spec("other"));
  fake.faults.order({ fault: failed, path: "/send/" });
  await expect(homeserver.send(event())).rejects.toMatchObject({ outage: false });
  const elsewhere = { ...event(), room: other, sender: homeserver.bot };
  await expect(homeserver.send(elsewhere)).rejects.toMatchObject({ outage: true, retryAfter: 500 });
  await expect(homeserver.send(event())).rejects.toMatchObject({ outage: true });
  fake.faults.clear();
  await homeserver.send(elsewhere);
  fake.faults.order({ fault: failed, path: "/send/" });
  await expect(homeserver.send(event())).rejects.toMatchObject({ outage: false });
});

test("being asked to slow down is neither", async () => {
  const fault: RequestFault = {
    kind: "status",
    status: 429,
    errcode: "M_LIMIT_EXCEEDED",
    retryAfterMs: 1234,
  };
  world.fake.faults.order({ fault, path: "/send/", count: 1 });
  await expect(world.homeserver.send(event())).rejects.toMatchObject({ outage: true, retryAfter: 1234 });
  expect(world.homeserver.away).toBe(false);
});

test("whoever waits hears of its return within a second, with few questions in between", async () => {
  const outage = async (): Promise<number> => {
    await world.fake.crash();
    const back = Promise.withResolvers<number>();
    world.homeserver.whenBack(() => back.resolve(performance.now()));
    const sends = Array.from({ length: 50 }, () => world.homeserver.send(event()).catch(() => undefined));
    await Promise.all(sends);
    expect(world.homeserver.away).toBe(true);
    const before = world.fake.requests.length;
    await world.fake.listen();
    const there = performance.now();
    const took = (await back.promise) - there;
    expect(world.homeserver.away).toBe(false);
    expect(world.fake.requests.length - before).toBeLessThan(3);
    return took;
  };
  expect(await fastest(outage)).toBeLessThan(1000);
});
