import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { AuditedRoom } from "../../kit/audited-room.ts";
import { VirtualClock } from "../../kit/virtual-clock.ts";

let it: AuditedRoom;
let world: AuditedRoom["world"];
let alice: AuditedRoom["alice"];
let room: AuditedRoom["room"];
let since: string;

beforeEach(async () => {
  it = await AuditedRoom.open();
  ({ world, alice, room } = it);
  since = await it.knownPlace();
});
afterEach(() => it[Symbol.asyncDispose]());

test("brings each event at once for half a minute after a gap, in which pushes may be lost", async () => {
  const clock = new VirtualClock();
  it.audit(since, clock);
  await it.closed(1);
  for (const text of ["early", "at once"]) {
    await alice.say(room, text);
    await world.sink.until(() => it.texts().includes(text));
  }
});

test("lets a second gather in one answer, and sees that the server went meanwhile", async () => {
  const clock = new VirtualClock();
  it.audit(since, clock);
  await it.closed(1);
  await alice.say(room, "early");
  await world.sink.until(() => it.texts().includes("early"));
  await world.fake.polled();
  await clock.advance(30_000);
  await alice.say(room, "after a long question");
  await world.sink.until(() => it.texts().includes("after a long question"));
  await alice.say(room, "first");
  await world.sink.until(() => it.texts().includes("first"));
  const asked = it.syncs();
  for (let index = 0; index < 20; index += 1) await alice.say(room, `m${index}`);
  await clock.advance(999);
  expect(it.syncs()).toBe(asked);
  await clock.advance(1);
  await world.sink.until(() => it.texts().includes("m19"));
  expect(it.syncs()).toBe(asked + 1);
  await world.fake.crash();
  expect(world.sink.gaps).toEqual(["opened", "closed"]);
  await clock.advance(1000);
  await world.sink.until(() => world.sink.gaps.length === 3);
});

test("gathers nothing from a refused transaction until half a minute after one that is taken", async () => {
  const clock = new VirtualClock();
  const stream = it.audit(since, clock);
  await it.closed(1);
  await world.fake.polled();
  const arrivesAtOnce = async (text: string): Promise<void> => {
    await alice.say(room, text);
    await world.sink.until(() => it.texts().includes(text));
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
  const asked = it.syncs();
  await alice.say(room, "gathered");
  await clock.advance(999);
  expect(it.syncs()).toBe(asked);
  stream.pushed("taken");
  await clock.advance(1);
  await world.sink.until(() => it.texts().includes("gathered"));
});
