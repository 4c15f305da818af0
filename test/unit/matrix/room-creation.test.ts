import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { BridgeError } from "../../../src/core/model/errors.ts";
import { FakeHomeserverWorld } from "../../kit/fake-homeserver-world.ts";

let world: FakeHomeserverWorld;
beforeAll(async () => {
  world = await FakeHomeserverWorld.start();
  await world.homeserver.register(world.homeserver.bot);
});
afterAll(async () => world[Symbol.asyncDispose]());
afterEach(() => world.fake.faults.clear());

async function failure(making: Promise<unknown>): Promise<BridgeError> {
  const error = await making.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (error instanceof BridgeError) return error;
  throw new Error("it did not fail as it should");
}

describe("a room", () => {
  const spec = (key: string) => ({ key, direct: true, kind: "portal", state: [] }) as const;

  test("whose making was not confirmed is found by its alias", async () => {
    world.fake.faults.order({ fault: { kind: "lose-answer" }, path: "/createRoom", count: 1 });
    await failure(world.homeserver.createRoom(spec("lost")));
    const made = world.fake.state.aliases.get("#_tpc_lost:fake.test");
    expect(await world.homeserver.createRoom(spec("lost"))).toBe(made);
  });

  test("that a crash left without state is made anew", async () => {
    world.fake.faults.order({ fault: { kind: "crash-creation" }, path: "/createRoom", count: 1 });
    const half = world.fake.state.rooms.size;
    const whole = await world.homeserver.createRoom(spec("half"));
    expect(world.fake.state.rooms.size).toBe(half + 2);
    expect(world.fake.state.aliases.get("#_tpc_half:fake.test")).toBe(whole);
    expect(await world.homeserver.members(whole)).toEqual([world.homeserver.bot]);
  });

  const broken = { kind: "status", status: 500, errcode: "M_UNKNOWN" } as const;

  test("of a burst in which the homeserver fails on some is there within a second", async () => {
    world.fake.faults.order({ fault: broken, path: "/createRoom", count: 5 });
    const waits = jest.spyOn(world.clock, "after");
    const keys = Array.from({ length: 20 }, (_, at) => `burst-${at}`);
    const rooms = await Promise.all(keys.map((key) => world.homeserver.createRoom(spec(key))));
    const waited = waits.mock.calls.reduce((sum, [ms]) => sum + ms, 0);
    waits.mockRestore();
    expect(waited).toBeGreaterThan(0);
    expect(waited).toBeLessThan(1000);
    expect(new Set(rooms).size).toBe(20);
    expect(keys.map((key) => world.fake.state.aliases.get(`#_tpc_${key}:fake.test`))).toEqual(rooms);
  });

  test("that was made though the homeserver said it was not is found, not made twice", async () => {
    const before = world.fake.state.rooms.size;
    const { homeserver, fake } = world;
    fake.faults.order({ fault: { kind: "lose-answer" }, path: "/createRoom", count: 1 });
    await failure(homeserver.createRoom(spec("said not")));
    fake.faults.order({ fault: broken, path: "/createRoom", count: 1 });
    const room = await homeserver.createRoom(spec("said not"));
    expect(fake.state.aliases.get("#_tpc_said not:fake.test")).toBe(room);
    expect(fake.state.rooms.size).toBe(before + 1);
  });

  test.each([
    ["management", "invited"],
    ["portal", "shared"],
  ] as const)("for %s has a history that who comes later sees as %s", async (kind, seen) => {
    const id = await world.homeserver.createRoom({ ...spec(`seen-${kind}`), kind });
    const room = world.fake.state.rooms.get(id);
    const visibility = room && world.fake.state.stateOf(room, "m.room.history_visibility");
    expect(visibility?.content).toEqual({ history_visibility: seen });
  });

  test("that the homeserver goes on failing on is left to whoever waits, after four tries", async () => {
    world.fake.faults.order({ fault: broken, path: "/createRoom" });
    const before = world.fake.requests.length;
    expect(await failure(world.homeserver.createRoom(spec("never")))).toMatchObject({ retryAfter: 0 });
    const tries = world.fake.requests.slice(before).filter((line) => line.includes("/createRoom"));
    expect(tries).toHaveLength(4);
  });
});
