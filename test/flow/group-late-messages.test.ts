import { describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { MessageId, PersonId } from "../../src/core/model/ids.ts";
import { ANA } from "../kit/flow-world.ts";
import { GroupFlow } from "../kit/group-flow.ts";
import { said } from "../kit/open-flow.ts";
import { ADMIN, invites, reigns } from "../kit/room-endings.ts";
import { settle } from "../kit/virtual-clock.ts";

const onlyAdmins = (flow: GroupFlow) =>
  flow.group.does("Bram", "only-admins", { kind: "group-permissions", writes: "admin", changes: "admin" });
const role = (flow: GroupFlow, id: string, to: "admin" | "member") =>
  flow.group.does("Bram", id, { kind: "group-roles", changes: [{ person: "Carla" as PersonId, role: to }] });

describe("what somebody wrote in a group before they lost the right to", () => {
  test("is shown where it comes after only admins may write, and leaves them no right", async () => {
    await using flow = await GroupFlow.open();
    await onlyAdmins(flow);
    await settle();
    await flow.group.says("Dirk", "2", "I wrote this before");
    await flow.group.says("Bram", "3", "as I said");
    await settle();
    expect(flow.shown.slice(-2)).toEqual(["Dirk: I wrote this before", "Bram: as I said"]);
    expect(flow.powerOf("Dirk")).toBe(0);
    expect(flow.state("m.room.power_levels")).toMatchObject({ events_default: 50 });
    expect(() => flow.room.say(flow.ghostOf("Dirk"), "m.room.message", { body: "more" })).toThrow();
  });

  test("is shown where its writer was an admin until right after, in order", async () => {
    await using flow = await GroupFlow.open();
    await onlyAdmins(flow);
    await settle();
    await Promise.all([
      flow.group.says("Carla", "2", "my last word"),
      flow.group.says("Carla", "3", "and one more"),
      role(flow, "r", "member"),
      flow.group.says("Bram", "4", "thanks"),
    ]);
    await settle();
    expect(flow.shown.slice(-4)).toEqual([
      "Carla: my last word",
      "Carla: and one more",
      "bot: Bram decided: Carla is no admin any more.",
      "Bram: thanks",
    ]);
    expect(flow.powerOf("Carla")).toBe(0);
  });

  test("is shown in an upgraded room also where it answers what was said in the earlier one", async () => {
    await using flow = await GroupFlow.open();
    const before = flow.id;
    await onlyAdmins(flow);
    await flow.world.clock.advance(5_000);
    reigns(flow.world, before);
    const next = flow.homeserver.upgrade(before, ADMIN);
    await invites(flow.world, next, before);
    await flow.world.clock.advance(5_000);
    await flow.group.says("Dirk", "2", "I wrote this before", "1");
    await flow.group.does("Dirk", "3", {
      kind: "reaction",
      target: "1" as MessageId,
      own: false,
      emoji: "👋",
    });
    await settle();
    const lines = flow.homeserver.shown(next).filter((line) => line.startsWith("Dirk"));
    expect(lines).toEqual([
      "Dirk: I wrote this before",
      "Dirk: Reacted with 👋 to a message in the earlier room.",
    ]);
    expect(await flow.world.store.deadLetters.newest(9)).toEqual([]);
  });

  test("is shown as a message of its own where it changed one that the homeserver has lost", async () => {
    await using flow = await GroupFlow.open();
    await flow.group.says("Dirk", "2", "first");
    await settle();
    const lost = flow.room.events.at(-1)?.event ?? "none";
    flow.room.timeline.splice(0);
    const send = flow.homeserver.send.bind(flow.homeserver);
    flow.homeserver.send = async (event) => {
      if (JSON.stringify(event.content).includes(lost))
        throw new BridgeError("bad-input", { words: "unknown event", certain: true });
      return send(event);
    };
    await onlyAdmins(flow);
    await settle();
    await flow.group.does("Dirk", "3", { kind: "edit", target: "2" as MessageId, message: said("second") });
    await settle();
    expect(flow.shown.at(-1)).toBe("Dirk: second");
  });

  test("keeps its right to nobody after a crash amid it", async () => {
    await using flow = await GroupFlow.open();
    await onlyAdmins(flow);
    await settle();
    const crashing = new Promise<void>((crashed, failed) => {
      const setPowers = flow.homeserver.setPowers.bind(flow.homeserver);
      flow.homeserver.setPowers = async (...powers) => {
        await setPowers(...powers);
        flow.homeserver.setPowers = setPowers;
        flow.world.crash().then(crashed, failed);
      };
    });
    await flow.group.says("Dirk", "2", "I wrote this before");
    await crashing;
    await settle();
    expect(flow.shown.filter((line) => line.startsWith("Dirk"))).toEqual(["Dirk: I wrote this before"]);
    expect(flow.powerOf("Dirk")).toBe(0);
  });
});

describe("what somebody wrote in a group before they left", () => {
  const leaves = (flow: GroupFlow) =>
    flow.group.moves("Dirk", "out", [{ person: "Dirk" as PersonId, membership: "left" }]);

  test("is shown after they left, whom the room does not have for longer than that", async () => {
    await using flow = await GroupFlow.open();
    await leaves(flow);
    await settle();
    expect(flow.present).toEqual(["Bram", "Carla"]);
    await flow.group.says("Dirk", "2", "bye");
    await flow.group.does("Dirk", "3", {
      kind: "reaction",
      target: "1" as MessageId,
      own: false,
      emoji: "👋",
    });
    await settle();
    expect(flow.shown.at(-1)).toBe("Dirk: bye");
    expect(flow.room.events.filter(({ send }) => send.type === "m.reaction")).toHaveLength(1);
    expect(flow.present).toEqual(["Bram", "Carla"]);
  });

  test("and while only admins write, also with the right that it takes", async () => {
    await using flow = await GroupFlow.open();
    await Promise.all([flow.group.says("Dirk", "2", "bye"), leaves(flow), onlyAdmins(flow)]);
    await settle();
    await flow.group.says("Dirk", "3", "really");
    await settle();
    expect(flow.shown.filter((line) => line.startsWith("Dirk"))).toEqual(["Dirk: bye", "Dirk: really"]);
    expect(flow.present).toEqual(["Bram", "Carla"]);
    expect(flow.powerOf("Dirk")).toBe(0);
  });

  test("and before our person left, is shown in the closed room, with the right that it takes and none after", async () => {
    await using flow = await GroupFlow.open();
    await onlyAdmins(flow);
    await settle();
    await flow.group.movesOurs("Bram", "ours", ANA, "left");
    await settle();
    expect(flow.room.archived).toBe(true);
    await flow.client.brings(
      flow.group.event("Dirk", "2", { kind: "message", message: said("I wrote this before") }),
    );
    await flow.world.clock.advance(60_000);
    expect(flow.shown.filter((line) => line.startsWith("Dirk"))).toEqual(["Dirk: I wrote this before"]);
    expect(await flow.world.store.deadLetters.newest(9)).toEqual([]);
    expect(flow.powerOf("Dirk")).toBe(0);
    expect(flow.room.archived).toBe(true);
  });
});
