import { describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { RoomId, UserId } from "../../src/core/model/ids.ts";
import { ANA, BEN, type FlowWorld } from "../kit/flow-world.ts";
import { OpenFlow } from "../kit/open-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const DAY = 86_400_000;

/** Ana with a chat, and Ben, who is the administrator. */
async function setUp() {
  const { world, client, management, room } = await OpenFlow.begin();
  world.admins.add(BEN);
  const administration = await world.meets(BEN);
  world.homeserver.lets(ANA, room);
  await world.moves(ANA, room, "join");
  const told = () => world.homeserver.shown(administration).filter((line) => line.includes(ANA));
  return { world, client, management, room, administration, told };
}

/** The homeserver's administrator closes the account; the bridge sees it leave. */
async function closes(world: FlowWorld, rooms: readonly RoomId[], erase: boolean): Promise<void> {
  world.homeserver.deactivate(ANA, erase);
  for (const room of rooms) await world.moves(ANA, room, "leave");
}

const isEnlisted = ({ network }: FlowWorld, user: UserId = ANA): boolean => network.enlisted.has(user);

describe("a person whose account was closed", () => {
  test.each([
    ["with the second registration", true, false],
    ["with the second registration, erased", true, true],
    ["without it, erased", false, true],
  ])(
    "is taken back within the minute (%s), and the administrator is told once",
    async (_how, puppets, erase) => {
      const { world, management, room, told } = await setUp();
      await using _ = world;
      world.puppets.there = puppets;
      await closes(world, [management, room], erase);
      await world.clock.advance(60_000);
      expect(isEnlisted(world)).toBe(false);
      expect(await world.store.logins.all()).toEqual([]);
      expect(world.homeserver.room(room).archived).toBe(true);
      expect(told()).toEqual([expect.stringContaining("was closed on the homeserver")]);
      expect(world.warnings.filter((line) => line.includes("account was closed"))).toHaveLength(1);
      await world.clock.leap(2 * DAY);
      expect(told()).toHaveLength(1);
    },
  );

  test("is found by the daily look where nothing told of it", async () => {
    const { world } = await setUp();
    await using _ = world;
    world.puppets.there = true;
    world.homeserver.deactivate(ANA, false);
    await world.clock.leap(DAY + 600_000);
    expect(isEnlisted(world)).toBe(false);
  });

  test("is found after a restart, and taken back in the end where the network is silent", async () => {
    const { world, told } = await setUp();
    await using _ = world;
    world.puppets.there = true;
    world.homeserver.deactivate(ANA, true);
    world.network.delistFault = new BridgeError("remote-unreachable", { words: "no", certain: false });
    await world.restart();
    await world.clock.advance(600_000);
    expect(told()).toEqual([expect.stringContaining("I keep asking")]);
    world.network.delistFault = undefined;
    await world.clock.advance(120_000);
    expect(isEnlisted(world)).toBe(false);
  });

  test("can enable again once it is open again", async () => {
    const { world, management, room } = await setUp();
    await using _ = world;
    world.puppets.there = true;
    await closes(world, [management, room], false);
    await world.clock.advance(60_000);
    world.homeserver.closed.delete(ANA);
    world.homeserver.rooms.delete("dm-ana");
    await world.optsIn(ANA);
    expect(isEnlisted(world)).toBe(true);
    await world.clock.leap(2 * DAY);
    expect(isEnlisted(world)).toBe(true);
  });
});

describe("nobody else is taken for one:", () => {
  test("who merely left all rooms", async () => {
    for (const puppets of [true, false]) {
      const { world, management, room } = await setUp();
      await using _ = world;
      world.puppets.there = puppets;
      for (const one of [management, room]) {
        world.homeserver.room(one).member(ANA, "leave", ANA);
        await world.moves(ANA, one, "leave");
      }
      await world.clock.leap(3 * DAY);
      expect(isEnlisted(world)).toBe(true);
    }
  });

  test("whose account is locked", async () => {
    const { world, client, room } = await setUp();
    await using _ = world;
    world.puppets.there = true;
    world.homeserver.closed.set(ANA, "locked");
    await world.clock.leap(3 * DAY);
    expect(isEnlisted(world)).toBe(true);
    await client.says("Bram", "2", "later");
    await settle();
    expect(world.homeserver.shown(room).at(-1)).toBe("Bram: later");
  });

  test("at a homeserver that is away, fails, or knows nobody any more", async () => {
    const { world } = await setUp();
    await using _ = world;
    world.homeserver.away = true;
    await world.clock.leap(2 * DAY);
    world.homeserver.away = false;
    world.homeserver.hasProfile = async () => false;
    world.homeserver.getState = () =>
      Promise.reject(new BridgeError("forbidden", { words: "no", certain: true }));
    await world.clock.leap(2 * DAY);
    expect(isEnlisted(world)).toBe(true);
  });

  test("where all profiles are missing alike", async () => {
    const { world, management, room } = await setUp();
    await using _ = world;
    world.homeserver.hasProfile = async () => false;
    await closes(world, [management, room], true);
    await world.clock.leap(2 * DAY);
    expect(isEnlisted(world)).toBe(true);
  });
});

test("where it cannot be told the administrator is asked after a week, once, and can take it back", async () => {
  const { world, management, room, administration, told } = await setUp();
  await using _ = world;
  await closes(world, [management, room], false);
  await world.clock.leap(6 * DAY);
  expect(told()).toEqual([]);
  await world.clock.leap(10 * DAY);
  expect(told()).toEqual([expect.stringContaining(`“remove ${ANA}”`)]);
  expect(isEnlisted(world)).toBe(true);
  await world.says(BEN, administration, `remove ${ANA}`);
  expect(told().at(-1)).toContain("WhatsApp is off for @ana:test");
  expect(isEnlisted(world)).toBe(false);
});

test("only an administrator can remove somebody", async () => {
  const { world, management, administration } = await setUp();
  await using _ = world;
  await world.says(ANA, management, `remove ${ANA}`);
  expect(world.homeserver.shown(management).at(-1)).toContain("Only an administrator");
  expect(isEnlisted(world)).toBe(true);
  await world.says(BEN, administration, "remove");
  expect(world.homeserver.shown(administration).at(-1)).toContain("as in “remove @ana:example.org”");
  await world.says(BEN, administration, "remove @nobody:test");
  expect(world.homeserver.shown(administration).at(-1)).toContain("has no network on");
});
