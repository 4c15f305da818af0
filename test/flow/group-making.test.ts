import { describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { ChatId, PersonId } from "../../src/core/model/ids.ts";
import { ANA, FlowWorld } from "../kit/flow-world.ts";
import { GroupFlow } from "../kit/group-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const asks = async (flow: GroupFlow, command: string): Promise<string> => {
  await flow.world.says(ANA, flow.management, command);
  await flow.world.clock.advance(1_000);
  return flow.homeserver.shown(flow.management).at(-1) ?? "";
};

describe("a person leaves a group", () => {
  test("after one question; its room says so and is closed, and nothing more comes of the network's copy", async () => {
    await using flow = await GroupFlow.open();
    expect(await asks(flow, "leave-group whatsapp Family")).toMatch(
      /^bot: Leave the group “Family” on WhatsApp\?/,
    );
    expect(flow.group.ours.has(ANA)).toBe(true);
    await asks(flow, "yes");
    await flow.world.clock.advance(60_000);
    expect(flow.group.ours.has(ANA)).toBe(false);
    expect(flow.room.archived).toBe(true);
    expect(flow.shown).toEqual(["Bram: hello", "bot: You left this group. Its history stays here."]);
    expect(await asks(flow, "leave-group whatsapp Family yes")).toBe(
      "bot: You are in no group on WhatsApp that has a room here.",
    );
  });

  test("does not with “no”, nor from a chat between two", async () => {
    await using flow = await GroupFlow.open();
    expect(await asks(flow, "leave-group whatsapp Family no")).toBe(
      "bot: You are still in the group “Family”.",
    );
    await flow.client.says("Carla", "d", "just us");
    await settle();
    expect(await asks(flow, "leave-group whatsapp Carla yes")).toMatch(
      /^bot: Carla is one person, and no group/,
    );
    expect(flow.group.ours.has(ANA)).toBe(true);
  });

  test("behind what they wrote before, and hears where they asked for it that the network refuses", async () => {
    await using flow = await GroupFlow.open();
    flow.client.state = { kind: "connecting" };
    await flow.world.says(ANA, flow.id, "bye");
    await asks(flow, "leave-group whatsapp Family yes");
    flow.client.state = { kind: "connected" };
    flow.client.faults.push({
      when: "after",
      error: new BridgeError("remote-unreachable", { words: "away.", certain: false, retryAfter: 0 }),
    });
    await flow.world.clock.advance(60_000);
    expect(flow.client.taken.map(({ kind }) => kind)).toEqual(["message", "group-change"]);
    expect(flow.group.ours.has(ANA)).toBe(false);
    await flow.group.movesOurs("Bram", "back", ANA, "joined");
    await settle();
    flow.client.faults.push({
      when: "before",
      error: new BridgeError("forbidden", { words: "Owners stay.", certain: true }),
    });
    await asks(flow, "leave-group whatsapp Family yes");
    await flow.world.clock.advance(60_000);
    expect(flow.homeserver.shown(flow.management).at(-1)).toMatch(
      /^bot: ⚠️ You are still in the group. Owners stay./,
    );
    expect(flow.room.archived).toBe(false);
  });
});

describe("a person makes a group", () => {
  const contact = (name: string) => ({
    kind: "found" as const,
    contact: {
      person: name as PersonId,
      chat: name as ChatId,
      name,
      reachability: "reachable" as const,
    },
  });
  async function world() {
    const it = await FlowWorld.start();
    const { room, client } = await it.optsIn(ANA);
    it.network.contacts.set("+31600000001", contact("Bram"));
    it.network.contacts.set("Carla", contact("Carla"));
    const portals = () =>
      Array.from(it.homeserver.rooms.values()).filter(({ spec }) => spec.kind === "portal" && !spec.direct);
    return { it, room, client, portals };
  }

  test("with whom the network finds; its room is there, with them in it", async () => {
    const { it, room, portals } = await world();
    await using _ = it;
    await it.says(ANA, room, "create-group whatsapp Dinner with friends with +31600000001, Carla");
    await it.clock.advance(60_000);
    expect(it.homeserver.shown(room).at(-1)).toBe(
      "bot: There is the group “Dinner with friends”: accept the invitation and write there.",
    );
    const [made, ...more] = portals();
    expect(more).toEqual([]);
    expect(made?.spec.name).toBe("Dinner with friends (WhatsApp)");
    expect(made?.members.get(ANA)).toBe("invite");
    for (const who of ["Bram", "Carla"])
      expect(made?.members.get(it.homeserver.ghostId(`whatsapp ${who}`))).toBe("join");
    const group = it.network.groupsById.get("Dinner with friends@group" as ChatId);
    expect([...(group?.people.keys() ?? [])]).toEqual(["Bram", "Carla"]);
  });

  test("is told what is missing, or whom nobody knows; nothing is made then", async () => {
    const { it, room, portals } = await world();
    await using _ = it;
    const said = async (command: string): Promise<string> => {
      await it.says(ANA, room, command);
      return it.homeserver.shown(room).at(-1) ?? "";
    };
    for (const command of [
      "create-group whatsapp",
      "create-group whatsapp Dinner",
      "create-group whatsapp Dinner with ,",
    ])
      expect(await said(command)).toMatch(/^bot: Write “create-group whatsapp … with …”/);
    expect(await said("create-group whatsapp Dinner with Carla, Nobody")).toBe(
      "bot: I do not know “Nobody” on WhatsApp. Nobody there. No group was made.",
    );
    expect(await said(`create-group whatsapp ${"x".repeat(300)} with Carla`)).toMatch(
      /can have 100 characters/,
    );
    expect(portals()).toEqual([]);
    expect(it.network.groupsById.size).toBe(0);
  });

  test.each([0, 2, 5, 9, 14, 20, 30])("once, though the bridge ends after %d turns of it", async (turns) => {
    const { it, room, portals } = await world();
    await using _ = it;
    const asked = it.bridge.intake.take(
      [it.text(ANA, room, "create-group whatsapp Dinner with Carla")],
      "push",
    );
    asked.catch(() => undefined);
    for (let turn = 0; turn < turns; turn++) await new Promise((done) => setImmediate(done));
    await it.crash();
    await it.clock.advance(60_000);
    expect(it.network.groupsById.size).toBeLessThan(2);
    expect(portals()).toHaveLength(it.network.groupsById.size);
  });
});
