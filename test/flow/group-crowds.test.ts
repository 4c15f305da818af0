import { describe, expect, test } from "@jest/globals";
import type { PersonId } from "../../src/core/model/ids.ts";
import { ANA } from "../kit/flow-world.ts";
import { GroupFlow } from "../kit/group-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

/** So many members, with three admins last. */
const crowd = (size: number) =>
  Object.fromEntries(
    Array.from({ length: size }, (_, at) => [
      `P${String(at).padStart(6, "0")}`,
      at >= size - 3 ? ("admin" as const) : ("member" as const),
    ]),
  );

/** How many of the network's people are in the room. */
const presentIn = ({ room, homeserver }: GroupFlow): number =>
  Array.from(room.members).filter(([user, member]) => member === "join" && homeserver.isOurs(user)).length -
  1;

describe("a group of many", () => {
  test("of 300 is open at once with who wrote, our person and the admins; the rest join bit by bit, after a restart too", async () => {
    await using flow = await GroupFlow.begin(crowd(300));
    await flow.group.says("P000042", "1", "hello");
    await settle();
    expect(flow.shown).toEqual(["P000042: hello"]);
    expect(flow.room.members.get(ANA)).toBe("invite");
    await settle();
    await settle();
    const first = presentIn(flow);
    expect(first).toBeLessThanOrEqual(30);
    expect(["P000297", "P000298", "P000299"].map((who) => flow.powerOf(who))).toEqual([50, 50, 50]);
    const powers = () => flow.room.timeline.filter(({ type }) => type === "m.room.power_levels").length;
    const before = powers();
    await flow.world.clock.advance(500);
    const next = presentIn(flow);
    expect(next).toBeGreaterThan(first);
    expect(next).toBeLessThan(first + 100);
    // A message is not held by those who are on their way.
    await flow.group.says("P000250", "2", "me too");
    await settle();
    expect(flow.shown.at(-1)).toBe("P000250: me too");
    await flow.world.crash();
    expect(presentIn(flow)).toBeLessThan(300);
    await flow.world.clock.advance(60_000);
    expect(presentIn(flow)).toBe(300);
    expect(powers() - before).toBe(0);
  });

  test("takes turns with another one, and a small one waits for neither", async () => {
    await using flow = await GroupFlow.begin(crowd(200));
    const { network, homeserver, clock } = flow.world;
    const other = network.group("Other", crowd(200), [ANA]);
    const small = network.group("Small", { Bram: "owner", Carla: "member" }, [ANA]);
    await Promise.all([flow.group.says("P000001", "1", "a"), other.says("P000002", "1", "b")]);
    await clock.advance(300);
    await small.says("Bram", "1", "c");
    await settle();
    const rooms = Array.from(homeserver.rooms.values()).filter(({ spec }) => spec.kind === "portal");
    const sizes = rooms.map(
      ({ members }) =>
        Array.from(members).filter(([user, it]) => it === "join" && homeserver.isOurs(user)).length,
    );
    const [one = 0, two = 0, three] = sizes;
    expect(Math.abs(one - two)).toBeLessThanOrEqual(10);
    expect(Math.max(one, two)).toBeLessThan(100);
    expect(three).toBe(3);
    await clock.advance(60_000);
    expect(rooms.map(({ members }) => members.size)).toEqual([202, 202, 4]);
  });

  test("of 100,000 shows its admins and those who write, and says how many there are", async () => {
    await using flow = await GroupFlow.begin(crowd(100_000));
    await flow.group.says("P000042", "1", "hello");
    await settle();
    await flow.world.clock.advance(60_000);
    expect(presentIn(flow)).toBe(4);
    expect(flow.shown).toHaveLength(2);
    expect(flow.shown).toContain(
      "bot: This group has 100001 members. Its admins are shown here as members of this room, and whoever writes; the others are not, as they are too many.",
    );
    const [login] = await flow.world.store.logins.of(ANA, flow.world.network.id);
    const key = { login: login?.id ?? ("" as never), chat: flow.chat };
    expect(await flow.world.store.portalMembers.count(key)).toBe(4);
    await flow.group.moves("P099999", "j", [
      { person: "New" as PersonId, name: "New", membership: "joined" },
    ]);
    await flow.group.says("P000777", "2", "hi");
    await settle();
    expect(flow.shown.slice(-2)).toEqual(["bot: P099999 added New.", "P000777: hi"]);
    expect(presentIn(flow)).toBe(5);
    await flow.world.restart();
    expect(flow.shown.filter((line) => line.includes("100001"))).toHaveLength(1);
  });
});
