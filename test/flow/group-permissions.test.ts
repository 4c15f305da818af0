import { describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { PortalKey } from "../../src/core/model/events.ts";
import type { PersonId } from "../../src/core/model/ids.ts";
import { ANA } from "../kit/flow-world.ts";
import { GroupFlow } from "../kit/group-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

interface Levels {
  readonly users: Readonly<Record<string, number>>;
  readonly events: Readonly<Record<string, number>>;
  readonly events_default: number;
  readonly invite: number;
}
const levels = ({ room }: GroupFlow) => room.state.get("m.room.power_levels ") as unknown as Levels;
const changed = (flow: GroupFlow) =>
  flow.room.timeline.filter(({ type }) => type === "m.room.power_levels").length;
const decides = (flow: GroupFlow, id: string, writes: "member" | "admin", changes: "member" | "admin") =>
  flow.group.does("Bram", id, { kind: "group-permissions", writes, changes });

describe("who may write in a group, and change it", () => {
  test("is what the network says when the room is made", async () => {
    await using flow = await GroupFlow.begin();
    flow.group.permissions = { writes: "admin", changes: "owner" };
    await flow.group.says("Bram", "1", "hello");
    await settle();
    expect(levels(flow)).toMatchObject({ events_default: 50, invite: 75 });
    expect(levels(flow).events).toMatchObject({ "m.room.name": 75, "m.room.topic": 75, "m.room.avatar": 75 });
    expect(levels(flow).events).toMatchObject({ "m.reaction": 0, "m.room.redaction": 0 });
  });

  test("changes behind what was written before, is told in words, and is set once", async () => {
    await using flow = await GroupFlow.open();
    expect(levels(flow)).toMatchObject({ events_default: 0, invite: 0 });
    const before = changed(flow);
    await Promise.all([flow.group.says("Dirk", "2", "before"), decides(flow, "p", "admin", "member")]);
    await settle();
    expect(flow.shown.slice(-2)).toEqual([
      "Dirk: before",
      "bot: Bram decided: the group is written in by admins only.",
    ]);
    expect(levels(flow).events_default).toBe(50);
    await decides(flow, "p2", "admin", "admin");
    await settle();
    expect(flow.shown.at(-1)).toBe("bot: Bram decided: the group is changed by admins only.");
    expect([changed(flow) - before, levels(flow).events["m.room.name"]]).toEqual([2, 50]);
    // Told again by the network, and the same.
    await decides(flow, "p3", "admin", "admin");
    await settle();
    expect(changed(flow) - before).toBe(2);
    await flow.world.restart();
    expect(changed(flow) - before).toBe(2);
    await decides(flow, "p4", "member", "member");
    await settle();
    expect(levels(flow)).toMatchObject({ events_default: 0, invite: 0 });
    expect(levels(flow).events).not.toHaveProperty("m.reaction");
  });

  test("gives our own person the power of their role, and takes it back", async () => {
    await using flow = await GroupFlow.open();
    expect(levels(flow).users).not.toHaveProperty(ANA);
    const role = (id: string, to: "member" | "admin") =>
      flow.group.does("Bram", id, { kind: "group-roles", changes: [{ person: undefined, role: to }] });
    await role("r", "admin");
    await settle();
    expect(levels(flow).users[ANA]).toBe(51);
    expect(flow.shown.at(-1)).toBe("bot: Bram decided: You are an admin now.");
    await role("r2", "member");
    await settle();
    expect(levels(flow).users).not.toHaveProperty(ANA);
    expect(flow.shown.at(-1)).toBe("bot: Bram decided: You are no admin any more.");
  });

  test("puts our own admin above other admins, whom they may remove, also in a room of an earlier version", async () => {
    await using flow = await GroupFlow.begin();
    flow.group.ourRoles.set(ANA, "admin");
    await flow.group.says("Bram", "1", "hello");
    await settle();
    const { login, chat } = await flow.world.store.portals
      .ofGroup(flow.world.network.id, flow.chat)
      .then(([one]) => one as PortalKey);
    const before = levels(flow);
    expect([before.users[ANA], flow.powerOf("Carla"), flow.powerOf("Bram")]).toEqual([51, 50, 75]);
    flow.room.put(
      flow.homeserver.bot,
      "m.room.power_levels",
      { ...before, users: { ...before.users, [ANA]: 50 } },
      "",
    );
    // As its migration leaves it.
    await flow.world.store.write((tx) => tx.portals.setPowers({ login, chat }, "as before"));
    await flow.world.restart();
    await settle();
    expect(levels(flow)).toEqual(before);
    await flow.moves(ANA, flow.ghostOf("Carla"), "leave");
    expect(flow.client.taken).toEqual([
      { kind: "group-change", change: { kind: "remove", person: "Carla", name: "Carla" } },
    ]);
  });

  test("is told of an archived room when it is opened again", async () => {
    await using flow = await GroupFlow.open();
    await flow.group.movesOurs("Bram", "out", ANA, "left");
    await settle();
    flow.group.permissions = { writes: "admin", changes: "admin" };
    await flow.client.brings(
      flow.group.event("Bram", "p", { kind: "group-permissions", ...flow.group.permissions }),
    );
    await settle();
    expect(levels(flow)).toMatchObject({ events_default: 100, invite: 100 });
    await flow.group.movesOurs("Bram", "in", ANA, "joined");
    await settle();
    expect(flow.shown.at(-1)).toBe("bot: You are in this group again. Only its admins write here.");
    await flow.group.says("Bram", "2", "back");
    await settle();
    expect(levels(flow)).toMatchObject({ events_default: 50, invite: 50 });
  });

  test("holds for all who share the room, whichever of them heard of it first", async () => {
    await using flow = await GroupFlow.open();
    const ben = "@ben:test" as typeof ANA;
    await flow.world.optsIn(ben);
    await flow.group.movesOurs("Bram", "in", ben, "joined");
    await decides(flow, "p", "admin", "member");
    await settle();
    await flow.world.restart();
    expect(levels(flow)).toMatchObject({ events_default: 50, invite: 0 });
    expect(flow.shown.filter((line) => line.includes("decided"))).toHaveLength(1);
    await flow.group.does("Bram", "r", {
      kind: "group-roles",
      changes: [{ person: "Carla" as PersonId, role: "member" }],
    });
    await settle();
    expect([flow.powerOf("Carla"), levels(flow).events_default]).toEqual([0, 50]);
  });
});

describe("who may do what in a group, which its admin changes by the room's levels", () => {
  const POWER = "m.room.power_levels";
  /** A group in which Ana is an admin. */
  const led = async (): Promise<GroupFlow> => {
    const flow = await GroupFlow.begin();
    flow.group.ourRoles.set(ANA, "admin");
    flow.group.permissions = { writes: "member", changes: "admin" };
    await flow.group.says("Bram", "1", "hello");
    await settle();
    flow.homeserver.lets(ANA, flow.id);
    await flow.world.push(flow.membership(ANA, "join"));
    return flow;
  };
  const changes = (flow: GroupFlow): number =>
    flow.client.taken.filter(({ kind }) => kind === "group-change").length;
  const levels = (flow: GroupFlow) => flow.state(POWER);
  const CHANGED = { "m.room.name": 50, "m.room.topic": 50, "m.room.avatar": 50 };
  const sets = async (flow: GroupFlow, changed: object) => {
    const { events, ...others } = { events: {}, ...changed };
    const all = { ...Object(levels(flow)["events"]), ...events };
    await flow.sets(ANA, POWER, { ...levels(flow), ...others, events: all });
    await flow.world.clock.advance(60_000);
  };

  test("is so on the network: who writes, and who changes it, of which all acts follow one; nothing is said twice", async () => {
    await using flow = await led();
    await sets(flow, { events_default: 50 });
    expect(flow.group.permissions).toEqual({ writes: "admin", changes: "admin" });
    expect(levels(flow)).toMatchObject({ events_default: 50, events: { "m.reaction": 0, ...CHANGED } });
    await sets(flow, { invite: 0 });
    expect(flow.group.permissions).toEqual({ writes: "admin", changes: "member" });
    expect(levels(flow)).toMatchObject({ invite: 0, events: { "m.room.name": 0, "m.room.avatar": 0 } });
    await sets(flow, { events_default: 0, events: { "m.room.topic": 50 } });
    expect(flow.group.permissions).toEqual({ writes: "member", changes: "admin" });
    expect(levels(flow)).toMatchObject({ events_default: 0, invite: 50, events: CHANGED });
    expect(changes(flow)).toBe(4);
    expect(flow.shown).toEqual(["Bram: hello"]);
    expect(await flow.world.portal(ANA, flow.chat)).toMatchObject({
      permissions: { writes: "member", changes: "admin" },
    });
  });

  test("is put back with the network's words where it refuses, and made where that is sent again", async () => {
    await using flow = await led();
    const before = levels(flow);
    const error = new BridgeError("forbidden", { words: "Only the owner may do that.", certain: true });
    flow.client.faults.push({ when: "before", error });
    await sets(flow, { events_default: 50 });
    expect(levels(flow)).toEqual(before);
    expect(flow.group.permissions).toEqual({ writes: "member", changes: "admin" });
    const [, failed = ""] = flow.shown;
    expect(failed).toContain(
      "Who may do what in the group stays as it was. Only the owner may do that." +
        " Reply to this with “retry” to send it again.",
    );
    await flow.world.says(ANA, flow.management, "retry whatsapp Family");
    await flow.world.clock.advance(60_000);
    expect(flow.group.permissions).toEqual({ writes: "admin", changes: "admin" });
    expect(levels(flow)).toMatchObject({ events_default: 50 });
  });

  test("is as it was where it was taken back before the network knew of it, and once where the answer was lost", async () => {
    await using flow = await led();
    const before = levels(flow);
    flow.client.state = { kind: "connecting" };
    await flow.sets(ANA, POWER, { ...before, events_default: 50 });
    await flow.sets(ANA, POWER, before);
    await flow.sets(ANA, POWER, { ...before, events_default: 50 });
    // Another's role is shown meanwhile, beside what waits.
    await flow.group.does("Bram", "r", {
      kind: "group-roles",
      changes: [{ person: "Carla" as PersonId, role: "member" }],
    });
    await flow.world.clock.advance(1_000);
    expect(levels(flow)).toMatchObject({ events_default: 50 });
    await flow.group.does("Bram", "r2", {
      kind: "group-roles",
      changes: [{ person: "Carla" as PersonId, role: "admin" }],
    });
    await flow.world.clock.advance(1_000);
    await flow.sets(ANA, POWER, before);
    flow.client.state = { kind: "connected" };
    await flow.world.clock.advance(60_000);
    expect(flow.client.taken).not.toContainEqual(
      expect.objectContaining({ change: { kind: "permission", what: "writes", role: "admin" } }),
    );
    expect(flow.group.permissions).toEqual({ writes: "member", changes: "admin" });
    expect(levels(flow)).toEqual(before);
    const lost = new BridgeError("remote-unreachable", { words: "away.", certain: false, retryAfter: 0 });
    flow.client.faults.push({ when: "after", error: lost });
    await sets(flow, { events_default: 50 });
    expect(flow.group.permissions).toEqual({ writes: "admin", changes: "admin" });
    expect(levels(flow)).toMatchObject({ events_default: 50 });
    expect(flow.shown.filter((line) => !line.includes("Carla"))).toEqual(["Bram: hello"]);
  });
});
