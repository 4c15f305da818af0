import { describe, expect, test } from "@jest/globals";
import type { PersonId } from "../../src/core/model/ids.ts";
import { decodeEvent } from "../../src/matrix/events/decode.ts";
import { ANA } from "../kit/flow-world.ts";
import { GroupFlow } from "../kit/group-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((done) => setImmediate(done));
};

/** What Ana did last in the room, as it is pushed. */
const last = (flow: GroupFlow) => {
  const decoded = decodeEvent(flow.room.timeline.at(-1), () => false, flow.id);
  if (decoded.kind !== "event") throw new Error(decoded.why);
  return decoded.event;
};

async function begin(role: "admin" | "member"): Promise<GroupFlow> {
  const flow = await GroupFlow.begin();
  flow.group.ourRoles.set(ANA, role);
  flow.group.permissions = { writes: "member", changes: "admin" };
  await flow.group.says("Bram", "1", "hello");
  await settle();
  flow.homeserver.lets(ANA, flow.id);
  await flow.world.push(flow.membership(ANA, "join"));
  return flow;
}

const PLACES = Array.from({ length: 10 }, (_, index) => index * 4);

describe("a crash while a person changes a group", () => {
  test.each(PLACES)(
    "after %d turns loses no change, makes none twice, and says nothing of them",
    async (count) => {
      await using flow = await begin("admin");
      flow.room.put(ANA, "m.room.name", { name: "Friends" }, "");
      const named = last(flow);
      flow.room.member(flow.ghostOf("Dirk"), "leave", ANA);
      const removed = last(flow);
      await flow.world.bridge.intake.take([named, removed], "push");
      await turns(count);
      await flow.world.crash();
      await flow.world.clock.advance(60_000);
      expect(flow.group.name).toBe("Friends");
      expect(flow.state("m.room.name")).toEqual({ name: "Friends (WhatsApp)" });
      expect(flow.group.people.has("Dirk" as PersonId)).toBe(false);
      expect(flow.present).toEqual(["Bram", "Carla"]);
      expect(flow.shown).toEqual(["Bram: hello"]);
    },
  );

  test.each(PLACES)("after %d turns brings back what is refused, and says so once", async (count) => {
    await using flow = await begin("member");
    flow.room.put(ANA, "m.room.name", { name: "Friends" }, "");
    const named = last(flow);
    flow.room.member(flow.ghostOf("Dirk"), "leave", ANA);
    await flow.world.bridge.intake.take([named, last(flow)], "push");
    await turns(count);
    await flow.world.crash();
    await flow.world.clock.advance(60_000);
    expect(flow.state("m.room.name")).toEqual({ name: "Family (WhatsApp)" });
    expect(flow.present).toEqual(["Bram", "Carla", "Dirk"]);
    expect(flow.shown.slice(1).map((words) => words.split(".")[0])).toEqual([
      "bot: ⚠️ The group keeps its name",
      "bot: ⚠️ Dirk stays in the group",
    ]);
  });

  test("and an older copy of the database undo nothing that others changed since", async () => {
    await using flow = await begin("admin");
    flow.room.put(ANA, "m.room.name", { name: "Friends" }, "");
    const named = last(flow);
    flow.room.member(flow.ghostOf("Dirk"), "leave", ANA);
    const removed = last(flow);
    // The room goes on as it did with a bridge that is no more.
    flow.group.name = "Dinner";
    flow.homeserver.room(flow.id).put(flow.homeserver.bot, "m.room.name", { name: "Dinner (WhatsApp)" }, "");
    flow.room.member(flow.ghostOf("Dirk"), "join", flow.homeserver.bot);
    await flow.world.crash();
    await flow.world.push(named, removed);
    await flow.world.clock.advance(60_000);
    expect(flow.group.name).toBe("Dinner");
    expect(flow.group.people.has("Dirk" as PersonId)).toBe(true);
    expect(flow.client.taken).toEqual([]);
    expect(flow.shown.slice(1)).toEqual([
      "bot: ⚠️ Dirk stays in the group. Somebody changed it again before the network knew of it. If you still want it, do it once more.",
    ]);
  });
});
