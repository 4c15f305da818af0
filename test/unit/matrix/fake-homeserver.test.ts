import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { RoomId, UserId } from "../../../src/core/model/ids.ts";
import { type Call, matrixApi } from "../../../tools/matrix/api.ts";
import { FakeHomeserverWorld } from "../../kit/fake-homeserver-world.ts";
import type { HttpPerson } from "../../kit/http-person.ts";

/** The quirks are what Synapse was seen to do; a fake without them would prove nothing. */
let world: FakeHomeserverWorld;
let room: RoomId;
let alice: HttpPerson;
let call: Call;
let ghosts: readonly UserId[];

beforeEach(async () => {
  world = await FakeHomeserverWorld.start();
  const { homeserver, fake } = world;
  call = matrixApi(fake.url, "as-token", AbortSignal.timeout(30_000));
  alice = world.person("alice");
  ghosts = [homeserver.ghostId("a"), homeserver.ghostId("b")];
  await homeserver.register(homeserver.bot);
  room = await homeserver.createRoom({ key: "quirks", direct: true, kind: "portal", state: [] });
  await homeserver.invite(homeserver.bot, alice.user, room, { direct: true });
  await alice.join(room);
  for (const ghost of ghosts) {
    await homeserver.register(ghost);
    await homeserver.invite(homeserver.bot, ghost, room, { direct: false });
    await homeserver.join(ghost, room);
  }
  await fake.pusher?.settled();
  world.sink.taken.length = 0;
});
afterEach(async () => world[Symbol.asyncDispose]());

async function send(ghost: UserId | undefined, txn: string, device: string, body = "hi"): Promise<unknown> {
  const as = `user_id=${encodeURIComponent(ghost ?? "")}${device}`;
  const path = `v3/rooms/${encodeURIComponent(room)}/send/m.room.message/${txn}?${as}`;
  return (await call("PUT", path, { msgtype: "m.text", body }))["event_id"];
}
/** Connections the crash cut may still be chosen once; asks until one answers. */
async function restart(): Promise<void> {
  await world.fake.crash();
  await world.fake.listen();
  const up = (): Promise<boolean> =>
    call("GET", "versions").then(
      () => true,
      () => false,
    );
  while (!(await up())) continue;
}

const pushed = (): string[] =>
  world.sink
    .by("push")
    .flatMap((event) =>
      event.kind === "message"
        ? event.message.parts.map((part) => ("body" in part ? part.body.text : part.kind))
        : [],
    );

test("without a device, a restart forgets transaction ids", async () => {
  const first = await send(ghosts[0], "t1", "");
  expect(await send(ghosts[0], "t1", "")).toBe(first);
  await restart();
  expect(await send(ghosts[0], "t1", "")).not.toBe(first);
});

test("with a device it does not", async () => {
  const first = await send(ghosts[0], "t1", "&device_id=BRIDGE");
  await restart();
  expect(await send(ghosts[0], "t1", "&device_id=BRIDGE")).toBe(first);
});

test("without a device, one ghost's id swallows another's message", async () => {
  const first = await send(ghosts[0], "t1", "", "mine");
  expect(await send(ghosts[1], "t1", "", "swallowed")).toBe(first);
});

test("events come in order, each once, until a quirk is ordered", async () => {
  for (const word of ["a", "b", "c"]) await alice.say(room, word);
  await world.fake.pusher?.settled();
  expect(pushed()).toEqual(["a", "b", "c"]);
});

test("the same events in a second transaction, and events that are never pushed", async () => {
  if (!world.fake.pusher) throw new Error("no pusher");
  world.fake.pusher.quirks.repeat = 1;
  await alice.say(room, "twice");
  await world.fake.pusher.settled();
  world.fake.pusher.quirks.drop = 1;
  await alice.say(room, "never");
  await alice.say(room, "after");
  await world.fake.pusher.settled();
  expect(pushed()).toEqual(["twice", "twice", "after"]);
});

test("a crash loses what waits behind a transaction on its way", async () => {
  world.sink.fault = new Error("away");
  await alice.say(room, "on its way");
  await world.sink.until(() => world.sink.fault === undefined);
  await alice.say(room, "lost");
  await restart();
  await world.fake.pusher?.settled();
  await alice.say(room, "later");
  await world.fake.pusher?.settled();
  expect(pushed()).not.toContain("lost");
  expect(pushed()).toContain("later");
});
