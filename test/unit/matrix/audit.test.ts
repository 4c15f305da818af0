import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Clock } from "../../../src/core/clock.ts";
import { BridgeError } from "../../../src/core/errors.ts";
import type { RoomId, UserId } from "../../../src/core/ids.ts";
import { noMetrics } from "../../../src/core/metrics.ts";
import { AuditStream } from "../../../src/matrix/audit.ts";
import type { HttpPerson } from "../../kit/fake-homeserver-person.ts";
import { FakeHomeserverWorld, quickClock } from "../../kit/fake-homeserver-world.ts";
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
    await world.fake.polled();
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

  test("does not wait for one room that cannot be read", async () => {
    for (let index = 0; index < 120; index += 1) await alice.say(room, `m${index}`);
    world.fake.faults.order({
      fault: { kind: "status", status: 500, errcode: "M_UNKNOWN" },
      path: "/messages",
    });
    audit(since);
    await closed(1);
    await world.sink.until(() => texts().includes("m119"));
    expect(texts()).toHaveLength(100);
  });

  test("begins anew when the server does not know the place", async () => {
    world.fake.faults.order({
      fault: { kind: "status", status: 400, errcode: "M_UNKNOWN_POS" },
      path: "/sync",
      count: 1,
    });
    audit(since);
    await closed(1);
    expect(world.sink.tokens.at(-1)).toBeDefined();
    expect(texts()).toEqual([]);
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
