import { describe, expect, test } from "@jest/globals";
import type { PersonId, UserId } from "../../src/core/model/ids.ts";
import { BridgingFlow } from "../kit/bridging-flow.ts";
import { ANA, BEN } from "../kit/flow-world.ts";
import { invites } from "../kit/room-endings.ts";
import { settle } from "../kit/virtual-clock.ts";

const received = (flow: BridgingFlow): readonly string[] =>
  Array.from(flow.world.network.clientOf(ANA).received.values());

const levelsOf = ({ homeserver, room }: BridgingFlow) =>
  homeserver.room(room).state.get("m.room.power_levels ") as { readonly users: Record<string, number> };

describe("a room that its person bridges to a chat", () => {
  test("is offered, shown with what comes of it, and is the group's after a yes", async () => {
    await using flow = await BridgingFlow.begin();
    expect(flow.shown).toEqual([
      "bot: I can make this room one of your chats. Write “bridge whatsapp” here to see which there are; I say what comes of it before I do anything. All else that is written here I leave alone; remove me if you want no chat here.",
    ]);
    expect(await flow.writes("bridge whatsapp")).toBe(
      "bot: Which chat?\n• “bridge whatsapp Bram”\n• “bridge whatsapp Family”",
    );
    expect(await flow.writes("bridge whatsapp Family")).toBe(
      [
        "bot: Make this room the chat with the group “Family” on WhatsApp?",
        "• 3 members of the group come in, as users of this bridge.",
        "• Everybody in this room reads the chat: @ben:test.",
        "• You, @ana:test, write there as yourself. What others write here is not sent, and they are told, unless they are in the chat with an account of their own.",
        "• The room is called “Family (WhatsApp)” then. The group says who may write, rename the room and invite, and has its topic and picture.",
        "• The chat's room until now is closed and points here; what was written there stays there.",
        "“unbridge whatsapp Family”, written to me in our own chat, ends it again.",
      ].join("\n"),
    );
    const before = flow.made.length;
    await flow.writes("yes");
    await flow.world.clock.advance(5_000);
    expect(flow.shown.at(-1)).toMatch(
      /^bot: This room is the chat with the group “Family” on WhatsApp from here on\./,
    );
    expect(flow.present()).toEqual(["Bram", "Carla", "Dirk"]);
    const room = flow.homeserver.room(flow.room);
    expect(room.state.get("m.room.name ")).toEqual({ name: "Family (WhatsApp)" });
    expect(room.members.get(BEN)).toBe("join");
    expect(room.state.get("m.room.join_rules ")).toEqual({ join_rule: "invite" });
    await flow.group.says("Carla", "2", "here now");
    await flow.writes("and I");
    expect(flow.shown.at(-1)).toBe("Carla: here now");
    expect(received(flow)).toEqual(["and I"]);
    expect(flow.made).toHaveLength(before);
    const old = flow.made.find(({ spec }) => spec.name === "Family (WhatsApp)");
    expect(old?.state.get("m.room.tombstone ")).toMatchObject({ replacement_room: flow.room });
  });

  test("says to those without an account of their own that they are not read there", async () => {
    await using flow = await BridgingFlow.begin();
    await flow.writes("bridge whatsapp Bram yes");
    expect(await flow.writes("hi Bram, Ben here", BEN)).toContain(
      "Only @ana:test can write to this contact from here.",
    );
    expect(received(flow)).toEqual([]);
    expect(await flow.writes("bridge whatsapp Family")).toContain(
      "looks like a command for a bot, so it was not sent.",
    );
    expect(received(flow)).toEqual([]);
  });

  test("is answered by reaction too, and left as it is by a no", async () => {
    await using flow = await BridgingFlow.begin();
    await flow.writes("bridge whatsapp Bram");
    expect(await flow.writes("no")).toBe("bot: Nothing was changed; this room is no chat.");
    await flow.writes("bridge whatsapp Bram");
    const question = flow.homeserver
      .room(flow.room)
      .events.findLast(({ send }) => send.type === "m.room.message");
    if (!question) throw new Error("nothing was asked");
    await flow.world.push({
      kind: "reaction",
      room: flow.room,
      sender: BEN,
      id: flow.world.newEventId(),
      at: 0,
      target: question.event,
      emoji: "👍",
    });
    expect(flow.present()).toEqual([]);
    await flow.world.push({
      kind: "reaction",
      room: flow.room,
      sender: ANA,
      id: flow.world.newEventId(),
      at: 0,
      target: question.event,
      emoji: "👍",
    });
    expect(flow.present()).toEqual(["Bram"]);
    expect(received(flow)).toEqual([]);
  });

  test("leaves alone what people write to each other", async () => {
    await using flow = await BridgingFlow.begin();
    const before = flow.shown.length;
    for (const text of ["bridge is closed today", "yes", "help", "what is a bridge?"]) {
      await flow.writes(text);
      await flow.writes(text, BEN);
    }
    expect(flow.shown).toHaveLength(before);
    expect(await flow.writes("!bridge nonsense")).toContain("There is no network “nonsense” here.");
  });

  test("takes no yes for an answer that comes behind something else", async () => {
    await using flow = await BridgingFlow.begin();
    await flow.writes("bridge whatsapp Family");
    await flow.writes("shall we eat at eight?");
    await flow.writes("yes");
    await flow.world.clock.advance(5_000);
    expect(flow.present()).toEqual([]);
    expect(flow.shown.filter((line) => line.includes("from here on"))).toEqual([]);
  });

  test.each([
    [
      "is encrypted",
      "This room is encrypted",
      (flow: BridgingFlow) => put(flow, "m.room.encryption", { algorithm: "m" }),
    ],
    [
      "lets anybody in",
      "Anybody can come into this room",
      (flow: BridgingFlow) => put(flow, "m.room.join_rules", { join_rule: "public" }),
    ],
    ["gives the bot no power", "Give me, @bot:test, power level 100", (flow: BridgingFlow) => flow.power(50)],
    [
      "is another bridge's",
      "Another bridge says",
      (flow: BridgingFlow) => put(flow, "m.bridge", { bridgebot: "@other:test" }, "x"),
    ],
    [
      "was replaced",
      "This is a Space, or a room that another took the place of",
      (flow: BridgingFlow) => put(flow, "m.room.tombstone", {}),
    ],
  ] as const)("is refused where it %s", async (_, words, make) => {
    await using flow = await BridgingFlow.begin();
    make(flow);
    expect(await flow.writes("bridge whatsapp Family yes")).toContain(words);
    expect(flow.present()).toEqual([]);
  });

  test("keeps its own people's levels, and its members get roles by theirs", async () => {
    await using flow = await BridgingFlow.begin();
    flow.group.ourRoles.set(ANA, "admin");
    await flow.writes("bridge whatsapp Family yes");
    await flow.world.clock.advance(5_000);
    const ghost = flow.homeserver.ghostId("whatsapp Dirk");
    const before = levelsOf(flow);
    expect(before.users[ANA]).toBe(100);
    const users = { ...before.users, [ghost]: 50, [BEN]: 50 };
    await flow.sets(ANA, "m.room.power_levels", { ...before, users });
    await flow.world.clock.advance(60_000);
    expect(flow.group.people.get("Dirk" as PersonId)).toBe("admin");
    expect(levelsOf(flow).users).toMatchObject({ [ANA]: 100, [BEN]: 50, [ghost]: 50 });
    expect(flow.shown.filter((line) => line.includes("⚠️"))).toEqual([]);
  });

  test("is refused to whoever does not administer it, and made on another server", async () => {
    await using flow = await BridgingFlow.begin();
    await flow.world.optsIn(BEN);
    await flow.world.network.clientOf(BEN).says("Carla", "c", "hello Ben");
    expect(await flow.writes("bridge whatsapp Carla yes", BEN)).toContain(
      "You may not change who is in this room",
    );
    const far = flow.homeserver.personMakes("far", "@eve:elsewhere" as UserId, "join");
    flow.homeserver.room(far).member(ANA, "join", ANA);
    flow.homeserver.room(far).member(BEN, "join", BEN);
    await flow.world.says(ANA, far, "bridge whatsapp Bram yes");
    expect(flow.homeserver.shown(far).at(-1)).toContain("This room was made on another server");
  });

  test("is refused for a group whose room others here share", async () => {
    await using flow = await BridgingFlow.begin();
    await flow.world.optsIn(BEN);
    await flow.group.movesOurs("Bram", "b", BEN, "joined");
    await flow.group.says("Bram", "2", "hello Ben");
    await settle();
    expect(await flow.writes("bridge whatsapp Family yes")).toContain("Others here are in this group too");
    expect(await flow.asks("delete-portal whatsapp Family yes")).toContain(
      "Others here are in this group too",
    );
  });
});

const put = (flow: BridgingFlow, type: string, content: Readonly<Record<string, unknown>>, key = ""): void =>
  void flow.homeserver.room(flow.room).put(ANA, type, content, key);

describe("a chat that is taken out of its room", () => {
  test("leaves a bridged room as an ordinary one, and gets another with its next message", async () => {
    await using flow = await BridgingFlow.begin();
    await flow.writes("bridge whatsapp Family yes");
    await flow.world.clock.advance(5_000);
    const made = flow.made.length;
    expect(await flow.asks("unbridge whatsapp Family")).toMatch(/^bot: Make the room of your chat/);
    await flow.asks("yes");
    await settle();
    expect(flow.present()).toEqual([]);
    const room = flow.homeserver.room(flow.room);
    expect(room.members.get(flow.homeserver.bot)).toBe("leave");
    expect(room.members.get(ANA)).toBe("join");
    expect(flow.shown.at(-1)).toMatch(/^bot: This is an ordinary room from here on/);
    await flow.group.says("Dirk", "3", "still there?");
    await flow.world.clock.advance(5_000);
    expect(flow.made).toHaveLength(made + 1);
    const next = flow.made.at(-1);
    expect(next && flow.homeserver.shown(next.id)).toContain("Dirk: still there?");
    expect(next && flow.present(next.id)).toEqual(["Bram", "Carla", "Dirk"]);
    // The room can be bridged again.
    room.member(flow.homeserver.bot, "invite", ANA);
    await flow.world.invitesBot(ANA, flow.room, { direct: false });
    await flow.writes("bridge whatsapp Family yes");
    await flow.world.clock.advance(5_000);
    expect(flow.present()).toEqual(["Bram", "Carla", "Dirk"]);
  });

  test("leaves a room of the bridge's to its person, who administers it", async () => {
    await using flow = await BridgingFlow.begin();
    const { room } = await flow.world.portal(ANA, "Bram");
    flow.homeserver.lets(ANA, room);
    await flow.asks("unbridge whatsapp Bram yes");
    const left = flow.homeserver.room(room);
    expect(left.members.get(flow.homeserver.bot)).toBe("leave");
    expect(left.state.get("m.room.power_levels ")).toMatchObject({ users: { [ANA]: 100 } });
    expect(left.members.get(ANA)).toBe("join");
    expect(flow.present(room)).toEqual([]);
    const client = flow.world.network.clientOf(ANA);
    await client.says("Bram", "d2", "and me?");
    await settle();
    expect((await flow.world.portal(ANA, "Bram")).room).not.toBe(room);
  });

  test("is closed and left by all with delete-portal, and made anew by the next message", async () => {
    await using flow = await BridgingFlow.begin();
    const { room } = await flow.world.portal(ANA, "Bram");
    flow.homeserver.lets(ANA, room);
    expect(await flow.asks("delete-portal whatsapp Bram")).toMatch(
      /^bot: Close the room of your chat with Bram\?/,
    );
    await flow.asks("yes");
    const left = flow.homeserver.room(room);
    expect(Array.from(left.members.values()).filter((is) => is === "join" || is === "invite")).toEqual([]);
    expect(left.archived).toBe(true);
    await flow.world.network.clientOf(ANA).says("Bram", "d2", "and me?");
    await settle();
    const next = await flow.world.portal(ANA, "Bram");
    expect(next.room).not.toBe(room);
    expect(flow.homeserver.shown(next.room)).toEqual(["Bram: and me?"]);
  });

  test("leaves a bridged room writable when its network is turned off", async () => {
    await using flow = await BridgingFlow.begin();
    await flow.writes("bridge whatsapp Bram yes");
    await flow.asks("disable whatsapp yes");
    await flow.world.clock.advance(5_000);
    expect(flow.homeserver.room(flow.room).archived).toBe(false);
    expect(await flow.writes("anybody?")).toContain("This chat is closed");
  });

  test("leaves the room writable too that its person upgraded a bridged one to, with that room's own rules", async () => {
    await using flow = await BridgingFlow.begin();
    await flow.writes("bridge whatsapp Family yes");
    await flow.world.clock.advance(5_000);
    const next = flow.homeserver.upgrade(flow.room, ANA);
    const room = flow.homeserver.room(next);
    room.put(ANA, "m.room.power_levels", { ...room.state.get("m.room.power_levels "), ban: 90 }, "");
    await invites(flow.world, next, flow.room, ANA);
    await flow.world.clock.advance(5_000);
    await flow.group.says("Carla", "2", "here?");
    await flow.world.clock.advance(5_000);
    expect(flow.homeserver.shown(next)).toContain("Carla: here?");
    expect(flow.present(next)).toEqual(["Bram", "Carla", "Dirk"]);
    expect(room.state.get("m.room.power_levels ")).toMatchObject({ ban: 90, users: { [ANA]: 100 } });
    await flow.asks("disable whatsapp yes");
    await flow.world.clock.advance(5_000);
    expect(room.archived).toBe(false);
  });

  test("is not closed in a room that was there before", async () => {
    await using flow = await BridgingFlow.begin();
    await flow.writes("bridge whatsapp Bram yes");
    expect(await flow.asks("delete-portal whatsapp Bram yes")).toContain("This room was there before I came");
    expect(flow.present()).toEqual(["Bram"]);
  });
});
