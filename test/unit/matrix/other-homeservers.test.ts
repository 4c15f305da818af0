import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { UserId } from "../../../src/core/model/ids.ts";
import { AuditedRoom } from "../../kit/audited-room.ts";
import { kinds } from "../../kit/fake-homeserver-kinds.ts";
import { FakeHomeserverWorld } from "../../kit/fake-homeserver-world.ts";

/** What homeservers do differently towards a bridge; tuwunel's acceptance tests (Complemau) have names for most of it. */
let world: FakeHomeserverWorld;
beforeEach(async () => {
  world = await FakeHomeserverWorld.start({ kind: kinds.tuwunel });
  await world.homeserver.register(world.homeserver.bot);
});
afterEach(() => world[Symbol.asyncDispose]());

const bearer = { authorization: "Bearer hs-token" };
const ask = async (method: string, path: string, body?: object) => {
  const init = { method, headers: bearer, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  return (await fetch(`${world.endpointUrl}/_matrix/app/v1/${path}`, init)).status;
};
const typing = (users: readonly string[]) => ({
  type: "m.typing",
  room_id: "!r",
  content: { user_ids: users },
});

describe("transactions", () => {
  test("with one id and different contents are both taken: an id may be the hash of anything", async () => {
    const ephemeral = (users: readonly string[]) => ({ events: [], ephemeral: [typing(users)] });
    for (const users of [["@ana:fake.test"], [], ["@ana:fake.test"]]) {
      expect(await ask("PUT", "transactions/QmFzZTY0", ephemeral(users))).toBe(200);
    }
    expect(world.signals.map((signal) => signal.kind === "typing" && signal.users.length)).toEqual([1, 0, 1]);
  });

  test("that were not taken come again as they were, and nothing is lost", async () => {
    const alice = world.person("alice");
    const room = await alice.createRoom({ invite: [world.homeserver.bot] });
    await world.homeserver.join(world.homeserver.bot, room);
    await world.fake.pusher?.settled();
    world.sink.fault = new Error("the disk is full");
    const sent = await alice.say(room, "kept by the homeserver");
    await world.sink.until(() => world.sink.by("push").some(({ id }) => id === sent));
    expect(world.sink.by("push").filter(({ id }) => id === sent)).toHaveLength(1);
  });

  test("of more receipts than Synapse ever sends at once lose none", async () => {
    const content = Object.fromEntries(
      Array.from({ length: 150 }, (_, at) => [`$${at}`, { "m.read": { "@ana:fake.test": { ts: 1 } } }]),
    );
    await ask("PUT", "transactions/1", {
      events: [],
      ephemeral: [{ type: "m.receipt", room_id: "!r", content }],
    });
    expect(world.signals).toHaveLength(150);
  });
});

describe("namespaces that are read loosely", () => {
  const ours = (localpart: string): UserId => `@${localpart}:fake.test` as UserId;

  test.each(["_TPC_a1", "x_tpc_a1", "Thirdparty", "xthirdparty"])(
    "do not make %s one of ours",
    async (localpart) => {
      expect(world.homeserver.isOurs(ours(localpart))).toBe(false);
      expect(await ask("GET", `users/${encodeURIComponent(ours(localpart))}`)).toBe(404);
      const person = world.person(localpart);
      const room = await person.createRoom({ invite: [world.homeserver.bot] });
      await world.homeserver.join(world.homeserver.bot, room);
      const said = await person.say(room, "I am a person");
      await world.sink.until(() => world.sink.by("push").some(({ id }) => id === said));
    },
  );
});

test("a place ahead of the homeserver's own is refused, and the stream heals", async () => {
  await using it = await AuditedRoom.open();
  it.world.fake.kind = kinds.tuwunel;
  const since = JSON.parse(await it.knownPlace()) as Record<string, unknown>;
  await it.alice.say(it.room, "while the place was wrong");
  it.audit(JSON.stringify({ ...since, since: "s999999" }));
  await it.closed(1);
  expect(it.texts()).toContain("while the place was wrong");
});
