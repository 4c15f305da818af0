import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { readSyncPosition, storedSyncPosition } from "../../../src/matrix/inbound/sync-position.ts";
import { AuditedRoom } from "../../kit/audited-room.ts";
import { copyOf, putBack } from "../../kit/fake-homeserver-copy.ts";
import { kinds } from "../../kit/fake-homeserver-kinds.ts";

let it: AuditedRoom;
let since: string;

beforeEach(async () => {
  it = await AuditedRoom.open();
  since = await it.knownPlace();
});
afterEach(() => it[Symbol.asyncDispose]());

/** The homeserver goes on after a copy, shows that to the stream, and then the copy is put back. */
async function rolledBack(): Promise<string> {
  const { world, alice, room } = it;
  const copy = copyOf(world.fake);
  for (let index = 0; index < 10; index += 1) await alice.say(room, `gone ${index}`);
  const seen = it.audit(since);
  await it.closed(1);
  await seen[Symbol.asyncDispose]();
  putBack(world.fake, copy);
  world.sink.taken.length = 0;
  world.sink.gaps.length = 0;
  return world.sink.tokens.at(-1) ?? "";
}

describe.each(["synapse", "tuwunel"] as const)(
  "a homeserver like %s that an older copy was put back of",
  (kind) => {
    beforeEach(() => {
      it.world.fake.kind = kinds[kind];
    });

    test("is noticed, and what happened there since is taken though it was never pushed", async () => {
      const { world, alice, room } = it;
      const position = await rolledBack();
      await alice.say(room, "new, before the bridge looks");
      it.audit(position);
      await it.closed(1);
      expect(world.sink.rollbacks).toBe(1);
      expect(it.texts()).toContain("new, before the bridge looks");
      expect(it.texts()).not.toContain("gone 0");
      await alice.say(room, "and after");
      await world.sink.until(() => it.texts().includes("and after"));
      expect(world.sink.rollbacks).toBe(1);
    });

    test("that is further than the old place by then is noticed as well", async () => {
      const { world, alice, room } = it;
      const position = await rolledBack();
      for (let index = 0; index < 130; index += 1) await alice.say(room, `new ${index}`);
      it.audit(position);
      await it.closed(1);
      expect(world.sink.rollbacks).toBe(1);
      const fresh = it.texts().filter((text) => text.startsWith("new "));
      expect(fresh).toEqual(Array.from({ length: 130 }, (_, index) => `new ${index}`));
    });

    test("and does not know the bot any more gets it again", async () => {
      const { world } = it;
      const position = await rolledBack();
      world.fake.state.users.delete(world.homeserver.bot);
      it.audit(position);
      await it.closed(1);
      expect(world.fake.state.users.has(world.homeserver.bot)).toBe(true);
      expect(world.sink.rollbacks).toBe(1);
    });
  },
);

test("a homeserver that only was away is not doubted", async () => {
  const { world, alice, room } = it;
  await alice.say(room, "lost");
  const seen = it.audit(since);
  await it.closed(1);
  await seen[Symbol.asyncDispose]();
  await world.fake.crash();
  await world.fake.listen();
  it.audit(world.sink.tokens.at(-1));
  await it.closed(2);
  expect(world.sink.rollbacks).toBe(0);
});

test("a look back ends where the bridge began: what was said before it is not said to it", async () => {
  const { world, alice, room } = it;
  const position = readSyncPosition(since, 0);
  await alice.say(room, "after it began");
  const later = storedSyncPosition({ ...position, began: Date.now() + 1000, at: Date.now() });
  world.fake.faults.order({
    fault: { kind: "status", status: 400, errcode: "M_UNKNOWN" },
    path: "/sync",
    count: 2,
  });
  it.audit(later);
  await it.closed(1);
  expect(it.texts()).toEqual([]);
});

describe("a stored place", () => {
  test("is read as it was stored", () => {
    const position = readSyncPosition(since, 5);
    expect(position.newest).toBeDefined();
    expect(readSyncPosition(storedSyncPosition(position), 99)).toEqual(position);
  });

  test.each(["s12_34", "{", "{}", '{"since":5}', '{"since":"a","began":"b","at":1}'])(
    "of an earlier version, or a broken one, is a word of the homeserver: %s",
    (text) => {
      expect(readSyncPosition(text, 7)).toEqual({ since: text, began: 7, at: 7, newest: undefined });
    },
  );
});
