import { describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { MessageId, PersonId } from "../../src/core/model/ids.ts";
import { ANA, BEN } from "../kit/flow-world.ts";
import { GroupFlow } from "../kit/group-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const failed = ({ shown }: GroupFlow) => shown.filter((line) => line.includes("Not delivered"));
const CLOSED = "bot: ⚠️ Not delivered. This chat is closed; its history stays here.";

describe("our person is taken out of a group", () => {
  test("while they write: what waits ends in words, is not tried again, and being added opens the room", async () => {
    await using flow = await GroupFlow.open();
    flow.client.state = { kind: "waiting", words: "away." };
    for (const text of ["one", "two"]) await flow.world.says(ANA, flow.id, text);
    const out = flow.group.movesOurs("Bram", "out", ANA, "left");
    await flow.world.says(ANA, flow.id, "three");
    await out;
    flow.client.state = { kind: "connected" };
    await flow.world.clock.advance(60_000);
    expect(flow.client.taken).toEqual([]);
    expect(failed(flow)).toEqual([expect.stringContaining(CLOSED)]);
    const last = flow.room.timeline.filter(({ type }) => type === "m.reaction").length;
    expect(last).toBe(2);
    expect(flow.room.archived).toBe(true);
    await flow.group.movesOurs("Bram", "in", ANA, "joined");
    await flow.world.clock.advance(600_000);
    expect(flow.room.archived).toBe(false);
    await flow.world.says(ANA, flow.id, "four");
    expect(flow.client.taken).toMatchObject([{ message: { parts: [{ body: { text: "four" } }] } }]);
  });

  test("which the network says before its event comes: that message ends in words, and is sent once", async () => {
    await using flow = await GroupFlow.open();
    const words = "You are not in this group on WhatsApp.";
    flow.client.faults.push({ when: "before", error: new BridgeError("gone", { words, certain: true }) });
    await flow.world.says(ANA, flow.id, "am I there?");
    await flow.group.movesOurs("Bram", "out", ANA, "left");
    await flow.world.clock.advance(600_000);
    expect(failed(flow)).toEqual([`bot: ⚠️ Not delivered. ${words}`]);
    expect(flow.client.taken).toEqual([]);
  });
});

describe("what our person wrote before they are taken out of a group", () => {
  const told = (flow: GroupFlow) => flow.homeserver.shown(flow.management).slice(-1);

  test("and came to the bridge in a gap of the homeserver's stream ends in words in the closed room", async () => {
    await using flow = await GroupFlow.open();
    flow.world.bridge.intake.gapOpened();
    const words = flow.world.says(ANA, flow.id, "before that");
    await flow.group.movesOurs("Bram", "out", ANA, "left");
    await settle();
    await flow.world.bridge.intake.gapClosed();
    await words;
    await flow.world.clock.advance(60_000);
    expect(flow.client.taken).toEqual([]);
    expect(failed(flow)).toEqual([CLOSED]);
    expect(flow.room.archived).toBe(true);
  });

  test.each([true, false])(
    "and others go on in its room ends in words that they can read (held in a gap: %s)",
    async (isHeld) => {
      await using flow = await GroupFlow.open();
      await flow.world.optsIn(BEN);
      flow.group.ours.add(BEN);
      await flow.group.says("Bram", "2", "hello Ben");
      await settle();
      flow.client.state = { kind: "waiting", words: "away." };
      if (isHeld) flow.world.bridge.intake.gapOpened();
      const words = flow.world.says(ANA, flow.id, "before that");
      await flow.group.movesOurs("Bram", "out", ANA, "left");
      await settle();
      if (isHeld) await flow.world.bridge.intake.gapClosed();
      await words;
      flow.client.state = { kind: "connected" };
      await flow.world.clock.advance(60_000);
      expect(flow.room.members.get(ANA)).toBe("leave");
      expect(flow.client.taken).toEqual([]);
      expect(told(flow)).toEqual([
        "bot: What you write in the room of the group “Family” is not sent, nor is what had not left yet: this chat is closed for you, and others here go on in its room.",
      ]);
    },
  );
});

describe("roles that contradict each other", () => {
  const levels = (flow: GroupFlow) =>
    (flow.state("m.room.power_levels") as { readonly users: Readonly<Record<string, number>> }).users;

  test("end in the last that was told, and nobody is above the bot", async () => {
    await using flow = await GroupFlow.open();
    const [carla, dirk] = ["Carla", "Dirk"] as PersonId[];
    await flow.group.does("Bram", "r", {
      kind: "group-roles",
      changes: [
        { person: carla, role: "owner" },
        { person: carla, role: "member" },
        { person: carla, role: "admin" },
        { person: dirk, role: "owner" },
        { person: dirk, role: "owner" },
      ],
    });
    await settle();
    expect([flow.powerOf("Bram"), flow.powerOf("Carla"), flow.powerOf("Dirk")]).toEqual([75, 50, 75]);
    const bot = levels(flow)[flow.homeserver.bot] ?? 0;
    for (const [user, level] of Object.entries(levels(flow)))
      if (user !== flow.homeserver.bot) expect(level).toBeLessThan(bot);
  });

  test("of somebody who left give them none, and without any admin the group goes on", async () => {
    await using flow = await GroupFlow.open();
    await flow.group.moves("Carla", "out", [{ person: "Carla" as PersonId, membership: "left" }]);
    await flow.group.does("Bram", "r", {
      kind: "group-roles",
      changes: [
        { person: "Carla" as PersonId, role: "owner" },
        { person: "Bram" as PersonId, role: "member" },
      ],
    });
    await flow.group.moves("Bram", "out2", [{ person: "Bram" as PersonId, membership: "left" }]);
    await settle();
    expect(Object.keys(levels(flow))).toEqual([flow.homeserver.bot]);
    await flow.group.says("Dirk", "2", "just us");
    await flow.world.says(ANA, flow.id, "so it is");
    await settle();
    expect(flow.shown).toContain("Dirk: just us");
    expect(flow.client.taken).toHaveLength(1);
    expect(flow.present).toEqual(["Dirk"]);
  });
});

test.each(["", "\u202e\n", "(WhatsApp)"])("a group is not asked to have no name, as by %j", async (name) => {
  await using flow = await GroupFlow.open();
  await flow.sets(ANA, "m.room.name", { name });
  await settle();
  expect(flow.client.taken).toEqual([]);
  expect(flow.state("m.room.name")).toEqual({ name: "Family (WhatsApp)" });
  expect(flow.shown.at(-1)).toBe("bot: ⚠️ The group keeps its name. A group needs a name of its own.");
});

test("a name and a description of 100 kB from the network are cut to what a room bears", async () => {
  await using flow = await GroupFlow.open();
  await flow.group.does("Bram", "n", { kind: "group-name", name: "n".repeat(100_000) });
  await flow.group.does("Bram", "t", { kind: "group-topic", topic: "t".repeat(100_000) });
  await settle();
  expect(String(flow.state("m.room.name")["name"]).length).toBeLessThan(130);
  expect(String(flow.state("m.room.topic")["topic"]).length).toBeLessThanOrEqual(2048);
  for (const line of flow.shown) expect(line.length).toBeLessThan(300);
});

describe("of a large group", () => {
  test("who got and read a message, and who types, is shown of each and tells nothing in the room", async () => {
    const names = Array.from({ length: 40 }, (_, one) => `P${one}`);
    await using flow = await GroupFlow.open({
      Bram: "owner",
      ...Object.fromEntries(names.map((name) => [name, "member" as const])),
    });
    await flow.world.clock.advance(600_000);
    await flow.world.says(ANA, flow.management, "statuses on");
    const event = await flow.world.says(ANA, flow.id, "dinner?");
    const before = flow.room.timeline.length;
    const [id] = Array.from(flow.client.received.keys());
    for (const kind of ["delivered", "read"] as const)
      for (const name of names)
        await flow.client.sink.receipt({
          kind,
          chat: flow.chat,
          person: name as PersonId,
          ids: [id as MessageId],
        });
    for (const active of [true, false])
      for (const name of names.slice(0, 3))
        flow.client.sink.signal({
          kind: "typing",
          chat: flow.chat,
          sender: name as PersonId,
          active,
          voice: false,
        });
    await settle();
    const readers = flow.homeserver.reads.filter(({ event: read }) => read === event).map(({ as }) => as);
    expect(new Set(readers)).toEqual(
      new Set([flow.homeserver.bot, ...names.map((one) => flow.ghostOf(one))]),
    );
    expect(flow.homeserver.typing.filter(({ active }) => !active).map(({ as }) => as)).toEqual(
      names.slice(0, 3).map((one) => flow.ghostOf(one)),
    );
    expect(flow.room.timeline.length).toBe(before);
    const statuses = flow.room.timeline.filter(({ type }) => type === "com.beeper.message_send_status");
    expect(statuses).toHaveLength(1);
  });
});
