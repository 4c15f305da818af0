import { expect, test } from "@jest/globals";
import type { PersonId } from "../../src/core/model/ids.ts";
import { ANA, BEN } from "../kit/flow-world.ts";
import { GroupFlow } from "../kit/group-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

/** A group of Ana's, who is a member, and Ben's, who is an admin. */
async function shared(): Promise<GroupFlow> {
  const flow = await GroupFlow.begin();
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
