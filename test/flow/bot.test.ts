import { describe, expect, test } from "@jest/globals";
import type { Part } from "../../src/core/model/content.ts";
import type { MatrixEvent } from "../../src/core/model/events.ts";
import type { EventId, RoomId, UserId } from "../../src/core/model/ids.ts";
import { ANA, BEN, FlowWorld } from "../kit/flow-world.ts";
import type { MemoryRoom } from "../kit/memory-room.ts";
import { settle } from "../kit/virtual-clock.ts";

type What = MatrixEvent extends infer E
  ? E extends MatrixEvent
    ? Omit<E, "room" | "sender" | "id" | "at">
    : never
  : never;

const did = (world: FlowWorld, room: RoomId, what: What, sender: UserId = ANA): MatrixEvent => ({
  ...what,
  room,
  sender,
  id: world.newEventId(),
  at: world.clock.now(),
});

const styled = (style: "text" | "notice" | "emote", text: string) =>
  ({ kind: "message", message: { parts: [{ kind: "text", style, body: { text, spans: [] } }] } }) as const;

const moves = (user: UserId, membership: "invite" | "join" | "leave"): What => ({
  kind: "member",
  user,
  membership,
  direct: false,
});

const media = (kind: "image" | "file" | "voice"): Part => ({
  kind: "media",
  media: { kind, mimetype: "x/y", source: { at: "homeserver", uri: "mxc://test/a" } },
});

const isIn = (world: FlowWorld, room: RoomId) =>
  world.homeserver.room(room).members.get(world.homeserver.bot);

describe("what the bot obeys", () => {
  test("is no notice: it is not answered either, however often it comes", async () => {
    await using world = await FlowWorld.start();
    const room = await world.meets(ANA);
    const before = world.homeserver.shown(room);
    for (const text of ["help", "enable whatsapp", "yes"]) {
      await world.push(did(world, room, styled("notice", text)));
      await world.push(
        did(world, room, { ...styled("notice", text), kind: "edit", target: "$x" as EventId }),
      );
    }
    expect(world.homeserver.shown(room)).toEqual(before);
    expect(world.network.enlisted.size).toBe(0);
  });

  test.each<readonly [string, What, string]>([
    ["an emote", styled("emote", "yes"), "what you do (/me)"],
    ["a picture", { kind: "message", message: { parts: [media("image")] } }, "pictures and stickers"],
    ["a file", { kind: "message", message: { parts: [media("file")] } }, "files"],
    ["a voice note", { kind: "message", message: { parts: [media("voice")] } }, "voice notes"],
    [
      "a location",
      { kind: "message", message: { parts: [{ kind: "location", latitude: 1, longitude: 2 }] } },
      "locations",
    ],
    ["a reaction", { kind: "reaction", target: "$x" as EventId, emoji: "👍" }, "reactions"],
    ["what it does not know", { kind: "unsupported", what: "a vote in a poll" }, "a vote in a poll"],
  ])(
    "is not %s, which is answered with a word, and with one where several come at once",
    async (_name, what, words) => {
      await using world = await FlowWorld.start();
      const room = await world.meets(ANA);
      await world.says(ANA, room, "enable whatsapp");
      const before = world.homeserver.shown(room).length;
      await world.push(did(world, room, what), did(world, room, what), did(world, room, what));
      const said = world.homeserver.shown(room).slice(before);
      expect(said).toEqual([
        `bot: I read plain messages only, and cannot do anything with ${words}. Write “help” to see what I can do.`,
      ]);
      expect(world.network.enlisted.size).toBe(0);
      await world.clock.advance(60_000);
      await world.push(did(world, room, what));
      expect(world.homeserver.shown(room).slice(before)).toHaveLength(2);
    },
  );

  test("is nothing that was written before its database was", async () => {
    await using world = await FlowWorld.start();
    const room = world.homeserver.personMakes("old", ANA, "join");
    const before = { at: world.clock.now() - 1 };
    const old = ["help", "enable whatsapp", "yes"].map((text) => ({
      ...did(world, room, styled("text", text)),
      ...before,
    }));
    await world.push(...old);
    expect(world.homeserver.shown(room)).toEqual([
      "bot: You wrote this before I was set up here, so I did nothing of it. Write “help” to see what I can do.",
    ]);
    await world.says(ANA, room, "yes");
    expect(world.homeserver.shown(room).at(-1)).toContain("nothing to say yes to");
    expect(world.network.enlisted.size).toBe(0);
    await world.restart();
    await world.push({ ...did(world, room, styled("text", "version")), ...before });
    expect(world.homeserver.shown(room).at(-1)).toContain("before I was set up here");
  });

  test("goes on being obeyed where the database is of a version that did not note its beginning", async () => {
    await using world = await FlowWorld.start();
    const room = await world.meets(ANA);
    await world.store.write((tx) => {
      tx.records.remove("bridge", "begun");
      tx.records.set("sync", "token", "s1");
    });
    await world.restart();
    await world.push({ ...did(world, room, styled("text", "version")), at: 1 });
    expect(world.homeserver.shown(room).at(-1)).toBe("bot: Version test.");
  });
});

describe("a management room", () => {
  test.each(["join", "invite"] as const)(
    "is left, with a word, when somebody else comes into it (%s)",
    async (how) => {
      await using world = await FlowWorld.start();
      const { room, client } = await world.optsIn(ANA);
      world.homeserver.room(room).members.set(BEN, how);
      await world.push(did(world, room, moves(BEN, how)), did(world, room, styled("text", "status")));
      const said = world.homeserver.shown(room);
      expect(said.at(-1)).toContain("Somebody else is in this room now");
      expect(said.filter((line) => line.includes("Somebody else"))).toHaveLength(1);
      expect(isIn(world, room)).toBe("leave");
      await client.sink.ended({ kind: "withdrawn", words: "Secret." });
      await settle();
      await world.clock.advance(600_000);
      expect(world.homeserver.shown(room)).toEqual(said);
      const next = await world.store.rooms.of(ANA);
      expect(next).not.toBe(room);
      expect(next && world.homeserver.shown(next).join()).toContain("Secret.");
    },
  );

  test("in which somebody came while the bridge was away is left before anything is said there", async () => {
    await using world = await FlowWorld.start();
    const { room } = await world.optsIn(ANA);
    world.homeserver.room(room).members.set(BEN, "join");
    await world.restart();
    await world.says(ANA, room, "status");
    expect(world.homeserver.shown(room).at(-1)).toContain("Somebody else is in this room now");
    expect(isIn(world, room)).toBe("leave");
  });

  test("is one a person: the newest, and the others are left", async () => {
    await using world = await FlowWorld.start();
    const { bot } = world.homeserver;
    const rooms = Array.from({ length: 120 }, (_, n) =>
      world.homeserver.personMakes(`dm-${n}`, ANA, "invite"),
    );
    await world.push(...rooms.map((room) => did(world, room, moves(bot, "invite"))));
    const { matrixInbox, matrixOutbox } = world.store;
    while ((await matrixInbox.count()) + (await matrixOutbox.count()) > 0) await settle();
    const still = rooms.filter((room) => isIn(world, room) === "join");
    expect(still).toEqual([await world.store.rooms.of(ANA)]);
    const left = rooms.filter((room) => room !== still[0]);
    for (const room of left) expect(world.homeserver.shown(room).at(-1)).toContain("a newer chat with me");
    await world.says(ANA, still[0] as RoomId, "version");
    expect(world.homeserver.shown(still[0] as RoomId).at(-1)).toBe("bot: Version test.");
  });

  test("that is encrypted and that the store does not know is left with why, once", async () => {
    await using world = await FlowWorld.start();
    const room = world.homeserver.personMakes("forgotten", ANA, "join");
    world.homeserver.room(room).encrypted = true;
    const locked = () =>
      ({ kind: "encrypted", room, sender: ANA, id: world.newEventId(), at: world.clock.now() }) as const;
    await world.push(locked(), locked(), locked());
    const shown = world.homeserver.shown(room);
    expect(shown).toEqual([expect.stringContaining("cannot read encrypted")]);
    expect(world.homeserver.room(room).members.get(world.homeserver.bot)).toBe("leave");
    const own = await world.store.rooms.of(ANA);
    expect(own && world.homeserver.room(own).members.get(ANA)).toBe("invite");
    expect(await world.store.deadLetters.newest(9)).toEqual([]);
  });

  test("whose person leaves is left too", async () => {
    await using world = await FlowWorld.start();
    const room = await world.meets(ANA);
    world.homeserver.room(room).members.set(ANA, "leave");
    await world.push(did(world, room, moves(ANA, "leave")));
    expect(isIn(world, room)).toBe("leave");
    expect(await world.store.rooms.of(ANA)).toBeUndefined();
  });

  test("that does not let the bot in is told of as that, at once", async () => {
    await using world = await FlowWorld.start();
    const room = await world.meets(ANA);
    const shut = world.homeserver.personMakes("shut", ANA, "invite");
    world.homeserver.room(shut).members.set(world.homeserver.bot, "leave");
    await world.push(did(world, shut, moves(world.homeserver.bot, "invite")));
    expect(world.homeserver.shown(room).at(-1)).toMatch(
      /does not let me in, or the invitation was taken back/,
    );
    expect(await world.store.deadLetters.newest(9)).toEqual([]);
  });

  test.each<readonly [string, (room: MemoryRoom, ana: UserId) => void]>([
    ["a Space", (room, ana) => void room.put(ana, "m.room.create", { type: "m.space" }, "")],
    [
      "a room it may not write in",
      (room, ana) =>
        void room.put(ana, "m.room.power_levels", { users: { [ana]: 100 }, events_default: 50 }, ""),
    ],
  ])("the bot leaves %s with the reason, and answers where it did", async (_what, make) => {
    await using world = await FlowWorld.start();
    const { bot } = world.homeserver;
    const chat = await world.meets(ANA);
    const other = world.homeserver.personMakes("other", ANA, "invite");
    make(world.homeserver.room(other), ANA);
    await world.invitesBot(ANA, other);
    const left = world.homeserver.room(other).timeline.at(-1)?.content;
    expect(left).toMatchObject({
      membership: "leave",
      reason: expect.stringContaining("I may not write in"),
    });
    expect(world.homeserver.room(chat).members.get(bot)).toBe("join");
    await world.says(ANA, chat, "networks");
    expect(world.homeserver.shown(chat).at(-1)).toContain("WhatsApp (whatsapp): off");
  });
});
