import { describe, expect, test } from "@jest/globals";
import type { UserId } from "../../src/core/model/ids.ts";
import { BridgingFlow } from "../kit/bridging-flow.ts";
import { ANA, BEN } from "../kit/flow-world.ts";
import { settle } from "../kit/virtual-clock.ts";

const CAS = "@cas:test" as UserId;

describe("a room that is asked for twice at once", () => {
  test("is one room's where two are asked for at once, and only once that is ended another's", async () => {
    await using flow = await BridgingFlow.begin();
    const other = flow.another("attic");
    const asks = (text: string) => flow.world.says(ANA, other, text);
    await Promise.all([flow.writes("bridge whatsapp Family yes"), asks("bridge whatsapp Family yes")]);
    await flow.world.clock.advance(60_000);
    expect([flow.present(), flow.present(other)]).toEqual([["Bram", "Carla", "Dirk"], []]);
    await asks("bridge whatsapp Family yes");
    expect(flow.homeserver.shown(other)).toEqual([
      "bot: This changed while the bridge was at work on it. Please try again.",
      "bot: This chat is in another room of yours already. Write “unbridge whatsapp Family” to me, in our own chat, to end that first.",
    ]);
    await flow.asks("unbridge whatsapp Family yes");
    await asks("bridge whatsapp Family yes");
    await flow.world.clock.advance(60_000);
    expect([flow.present(), flow.present(other)]).toEqual([[], ["Bram", "Carla", "Dirk"]]);
  });

  test("is the chat of whoever asks first where two ask for one room at once", async () => {
    await using flow = await BridgingFlow.begin();
    await flow.world.optsIn(BEN);
    await flow.world.network.clientOf(BEN).says("Carla", "c", "hello Ben");
    const room = flow.homeserver.room(flow.room);
    const levels = Object(room.state.get("m.room.power_levels "));
    const users = { ...levels.users, [BEN]: 100 };
    room.put(ANA, "m.room.power_levels", { ...levels, users }, "");
    await Promise.all([
      flow.writes("bridge whatsapp Family yes"),
      flow.writes("bridge whatsapp Carla yes", BEN),
    ]);
    await flow.world.clock.advance(60_000);
    expect(flow.shown.filter((line) => line.includes("from here on"))).toHaveLength(1);
    expect(flow.present()).toEqual(["Bram", "Carla", "Dirk"]);
    expect(Array.from(flow.world.network.clientOf(BEN).received.values())).toEqual([]);
  });
});

describe("a room that its people made", () => {
  test("is shown anew before it is a chat's, where somebody came into it since", async () => {
    await using flow = await BridgingFlow.begin();
    await flow.writes("bridge whatsapp Family");
    flow.homeserver.room(flow.room).member(CAS, "join", ANA);
    flow.homeserver.room(flow.room).member(BEN, "leave", BEN);
    expect((await flow.writes("yes")).split("\n")).toEqual(
      expect.arrayContaining([
        "bot: Since I asked, others came into this room: @cas:test.",
        "• Everybody in this room reads the chat: @cas:test.",
      ]),
    );
    expect(flow.present()).toEqual([]);
    await flow.writes("yes");
    await flow.world.clock.advance(5_000);
    expect(flow.present()).toEqual(["Bram", "Carla", "Dirk"]);
    expect(Array.from(flow.world.network.clientOf(ANA).received.values())).toEqual([]);
  });

  test("stays its people's room where one of them leaves the group and another goes on in it", async () => {
    await using flow = await BridgingFlow.begin();
    await flow.writes("bridge whatsapp Family yes");
    await flow.world.clock.advance(5_000);
    await flow.world.optsIn(BEN);
    await flow.group.movesOurs("Bram", "b", BEN, "joined");
    await flow.group.says("Bram", "2", "hello Ben");
    await settle();
    await flow.group.movesOurs("Bram", "out", ANA, "left");
    await flow.world.clock.advance(60_000);
    const { members } = flow.homeserver.room(flow.room);
    expect([members.get(ANA), members.get(BEN)]).toEqual(["join", "join"]);
    expect(flow.shown.at(-1)).toMatch(
      /^bot: @ana:test: .*you stay in it, .* write “unbridge whatsapp Family” to me, in their own chat with me\.$/,
    );
    await flow.group.says("Dirk", "3", "still here?");
    await settle();
    expect(flow.shown.at(-1)).toBe("Dirk: still here?");
    await flow.group.movesOurs("Bram", "out again", BEN, "left");
    await flow.world.clock.advance(60_000);
    expect([members.get(ANA), members.get(BEN)]).toEqual(["join", "join"]);
    expect(flow.homeserver.room(flow.room).archived).toBe(false);
    expect(flow.shown.at(-1)).toContain("This room stays yours, to write to each other in.");
    for (const who of ["Bram", "Carla", "Dirk"])
      await flow.puts(ANA, flow.homeserver.ghostId(`whatsapp ${who}`), "leave");
    await flow.world.clock.advance(60_000);
    expect(flow.present()).toEqual([]);
    expect(flow.shown.at(-1)).toContain("This room stays yours");
  });

  test("is said to be open to anybody whenever it is made so, by whomever, and how to end that", async () => {
    await using flow = await BridgingFlow.begin();
    await flow.writes("bridge whatsapp Family yes");
    await flow.world.clock.advance(5_000);
    const before = flow.shown.length;
    await flow.sets(ANA, "m.room.join_rules", { join_rule: "public" });
    await flow.sets(ANA, "m.room.join_rules", { join_rule: "invite" });
    await flow.sets(BEN, "m.room.history_visibility", { history_visibility: "world_readable" });
    await flow.sets(BEN, "m.room.history_visibility", { history_visibility: "shared" });
    const words =
      "bot: Anybody can come into this room now, or read it from outside, and so read what your contacts write. Make it a room for those who are invited, with a history for its members only; or write “unbridge whatsapp Family” to me, in our own chat, and the chat gets a room of its own.";
    expect(flow.shown.slice(before)).toEqual([words, words]);
    expect(await flow.world.store.deadLetters.newest(9)).toEqual([]);
  });

  test("leaves a bridged room as an ordinary one also where its person asks for a new room", async () => {
    await using flow = await BridgingFlow.begin();
    await flow.writes("bridge whatsapp Family yes");
    await flow.world.clock.advance(5_000);
    await flow.asks("new-room whatsapp Family");
    await flow.world.clock.advance(60_000);
    const room = flow.homeserver.room(flow.room);
    expect(room.state.get("m.room.tombstone ")).toBeUndefined();
    expect([flow.present(), room.members.get(ANA), room.members.get(flow.homeserver.bot)]).toEqual([
      [],
      "join",
      "leave",
    ]);
    expect(flow.shown.at(-1)).toMatch(
      /^bot: This is an ordinary room from here on; the chat goes on in another: /,
    );
    await flow.group.says("Dirk", "3", "here?");
    await settle();
    expect(flow.homeserver.shown((await flow.world.portal(ANA, flow.group.chat)).room).at(-1)).toBe(
      "Dirk: here?",
    );
  });
});
