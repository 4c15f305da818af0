import { expect, test } from "@jest/globals";
import type { Writes } from "../../../src/core/ports/store.ts";
import { fieldOf } from "../../../src/matrix/http/json.ts";
import { AuditedRoom } from "../../kit/audited-room.ts";
import { eventually } from "../../kit/eventually.ts";
import { quickClock } from "../../kit/fake-homeserver-world.ts";

/** Keys of a device, of which the homeserver may show an event that nothing here knows of. */
function keysOf(lost = 0) {
  const happened: string[] = [];
  const heard = { syncs: 0, hurry: () => {} };
  const keys = {
    awaiting: 0,
    whenAwaited: (act: () => void) => {
      heard.hurry = act;
    },
    device: async () => (happened.length < lost ? "GONE" : "BRIDGE"),
    receive: (_: unknown, commit: (record: (tx: Writes) => void) => Promise<void>) => {
      heard.syncs += 1;
      return commit(() => undefined);
    },
    settle: async () => undefined,
    renewals: {
      deviceLost: async () => void happened.push("lost"),
      isUnknown: async (raw: unknown) => fieldOf(fieldOf(raw, "content"), "body") === "unknown",
      isOlder: async (which: string) => void happened.push(which),
    },
  };
  return { happened, heard, keys };
}

test("a device that the homeserver does not know is no older copy of it: the stream goes on where it was with another", async () => {
  await using it = await AuditedRoom.open();
  const since = await it.knownPlace();
  await it.alice.say(it.room, "meanwhile");
  const { happened, keys } = keysOf(3);
  it.audit(since, quickClock, keys);
  await it.closed(1);
  expect(happened).toEqual(["lost", "lost", "lost"]);
  expect(it.texts()).toEqual(["meanwhile"]);
  expect(it.world.sink.rollbacks).toBe(0);
});

test("where the homeserver shows what the database would know if it were not older, that is told once, after it is taken", async () => {
  await using it = await AuditedRoom.open();
  const since = await it.knownPlace();
  for (const text of ["unknown", "unknown", "known"]) await it.alice.say(it.room, text);
  const { happened, keys } = keysOf();
  it.audit(since, quickClock, keys);
  await it.closed(1);
  expect(happened).toEqual(["file"]);
  expect(it.texts()).toEqual(["unknown", "unknown", "known"]);
});

test("a key that an event waits for is asked for at once, between two polls", async () => {
  await using it = await AuditedRoom.open();
  const since = await it.knownPlace();
  const { heard, keys } = keysOf();
  let later = 0;
  /** The pause between two polls does not end by itself. */
  const clock = {
    now: () => quickClock.now() + later,
    after: (ms: number, act: () => void) => (ms > 500 ? () => {} : quickClock.after(ms, act)),
  };
  it.audit(since, clock, keys);
  await it.closed(1);
  later = 60_000;
  for (const text of ["one", "two"]) {
    const before = heard.syncs;
    await it.alice.say(it.room, text);
    await eventually(`the sync of ${text}`, () => heard.syncs > before);
  }
  const { syncs } = heard;
  await it.alice.say(it.room, "three");
  heard.hurry();
  await eventually("the sync that was hurried", () => heard.syncs > syncs);
});
