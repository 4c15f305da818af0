import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../../src/core/model/errors.ts";
import { AuditedRoom } from "../../kit/audited-room.ts";
import type { RequestFaultRule } from "../../kit/fake-homeserver-faults.ts";
import { realClock } from "../../kit/fake-homeserver-world.ts";
import { partText } from "../../kit/part-text.ts";

let it: AuditedRoom;
let world: AuditedRoom["world"];
let alice: AuditedRoom["alice"];
let room: AuditedRoom["room"];

beforeEach(async () => {
  it = await AuditedRoom.open();
  ({ world, alice, room } = it);
});
afterEach(() => it[Symbol.asyncDispose]());

const unknownPlace = { kind: "status", status: 400, errcode: "M_UNKNOWN" } as const;

test("the very first look stores its place and takes nothing", async () => {
  await alice.say(room, "before");
  await world.fake.pusher?.settled();
  it.audit(undefined);
  await it.closed(1);
  expect(world.sink.by("sync")).toEqual([]);
  expect(world.sink.tokens).toHaveLength(1);
  expect(world.sink.gaps).toEqual(["opened", "closed"]);
});

describe("a stream that goes on", () => {
  let since: string;
  beforeEach(async () => {
    since = await it.knownPlace();
  });

  test("brings what was never pushed, with the place it was at", async () => {
    const lost = await alice.say(room, "lost");
    it.audit(since);
    await it.closed(1);
    expect(it.texts()).toEqual(["lost"]);
    expect(world.sink.by("push").map(({ id }) => id)).not.toContain(lost);
    expect(world.sink.tokens.at(-1)).not.toBe(since);
  });

  test("brings what happens while it is open", async () => {
    it.audit(since);
    await it.closed(1);
    await alice.say(room, "live");
    await world.sink.until(() => it.texts().includes("live"));
    expect(world.sink.gaps).toEqual(["opened", "closed"]);
  });

  test("pages back where a room had more than fits, in order", async () => {
    const other = await it.portal("other");
    const sent: string[] = [];
    for (let index = 0; index < 260; index += 1) {
      await alice.say(index % 20 === 7 ? other : room, `m${index}`);
      if (index % 20 !== 7) sent.push(`m${index}`);
    }
    it.audit(since);
    await it.closed(1);
    const here = world.sink.by("sync").filter((event) => event.room === room && event.kind === "message");
    expect(
      here.flatMap((event) => (event.kind === "message" ? event.message.parts : [])).map(partText),
    ).toEqual(sent);
    expect(new Set(world.sink.by("sync").map(({ id }) => id)).size).toBe(world.sink.by("sync").length);
  });

  test("opens a gap when the server goes, and closes it when it has caught up", async () => {
    it.audit(since);
    await it.closed(1);
    await world.fake.crash();
    await world.sink.until(() => world.sink.gaps.length === 3);
    await world.fake.listen();
    await alice.say(room, "after the crash");
    await it.closed(2);
    await world.sink.until(() => it.texts().includes("after the crash"));
    expect(world.sink.gaps).toEqual(["opened", "closed", "opened", "closed"]);
  });

  test("begins again at the same place when it could not be kept", async () => {
    await alice.say(room, "kept at last");
    world.sink.fault = new BridgeError("storage", { words: "The disk is full.", certain: true });
    it.audit(since);
    await it.closed(1);
    expect(it.texts()).toEqual(["kept at last"]);
  });

  test("lets go after ten seconds of a server that answers everything else", async () => {
    world.fake.faults.order({ fault: { kind: "status", status: 500, errcode: "M_UNKNOWN" }, path: "/sync" });
    it.audit(since);
    await it.closed(1);
    expect(world.log.lines.some(({ message }) => message.includes("did not catch up"))).toBe(true);
    const asked = world.fake.requests.length;
    while (world.fake.requests.length < asked + 6) await new Promise((resolve) => setImmediate(resolve));
    world.fake.faults.clear();
    await alice.say(room, "late");
    await world.sink.until(() => it.texts().includes("late"));
    expect(world.sink.gaps).toEqual(["opened", "closed"]);
  });

  describe.each([
    ["500 M_UNKNOWN", { kind: "status", status: 500, errcode: "M_UNKNOWN" }],
    ["429 M_LIMIT_EXCEEDED", { kind: "status", status: 429, errcode: "M_LIMIT_EXCEEDED" }],
  ] as const)("with a room whose missed events are answered with %s", (_, fault) => {
    beforeEach(async () => {
      for (let index = 0; index < 120; index += 1) await alice.say(room, `m${index}`);
    });

    test("has all of them when that has passed, however long it took", async () => {
      world.fake.faults.order({ fault, path: "/messages", count: 20 });
      it.audit(since);
      await world.sink.until(() => it.texts().includes("m119"));
      expect(it.texts()).toEqual(Array.from({ length: 120 }, (_, index) => `m${index}`));
      expect(world.sink.missing).toEqual([]);
    });

    test("goes on without them after minutes, and the room hears of it", async () => {
      world.fake.faults.order({ fault, path: "/messages" });
      const hurried = {
        now: () => Date.now(),
        after: (_: number, act: () => void) => realClock.after(0, act),
      };
      it.audit(since, hurried);
      await world.sink.until(() => it.texts().includes("m119"));
      expect(it.texts()).toHaveLength(100);
      expect(world.sink.missing).toEqual([room]);
      const asked = world.fake.requests.filter((line) => line.includes("/messages"));
      expect(asked.length).toBeGreaterThan(100);
    });
  });

  test("goes on at once without a room the bot is not allowed to read", async () => {
    for (let index = 0; index < 120; index += 1) await alice.say(room, `m${index}`);
    world.fake.faults.order({
      fault: { kind: "status", status: 403, errcode: "M_FORBIDDEN" },
      path: "/messages",
    });
    it.audit(since);
    await it.closed(1);
    await world.sink.until(() => it.texts().includes("m119"));
    expect(world.sink.missing).toEqual([room]);
  });

  test("begins anew when the server says twice that it does not know the place, and brings what it may have lost", async () => {
    await alice.say(room, "lost with the place");
    world.fake.faults.order({ fault: unknownPlace, path: "/sync", count: 2 });
    it.audit(since);
    await it.closed(1);
    expect(world.sink.tokens.at(-1)).not.toBe(since);
    expect(it.texts()).toContain("lost with the place");
    expect(world.sink.rollbacks).toBe(1);
    expect(world.log.lines.some(({ message }) => message.includes("begins anew"))).toBe(true);
  });

  test.each<[string, string, RequestFaultRule]>([
    ["one such answer", "/sync", { fault: unknownPlace, count: 1 }],
    ["a proxy's", "/sync", { fault: { kind: "status", status: 400 }, count: 5 }],
    ["another question's", "/versions", { fault: unknownPlace, count: 5 }],
  ])("keeps its place for %s", async (_, path, order) => {
    await alice.say(room, "lost by push");
    world.fake.faults.order({ ...order, path });
    it.audit(since);
    await it.closed(1);
    expect(it.texts()).toEqual(["lost by push"]);
  });

  test("brings the bot's invitation to a direct chat, and later only what was said since", async () => {
    const { homeserver } = world;
    const theirs = await alice.createRoom();
    await alice.say(theirs, "long before the bot");
    await alice.call("POST", `v3/rooms/${encodeURIComponent(theirs)}/invite`, { user_id: homeserver.bot });
    await alice.say(theirs, "while it is invited");
    it.audit(since);
    await it.closed(1);
    expect(world.sink.by("sync")).toEqual([]);
    expect(world.sink.tokens.at(-1)).toBe(since);
    await world.sink.until(() => world.sink.by("sync").length > 0);
    expect(world.sink.by("sync").filter((event) => event.room === theirs)).toMatchObject([
      { kind: "member", user: homeserver.bot, membership: "invite" },
    ]);
    await homeserver.join(homeserver.bot, theirs);
    await alice.say(theirs, "help");
    await world.sink.until(() => it.texts().includes("help"));
    expect(it.texts()).not.toContain("long before the bot");
  });

  test("brings the invitations that are open at the very first start, and nothing that was said by then", async () => {
    const { homeserver } = world;
    const theirs = await alice.createRoom();
    await alice.call("POST", `v3/rooms/${encodeURIComponent(theirs)}/invite`, { user_id: homeserver.bot });
    await alice.say(theirs, "help");
    await alice.say(room, "long before the bridge");
    it.audit(undefined);
    await it.closed(1);
    await world.sink.until(() => world.sink.by("sync").length > 0);
    expect(world.sink.by("sync")).toMatchObject([
      { kind: "member", room: theirs, user: homeserver.bot, membership: "invite" },
    ]);
  });

  test("leaves an invitation alone that was acted upon already", async () => {
    const { homeserver } = world;
    it.audit(since);
    await it.closed(1);
    const theirs = await alice.createRoom();
    await alice.call("POST", `v3/rooms/${encodeURIComponent(theirs)}/invite`, { user_id: homeserver.bot });
    await homeserver.join(homeserver.bot, theirs);
    await alice.say(theirs, "help");
    await world.sink.until(() => it.texts().includes("help"));
    expect(world.sink.by("sync").filter(({ kind }) => kind === "member")).toEqual([]);
    await world.sink.until(() => world.sink.tokens.at(-1) !== since);
  });
});
