import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Clock } from "../../../src/core/clock.ts";
import { BridgeError } from "../../../src/core/errors.ts";
import type { RoomId, UserId } from "../../../src/core/ids.ts";
import { noMetrics } from "../../../src/core/metrics.ts";
import { AuditStream } from "../../../src/matrix/audit.ts";
import type { FaultOrder } from "../../kit/fake-homeserver-faults.ts";
import type { HttpPerson } from "../../kit/fake-homeserver-person.ts";
import { FakeHomeserverWorld, quickClock, realClock } from "../../kit/fake-homeserver-world.ts";
import { partText } from "../../kit/part-text.ts";
import { VirtualClock } from "../../kit/virtual-clock.ts";

let world: FakeHomeserverWorld;
let stack: AsyncDisposableStack;
let alice: HttpPerson;
let room: RoomId;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  world = stack.use(await FakeHomeserverWorld.start());
  alice = world.person("alice");
  const { homeserver } = world;
  await homeserver.register(homeserver.bot);
  room = await portal("first");
});
afterEach(async () => stack.disposeAsync());

async function portal(key: string): Promise<RoomId> {
  const { homeserver } = world;
  const room = await homeserver.createRoom({ key, direct: true, kind: "portal", state: [] });
  await homeserver.invite(homeserver.bot, alice.user, room, { direct: true });
  await alice.join(room);
  return room;
}

function audit(since: string | undefined, clock: Clock = quickClock): AuditStream {
  const { fake, registration, homeserver, sink, log } = world;
  const stream = stack.use(
    new AuditStream({
      homeserverUrl: fake.url,
      asToken: registration.as_token,
      bot: homeserver.bot,
      isOurs: (user: UserId) => homeserver.isOurs(user),
      sink,
      since,
      clock,
      log,
      metrics: noMetrics,
    }),
  );
  stream.start();
  return stream;
}

const closed = (times: number): Promise<void> =>
  world.sink.until(() => world.sink.gaps.filter((gap) => gap === "closed").length >= times);
const texts = (): string[] =>
  world.sink
    .by("sync")
    .flatMap((event) => (event.kind === "message" ? event.message.parts.map(partText) : []));

const unknownPlace = { kind: "status", status: 400, errcode: "M_UNKNOWN" } as const;

const syncs = (): number => world.fake.requests.filter((line) => line.includes("/sync")).length;

/** Everything from now on is lost on its way to us. */
const losePushes = (): void => {
  if (world.fake.pusher) world.fake.pusher.quirks.drop = Number.POSITIVE_INFINITY;
};

test("the very first look stores its place and takes nothing", async () => {
  await alice.say(room, "before");
  await world.fake.pusher?.settled();
  audit(undefined);
  await closed(1);
  expect(world.sink.by("sync")).toEqual([]);
  expect(world.sink.tokens).toHaveLength(1);
  expect(world.sink.gaps).toEqual(["opened", "closed"]);
});

describe("a stream that goes on", () => {
  let since: string;
  beforeEach(async () => {
    await alice.say(room, "known already");
    const first = audit(undefined);
    await closed(1);
    since = world.sink.tokens.at(-1) ?? "";
    await first[Symbol.asyncDispose]();
    world.sink.gaps.length = 0;
    losePushes();
  });

  test("brings what was never pushed, with the place it was at", async () => {
    const lost = await alice.say(room, "lost");
    audit(since);
    await closed(1);
    expect(texts()).toEqual(["lost"]);
    expect(world.sink.by("push").map(({ id }) => id)).not.toContain(lost);
    expect(world.sink.tokens.at(-1)).not.toBe(since);
  });

  test("brings what happens while it is open", async () => {
    audit(since);
    await closed(1);
    await alice.say(room, "live");
    await world.sink.until(() => texts().includes("live"));
    expect(world.sink.gaps).toEqual(["opened", "closed"]);
  });

  test("brings each event at once for half a minute after a gap, in which pushes may be lost", async () => {
    const clock = new VirtualClock();
    audit(since, clock);
    await closed(1);
    for (const text of ["early", "at once"]) {
      await alice.say(room, text);
      await world.sink.until(() => texts().includes(text));
    }
  });

  test("lets a second gather in one answer, and sees that the server went meanwhile", async () => {
    const clock = new VirtualClock();
    audit(since, clock);
    await closed(1);
    await alice.say(room, "early");
    await world.sink.until(() => texts().includes("early"));
    await world.fake.polled();
    await clock.advance(30_000);
    await alice.say(room, "after a long question");
    await world.sink.until(() => texts().includes("after a long question"));
    await alice.say(room, "first");
    await world.sink.until(() => texts().includes("first"));
    const asked = syncs();
    for (let index = 0; index < 20; index += 1) await alice.say(room, `m${index}`);
    await clock.advance(999);
    expect(syncs()).toBe(asked);
    await clock.advance(1);
    await world.sink.until(() => texts().includes("m19"));
    expect(syncs()).toBe(asked + 1);
    await world.fake.crash();
    expect(world.sink.gaps).toEqual(["opened", "closed"]);
    await clock.advance(1000);
    await world.sink.until(() => world.sink.gaps.length === 3);
  });

  test("gathers nothing from a refused transaction until half a minute after one that is taken", async () => {
    const clock = new VirtualClock();
    const stream = audit(since, clock);
    await closed(1);
    await world.fake.polled();
    const arrivesAtOnce = async (text: string): Promise<void> => {
      await alice.say(room, text);
      await world.sink.until(() => texts().includes(text));
    };
    stream.pushed("refused");
    await clock.advance(60_000);
    for (const text of ["a", "b", "c"]) await arrivesAtOnce(text);
    stream.pushed("taken");
    await clock.advance(29_000);
    for (const text of ["d", "e", "f"]) await arrivesAtOnce(text);
    await world.fake.polled();
    await clock.advance(2000);
    await arrivesAtOnce("the answer to a long question");
    await arrivesAtOnce("the last before the pause");
    const asked = syncs();
    await alice.say(room, "gathered");
    await clock.advance(999);
    expect(syncs()).toBe(asked);
    stream.pushed("taken");
    await clock.advance(1);
    await world.sink.until(() => texts().includes("gathered"));
  });

  test("pages back where a room had more than fits, in order", async () => {
    const other = await portal("other");
    const sent: string[] = [];
    for (let index = 0; index < 260; index += 1) {
      await alice.say(index % 20 === 7 ? other : room, `m${index}`);
      if (index % 20 !== 7) sent.push(`m${index}`);
    }
    audit(since);
    await closed(1);
    const here = world.sink.by("sync").filter((event) => event.room === room && event.kind === "message");
    expect(
      here.flatMap((event) => (event.kind === "message" ? event.message.parts : [])).map(partText),
    ).toEqual(sent);
    expect(new Set(world.sink.by("sync").map(({ id }) => id)).size).toBe(world.sink.by("sync").length);
  });

  test("opens a gap when the server goes, and closes it when it has caught up", async () => {
    audit(since);
    await closed(1);
    await world.fake.crash();
    await world.sink.until(() => world.sink.gaps.length === 3);
    await world.fake.listen();
    await alice.say(room, "after the crash");
    await closed(2);
    await world.sink.until(() => texts().includes("after the crash"));
    expect(world.sink.gaps).toEqual(["opened", "closed", "opened", "closed"]);
  });

  test("begins again at the same place when it could not be kept", async () => {
    await alice.say(room, "kept at last");
    world.sink.fault = new BridgeError("storage", { words: "The disk is full.", certain: true });
    audit(since);
    await closed(1);
    expect(texts()).toEqual(["kept at last"]);
  });

  test("lets go after ten seconds of a server that answers everything else", async () => {
    world.fake.faults.order({ fault: { kind: "status", status: 500, errcode: "M_UNKNOWN" }, path: "/sync" });
    audit(since);
    await closed(1);
    expect(world.log.lines.some(({ message }) => message.includes("did not catch up"))).toBe(true);
    const asked = world.fake.requests.length;
    while (world.fake.requests.length < asked + 6) await new Promise((resolve) => setImmediate(resolve));
    world.fake.faults.clear();
    await alice.say(room, "late");
    await world.sink.until(() => texts().includes("late"));
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
      audit(since);
      await world.sink.until(() => texts().includes("m119"));
      expect(texts()).toEqual(Array.from({ length: 120 }, (_, index) => `m${index}`));
      expect(world.sink.missing).toEqual([]);
    });

    test("goes on without them after minutes, and the room hears of it", async () => {
      world.fake.faults.order({ fault, path: "/messages" });
      const hurried = {
        now: () => Date.now(),
        after: (_: number, act: () => void) => realClock.after(0, act),
      };
      audit(since, hurried);
      await world.sink.until(() => texts().includes("m119"));
      expect(texts()).toHaveLength(100);
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
    audit(since);
    await closed(1);
    await world.sink.until(() => texts().includes("m119"));
    expect(world.sink.missing).toEqual([room]);
  });

  test("begins anew when the server says twice that it does not know the place", async () => {
    await alice.say(room, "lost with the place");
    world.fake.faults.order({ fault: unknownPlace, path: "/sync", count: 2 });
    audit(since);
    await closed(1);
    expect(world.sink.tokens.at(-1)).not.toBe(since);
    expect(texts()).toEqual([]);
    expect(world.log.lines.some(({ message }) => message.includes("begins anew"))).toBe(true);
  });

  test.each<[string, string, FaultOrder]>([
    ["one such answer", "/sync", { fault: unknownPlace, count: 1 }],
    ["a proxy's", "/sync", { fault: { kind: "status", status: 400 }, count: 5 }],
    ["another question's", "/versions", { fault: unknownPlace, count: 5 }],
  ])("keeps its place for %s", async (_, path, order) => {
    await alice.say(room, "lost by push");
    world.fake.faults.order({ ...order, path });
    audit(since);
    await closed(1);
    expect(texts()).toEqual(["lost by push"]);
  });

  test("brings the bot's invitation to a direct chat, and later only what was said since", async () => {
    const { homeserver } = world;
    const theirs = await alice.createRoom();
    await alice.say(theirs, "long before the bot");
    await alice.call("POST", `v3/rooms/${encodeURIComponent(theirs)}/invite`, { user_id: homeserver.bot });
    await alice.say(theirs, "while it is invited");
    audit(since);
    await closed(1);
    expect(world.sink.by("sync")).toEqual([]);
    expect(world.sink.tokens.at(-1)).toBe(since);
    await world.sink.until(() => world.sink.by("sync").length > 0);
    expect(world.sink.by("sync").filter((event) => event.room === theirs)).toMatchObject([
      { kind: "member", user: homeserver.bot, membership: "invite" },
    ]);
    await homeserver.join(homeserver.bot, theirs);
    await alice.say(theirs, "help");
    await world.sink.until(() => texts().includes("help"));
    expect(texts()).not.toContain("long before the bot");
  });

  test("leaves an invitation alone that was acted upon already", async () => {
    const { homeserver } = world;
    audit(since);
    await closed(1);
    const theirs = await alice.createRoom();
    await alice.call("POST", `v3/rooms/${encodeURIComponent(theirs)}/invite`, { user_id: homeserver.bot });
    await homeserver.join(homeserver.bot, theirs);
    await alice.say(theirs, "help");
    await world.sink.until(() => texts().includes("help"));
    expect(world.sink.by("sync").filter(({ kind }) => kind === "member")).toEqual([]);
    await world.sink.until(() => world.sink.tokens.at(-1) !== since);
  });
});
