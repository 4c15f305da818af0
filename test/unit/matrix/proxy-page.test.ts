import { expect, test } from "@jest/globals";
import type { EventId, RoomId, UserId } from "../../../src/core/model/ids.ts";
import { FakeHomeserverWorld } from "../../kit/fake-homeserver-world.ts";

const ANA = "@ana:fake.test" as UserId;
const EVENT = "$event" as EventId;

interface Asked {
  readonly world: FakeHomeserverWorld;
  readonly room: RoomId;
}

/** What is believed of a 404, by the address that answers it. */
const questions: Readonly<Record<string, (asked: Asked) => Promise<unknown>>> = {
  "account_data/m.direct": ({ world }) => world.puppets.directChats(ANA),
  "account_data/m.ignored_user_list": ({ world }) => world.puppets.ignoredUsers(ANA),
  "state/m.room.topic": ({ world, room }) => world.homeserver.getState(room, "m.room.topic", ""),
  "state/m.room.power_levels": ({ world, room }) => world.homeserver.archiveRoom(room),
  "state/m.room.encryption": ({ world, room }) => world.homeserver.isUnreadable(room),
  "/event/": ({ world, room }) => world.homeserver.event(room, EVENT),
  "/context/": ({ world, room }) => world.homeserver.saidBefore(room, EVENT, ANA),
  "/profile/": ({ world }) => world.homeserver.hasProfile(ANA),
};

const cases = Object.entries(questions).flatMap(([path, ask]) => [
  { path, ask, what: "a proxy's page", code: {} },
  { path, ask, what: "an address that is not served", code: { errcode: "M_UNRECOGNIZED" } },
]);

test.each(cases)("at $path a 404 with $what says nothing of what is there", async ({ path, ask, code }) => {
  await using world = await FakeHomeserverWorld.start();
  const { homeserver, fake } = world;
  await homeserver.register(homeserver.bot);
  const room = await homeserver.createRoom({ key: "k", direct: false, kind: "portal", state: [] });
  fake.faults.order({ path, fault: { kind: "status", status: 404, ...code } });
  await expect(ask({ world, room })).rejects.toMatchObject({ cause: { status: 404 } });
});

test("a proxy's page is no empty list of direct chats or of whom somebody ignores, whatever its status", async () => {
  await using world = await FakeHomeserverWorld.start();
  world.fake.faults.order({ path: "account_data/", count: 2, fault: { kind: "status", status: 200 } });
  const { puppets } = world;
  for (const ask of [() => puppets.directChats(ANA), () => puppets.ignoredUsers(ANA)])
    await expect(ask()).rejects.toMatchObject({ reason: "homeserver-unreachable" });
});

test("who leaves by way of a proxy that answers for the homeserver has not left", async () => {
  await using world = await FakeHomeserverWorld.start();
  const { homeserver, fake } = world;
  await homeserver.register(homeserver.bot);
  const room = await homeserver.createRoom({ key: "k", direct: false, kind: "portal", state: [] });
  fake.faults.order({ path: "/leave", count: 1, fault: { kind: "status", status: 404 } });
  await expect(homeserver.leave(homeserver.bot, room)).rejects.toMatchObject({ cause: { status: 404 } });
});

test("a room that was made stays made where a proxy stands between for a moment", async () => {
  await using world = await FakeHomeserverWorld.start();
  const { homeserver, fake } = world;
  await homeserver.register(homeserver.bot);
  const spec = { key: "k", direct: false, kind: "portal", state: [] } as const;
  const room = await homeserver.createRoom(spec);
  fake.faults.order({ path: "m.room.power_levels", count: 1, fault: { kind: "status", status: 404 } });
  await expect(homeserver.createRoom(spec)).rejects.toMatchObject({ reason: "homeserver-fault" });
  expect(await homeserver.createRoom(spec)).toBe(room);
});
