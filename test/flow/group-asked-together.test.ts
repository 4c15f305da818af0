import { expect, test } from "@jest/globals";
import type { Role } from "../../src/core/model/groups.ts";
import type { PersonId } from "../../src/core/model/ids.ts";
import { ANA, BEN } from "../kit/flow-world.ts";
import { GroupFlow } from "../kit/group-flow.ts";
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

test("what one of ours may do is not changed by another in the room, nor by themself: it is put back with words", async () => {
  await using flow = await shared("owner");
  const before = flow.state("m.room.power_levels") as { readonly users: Readonly<Record<string, number>> };
  expect([before.users[ANA], before.users[BEN]]).toEqual([76, 51]);
  for (const [by, user] of [
    [ANA, BEN],
    [BEN, BEN],
  ] as const) {
    await flow.sets(by, "m.room.power_levels", { ...before, users: { ...before.users, [user]: 0 } });
    await flow.world.clock.advance(60_000);
    expect(flow.state("m.room.power_levels")).toEqual(before);
  }
  expect([takenBy(flow, ANA), takenBy(flow, BEN)]).toEqual([[], []]);
  const words = flow.shown.filter((line) => line.includes("Who may do what here is what WhatsApp says"));
  expect(words).toHaveLength(2);
});
