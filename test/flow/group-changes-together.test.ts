import { describe, expect, test } from "@jest/globals";
import type { PersonId } from "../../src/core/model/ids.ts";
import { ANA, BEN } from "../kit/flow-world.ts";
import { GroupFlow } from "../kit/group-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const [dirk, eva] = ["Dirk" as PersonId, "Eva" as PersonId];

describe("changes of a group that come at once", () => {
  test("end at the last: a name that was given and taken back is as it was", async () => {
    await using flow = await GroupFlow.open();
    const named = (id: string, name: string) => flow.group.event("Bram", id, { kind: "group-name", name });
    await flow.client.brings(named("n1", "Dinner"), named("n2", "Family"));
    await settle();
    expect(flow.state("m.room.name")).toEqual({ name: "Family (WhatsApp)" });
  });

  test("end at the last: who had left, is added and made an admin is one", async () => {
    await using flow = await GroupFlow.open();
    await flow.group.moves("Dirk", "left", [{ person: dirk, membership: "left" }]);
    await settle();
    const joined = { person: dirk, membership: "joined" } as const;
    const added = flow.group.event("Bram", "m1", { kind: "group-members", changes: [joined] });
    const promoted = flow.group.event("Bram", "3", {
      kind: "group-roles",
      changes: [{ person: dirk, role: "admin" }],
    });
    await flow.client.brings(added, promoted);
    await settle();
    expect(flow.present).toEqual(["Bram", "Carla", "Dirk"]);
    expect(flow.powerOf("Dirk")).toBe(50);
  });

  test("take a member out whom one of ours knew to have left before they left themself", async () => {
    await using flow = await GroupFlow.begin();
    await flow.world.optsIn(BEN);
    flow.group.ours.add(BEN);
    await flow.group.says("Bram", "1", "hello");
    await settle();
    const both = [
      flow.group.moves("Dirk", "out", [{ person: dirk, membership: "left" }]),
      flow.group.movesOurs("Bram", "out2", BEN, "left"),
    ];
    await Promise.all(both);
    await settle();
    expect(flow.present).toEqual(["Bram", "Carla"]);
  });
});

test("what changed in a group while our person was out of it is there when they are back", async () => {
  await using flow = await GroupFlow.open();
  await flow.group.movesOurs("Bram", "out", ANA, "left");
  await settle();
  const { group } = flow;
  group.people.delete(dirk);
  group.people.set(eva, "member");
  group.people.set("Carla" as PersonId, "owner");
  group.name = "Dinner";
  group.topic = "Sunday";
  group.permissions = { writes: "member", changes: "admin" };
  await group.movesOurs("Bram", "in", ANA, "joined");
  await settle();
  expect(flow.present).toEqual(["Bram", "Carla", "Eva"]);
  expect(flow.powerOf("Carla")).toBe(75);
  expect(flow.state("m.room.name")).toEqual({ name: "Dinner (WhatsApp)" });
  expect(flow.state("m.room.topic")).toEqual({ topic: "Sunday" });
  expect(flow.state("m.room.power_levels")).toMatchObject({ events: { "m.room.name": 50 } });
});
