import { expect, test } from "@jest/globals";
import type { Role } from "../../src/core/model/groups.ts";
import type { PersonId, UserId } from "../../src/core/model/ids.ts";
import { ANA, BEN } from "../kit/flow-world.ts";
import { GroupFlow } from "../kit/group-flow.ts";
import { selfOf } from "../kit/memory-group.ts";
import { settle } from "../kit/virtual-clock.ts";

/** A group of Ana's, who is a member where nothing else is said, and Ben's, who is an admin. */
async function shared(anas: Role = "member"): Promise<GroupFlow> {
  const flow = await GroupFlow.begin();
  flow.group.ourRoles.set(ANA, anas);
  await flow.world.optsIn(BEN);
  flow.group.ours.add(BEN);
  flow.group.ourRoles.set(BEN, "admin");
  flow.group.permissions = { writes: "member", changes: "admin" };
  await flow.group.says("Bram", "1", "hello");
  await settle();
  for (const user of [ANA, BEN]) {
    flow.homeserver.lets(user, flow.id);
    await flow.world.push(flow.membership(user, "join"));
  }
  return flow;
}

const takenBy = (flow: GroupFlow, user: typeof ANA) =>
  flow.world.network
    .clientOf(user)
    .taken.map((one) => (one.kind === "group-change" ? one.change.kind : one.kind));

test("what either of two people of ours changes is theirs, at their login, and known at the other's", async () => {
  await using flow = await shared();
  await flow.sets(BEN, "m.room.name", { name: "Friends" });
  await flow.moves(BEN, flow.ghostOf("Dirk"), "leave");
  await flow.world.clock.advance(60_000);
  expect([takenBy(flow, ANA), takenBy(flow, BEN)]).toEqual([[], ["name", "remove"]]);
  expect(flow.state("m.room.name")).toEqual({ name: "Friends (WhatsApp)" });
  expect(flow.present).toEqual(["Bram", "Carla"]);
  expect(flow.shown).toEqual(["Bram: hello"]);
  for (const user of [ANA, BEN]) {
    const portal = await flow.world.portal(user, flow.chat);
    expect(portal).toMatchObject({ name: "Friends" });
    expect(await flow.world.store.portalMembers.get(portal, "Dirk" as PersonId)).toMatchObject({
      membership: "left",
    });
  }
});

test("what one may not change who is a member is put back, though the other may", async () => {
  await using flow = await shared();
  await flow.sets(ANA, "m.room.name", { name: "Mine" });
  await flow.moves(ANA, flow.ghostOf("Dirk"), "leave");
  await flow.world.clock.advance(60_000);
  expect([takenBy(flow, ANA), takenBy(flow, BEN)]).toEqual([[], []]);
  expect(flow.state("m.room.name")).toEqual({ name: "Family (WhatsApp)" });
  expect(flow.present).toEqual(["Bram", "Carla", "Dirk"]);
});

const powers = (flow: GroupFlow) =>
  flow.state("m.room.power_levels") as { readonly users: Readonly<Record<string, number>> };
const gives = (flow: GroupFlow, by: typeof ANA, user: typeof ANA, power: number) => {
  const { users, ...others } = powers(flow);
  return flow.sets(by, "m.room.power_levels", { ...others, users: { ...users, [user]: power } });
};

test("one of ours makes another an admin, or none, as anybody on the network, whose answer it is", async () => {
  await using flow = await shared("owner");
  const told = flow.shown.length;
  for (const [power, role, shown] of [
    [0, "member", 0],
    [50, "admin", 51],
  ] as const) {
    await gives(flow, ANA, BEN, power);
    expect(flow.group.ourRoles.get(BEN)).toBe(role);
    await flow.world.clock.advance(60_000);
    expect(powers(flow).users[BEN] ?? 0).toBe(shown);
    for (const user of [ANA, BEN]) {
      const portal = await flow.world.portal(user, flow.chat);
      const who = user === BEN ? undefined : selfOf(BEN);
      expect(await flow.world.store.portalMembers.get(portal, who)).toMatchObject({ role });
    }
  }
  expect(flow.client.taken).toEqual(
    ["member", "admin"].map((role) => ({
      kind: "group-change",
      change: { kind: "role", person: selfOf(BEN), name: BEN, role, user: BEN },
    })),
  );
  flow.group.ourRoles.set(ANA, "member");
  await gives(flow, ANA, BEN, 0);
  await flow.world.clock.advance(60_000);
  expect(powers(flow).users[BEN]).toBe(51);
  expect(flow.shown.slice(told)).toEqual([
    expect.stringMatching(/^bot: ⚠️ @ben:test keeps their role. Only admins may do that\./),
  ]);
});

test("who of ours has the network is added by an invitation to the room, and others are guests there", async () => {
  await using flow = await GroupFlow.open();
  flow.group.ourRoles.set(ANA, "admin");
  await flow.world.optsIn(BEN);
  await flow.moves(ANA, "@cara:test" as UserId, "invite");
  expect(flow.client.taken).toEqual([]);
  await flow.moves(ANA, BEN, "invite");
  await flow.world.clock.advance(60_000);
  expect(flow.client.taken).toEqual([
    { kind: "group-change", change: { kind: "add", person: selfOf(BEN), name: BEN, user: BEN } },
  ]);
  expect(flow.group.ours.has(BEN)).toBe(true);
  flow.homeserver.lets(BEN, flow.id);
  await flow.world.push(flow.membership(BEN, "join"));
  await flow.group.says("Bram", "2", "welcome");
  await settle();
  expect((await flow.world.portal(BEN, flow.chat)).room).toBe(flow.id);
  expect(flow.shown.filter((line) => line === "Bram: welcome")).toHaveLength(1);
  await flow.moves(ANA, BEN, "invite");
  expect(flow.client.taken).toHaveLength(1);
});

test("who of ours the network does not let in is not added by an invitation, with its words", async () => {
  await using flow = await GroupFlow.open();
  flow.group.permissions = { writes: "member", changes: "admin" };
  await flow.world.optsIn(BEN);
  await flow.moves(ANA, BEN, "invite");
  await flow.world.clock.advance(60_000);
  expect(flow.group.ours.has(BEN)).toBe(false);
  expect(flow.shown.at(-1)).toMatch(/^bot: ⚠️ @ben:test was not added. Only admins may do that\./);
});

test("what one of ours may do is not given by themself, nor by a level of no role: it is put back with words", async () => {
  await using flow = await shared("owner");
  const before = flow.state("m.room.power_levels") as { readonly users: Readonly<Record<string, number>> };
  expect([before.users[ANA], before.users[BEN]]).toEqual([76, 51]);
  for (const [by, power] of [
    [ANA, 60],
    [BEN, 0],
  ] as const) {
    await gives(flow, by, BEN, power);
    await flow.world.clock.advance(60_000);
    expect(flow.state("m.room.power_levels")).toEqual(before);
  }
  expect([takenBy(flow, ANA), takenBy(flow, BEN)]).toEqual([[], []]);
  const words = flow.shown.filter((line) => line.includes("Who may do what here is what WhatsApp says"));
  expect(words).toHaveLength(2);
});
