import { describe, expect, test } from "@jest/globals";
import type { PersonId, UserId } from "../../src/core/model/ids.ts";
import { ANA, BEN } from "../kit/flow-world.ts";
import { GroupFlow } from "../kit/group-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const STRANGER = "@mallory:elsewhere" as UserId;
const levelsOf = (flow: GroupFlow) =>
  flow.state("m.room.power_levels") as { readonly users: Readonly<Record<string, number>> };

/** A group of Ana's, with somebody in its room who is not in the group. */
async function withStranger(): Promise<GroupFlow> {
  const flow = await GroupFlow.open();
  flow.room.member(STRANGER, "join", ANA);
  return flow;
}

describe("somebody in a group's room who is not in the group", () => {
  test.each([
    ["m.room.name", { name: "Mine" }, { name: "Family (WhatsApp)" }, "The group keeps its name."],
    ["m.room.topic", { topic: "Mine" }, { topic: "" }, "What the group is about stays as it was."],
  ])("changes nothing by %s: the room has it back, with words", async (type, forged, kept, words) => {
    await using flow = await withStranger();
    await flow.sets(STRANGER, type, forged);
    await flow.world.clock.advance(60_000);
    expect(flow.client.taken).toEqual([]);
    expect(flow.state(type)).toEqual(kept);
    expect(flow.shown.at(-1)).toMatch(`bot: ⚠️ ${words} You are not in this group on WhatsApp`);
  });

  test("changes no picture", async () => {
    await using flow = await withStranger();
    const uri = "mxc://test/forged";
    await flow.sets(STRANGER, "m.room.avatar", { url: uri });
    await flow.world.clock.advance(60_000);
    expect(flow.client.taken).toEqual([]);
    expect(flow.state("m.room.avatar")["url"]).not.toBe(uri);
  });

  test.each(["leave", "ban"] as const)("removes nobody by a %s", async (membership) => {
    await using flow = await withStranger();
    await flow.moves(STRANGER, flow.ghostOf("Dirk"), membership);
    await flow.world.clock.advance(60_000);
    expect(flow.client.taken).toEqual([]);
    expect(flow.present).toEqual(["Bram", "Carla", "Dirk"]);
    expect(flow.shown.at(-1)).toMatch(
      /^bot: ⚠️ Dirk stays in the group. You are not in this group on WhatsApp/,
    );
  });

  test("adds nobody: the ghost goes, as anywhere else", async () => {
    await using flow = await withStranger();
    for (const membership of ["joined", "left"] as const)
      await flow.group.moves("Bram", membership, [{ person: "Eva" as PersonId, membership }]);
    await settle();
    const eva = flow.ghostOf("Eva");
    await flow.moves(STRANGER, eva, "invite");
    await flow.world.clock.advance(60_000);
    expect(flow.room.members.get(eva)).toBe("leave");
    expect(flow.client.taken).toEqual([]);
  });

  test("gives nobody a right", async () => {
    await using flow = await withStranger();
    const levels = levelsOf(flow);
    const users = { ...levels.users, [flow.ghostOf("Dirk")]: 75, [STRANGER]: 50 };
    await flow.sets(STRANGER, "m.room.power_levels", { ...levels, users });
    await flow.world.clock.advance(60_000);
    expect(flow.client.taken).toEqual([]);
    expect(flow.powerOf("Dirk")).toBe(0);
    expect(levelsOf(flow).users).not.toHaveProperty([STRANGER]);
    expect(flow.shown.at(-1)).toMatch(/^bot: ⚠️ /);
  });
});

describe("somebody who joined a group's room by an alias", () => {
  test("writes, answers, reacts and deletes for nobody: nothing crosses, and they are told why", async () => {
    await using flow = await GroupFlow.open();
    const hello = flow.room.events.find(({ send }) => send.content["body"] === "hello")?.event ?? "";
    // Whoever runs the homeserver may give the room an alias, and let all join.
    flow.room.put(ANA, "m.room.join_rules", { join_rule: "public" }, "");
    await flow.moves(STRANGER, STRANGER, "join");
    const before = levelsOf(flow);
    await flow.writes(STRANGER, "m.room.message", { msgtype: "m.text", body: "let me in" });
    await flow.writes(STRANGER, "m.room.message", {
      msgtype: "m.text",
      body: "me too",
      "m.relates_to": { "m.in_reply_to": { event_id: hello } },
    });
    await flow.writes(STRANGER, "m.reaction", {
      "m.relates_to": { rel_type: "m.annotation", event_id: hello, key: "👍" },
    });
    await flow.writes(STRANGER, "m.room.redaction", { redacts: hello });
    await flow.world.clock.advance(60_000);
    expect(flow.client.taken).toEqual([]);
    expect(flow.present).toEqual(["Bram", "Carla", "Dirk"]);
    expect(levelsOf(flow)).toEqual(before);
    const said = flow.shown.filter((line) => line.includes("You are not in this group on WhatsApp"));
    expect(said).not.toEqual([]);
    await flow.group.says("Bram", "2", "still here");
    await settle();
    expect(flow.shown.at(-1)).toBe("Bram: still here");
  });
});

describe("a member of ours", () => {
  test("who invites a stranger adds nobody to the group, and what that one writes goes nowhere", async () => {
    await using flow = await GroupFlow.open();
    const before = levelsOf(flow);
    await flow.moves(ANA, STRANGER, "invite");
    await flow.moves(STRANGER, STRANGER, "join");
    await flow.world.says(STRANGER, flow.id, "hello all");
    await flow.world.clock.advance(60_000);
    expect(flow.client.taken).toEqual([]);
    expect(flow.group.people.size).toBe(3);
    expect(levelsOf(flow)).toEqual(before);
    expect(flow.shown.at(-1)).toMatch(/^bot: ⚠️ Not delivered. You are not in this group on WhatsApp/);
    await flow.moves(ANA, STRANGER, "leave");
    await flow.world.clock.advance(60_000);
    expect(flow.client.taken).toEqual([]);
  });

  test("gives power to nobody beside the group's roles, nor a level that is no role's", async () => {
    await using flow = await GroupFlow.open();
    for (const users of [
      { ...levelsOf(flow).users, [STRANGER]: 50 },
      { ...levelsOf(flow).users, [ANA]: 75 },
      { ...levelsOf(flow).users, [flow.ghostOf("Dirk")]: 33 },
    ]) {
      await flow.sets(ANA, "m.room.power_levels", { ...levelsOf(flow), users });
      await flow.world.clock.advance(60_000);
    }
    await flow.sets(ANA, "m.room.power_levels", { ...levelsOf(flow), users_default: 50 });
    await flow.world.clock.advance(60_000);
    expect(flow.client.taken).toEqual([]);
    expect(flow.powerOf("Dirk")).toBe(0);
    expect(levelsOf(flow).users).not.toHaveProperty([STRANGER]);
    expect(levelsOf(flow).users).not.toHaveProperty([ANA]);
    expect(levelsOf(flow)).toMatchObject({ users_default: 0 });
    expect(flow.shown.filter((words) => words.includes("stays as it was"))).not.toEqual([]);
  });

  test.each([
    ["a level of writing that is no role's", { events_default: 10 }],
    ["two levels of what changes it", { invite: 0, events: { "m.room.name": 75 } }],
    ["kick", { kick: 0 }],
    ["state_default", { state_default: 0 }],
    ["events", { events: { "m.room.power_levels": 0, "m.room.name": 0, "m.room.encryption": 0 } }],
    ["one event", { events: { "m.reaction": 50 } }],
    ["the events of one kind", { events: { "m.room.message": 0 } }],
  ])(
    "who is an admin gives nobody a right by %s, nor takes one: the room has it back, with words once",
    async (_, lowered) => {
      await using flow = await GroupFlow.begin();
      flow.group.ourRoles.set(ANA, "admin");
      flow.group.permissions = { writes: "admin", changes: "admin" };
      await flow.group.says("Bram", "1", "hello");
      await settle();
      flow.homeserver.lets(ANA, flow.id);
      await flow.world.push(flow.membership(ANA, "join"));
      const before = levelsOf(flow);
      const events = { ...Object(before)["events"], ...Object(lowered)["events"] };
      await flow.sets(ANA, "m.room.power_levels", { ...before, ...lowered, events });
      await flow.world.clock.advance(60_000);
      expect(levelsOf(flow)).toEqual(before);
      const { timeline } = flow.room;
      await flow.sets(ANA, "m.room.power_levels", before);
      await flow.world.clock.advance(60_000);
      expect(flow.shown).toEqual([
        "Bram: hello",
        expect.stringMatching(
          /^bot: ⚠️ The group stays as it was\. Who may do what here is what WhatsApp says: .* all else stays as it was\.$/,
        ),
      ]);
      expect(timeline.filter(({ type }) => type === "m.room.power_levels").at(-1)?.sender).toBe(ANA);
      expect(flow.client.taken).toEqual([]);
    },
  );

  test.each([
    ["m.room.name", { name: "x".repeat(100_000) }, "A group's name can have 100 characters."],
    ["m.room.topic", { topic: "x".repeat(100_000) }, "It can have 2048 characters."],
  ])("gives no %s of 100 kB", async (type, content, words) => {
    await using flow = await GroupFlow.open();
    const before = flow.state(type);
    await flow.sets(ANA, type, content);
    await flow.world.clock.advance(60_000);
    expect(flow.client.taken).toEqual([]);
    expect({ topic: "", ...flow.state(type) }).toEqual({ topic: "", ...before });
    expect(flow.shown.at(-1)).toContain(words);
  });

  test("adds no ghost of another network, nor the bridge's bot", async () => {
    await using flow = await GroupFlow.open();
    const other = flow.homeserver.ghostId("messenger Eva");
    await flow.moves(ANA, other, "invite");
    expect(flow.room.members.get(other)).toBe("leave");
    await flow.moves(ANA, BEN, "invite");
    expect(flow.client.taken).toEqual([]);
  });
});

describe("a room that is no group's", () => {
  test("is named, described and pictured as its people like, and nothing is said or sent", async () => {
    await using flow = await GroupFlow.begin();
    await flow.client.says("Carla", "d", "just us");
    await settle();
    const { room } = await flow.world.portal(ANA, "Carla");
    flow.homeserver.lets(ANA, room);
    const before = flow.homeserver.shown(flow.management);
    const common = () => ({ sender: ANA, at: 0, id: flow.world.newEventId() });
    for (const within of [room, flow.management]) {
      await flow.world.push({ ...common(), room: within, kind: "room-name", name: "Love" });
      await flow.world.push({ ...common(), room: within, kind: "room-topic", topic: "x" });
      await flow.world.push({ ...common(), room: within, kind: "room-avatar", uri: "mxc://test/x" });
      await flow.world.push({
        ...common(),
        room: within,
        kind: "power-levels",
        levels: { [ANA]: 100 },
        others: 50,
      });
    }
    await flow.world.clock.advance(60_000);
    expect(flow.client.taken).toEqual([]);
    expect(flow.homeserver.shown(room)).toEqual(["Carla: just us"]);
    expect(flow.homeserver.shown(flow.management)).toEqual(before);
  });
});
