import { describe, expect, test } from "@jest/globals";
import type { ChatId, MessageId, PersonId, RoomId } from "../../src/core/model/ids.ts";
import { ANA, BEN, type FlowWorld } from "../kit/flow-world.ts";
import { OpenFlow, said } from "../kit/open-flow.ts";
import { ADMIN, invites, LEVELS, reigns, roomOf, texts, tombstone } from "../kit/room-endings.ts";
import { settle } from "../kit/virtual-clock.ts";

describe("a room that somebody with power upgraded", () => {
  test("is followed when the bot is invited: the same chat, its queue, what refers to what was said", async () => {
    await using flow = await OpenFlow.begin();
    const { world, client } = flow;
    const mine = await flow.says("mine");
    const [myId] = Array.from(client.received.keys());
    reigns(world, flow.room);
    const next = world.homeserver.upgrade(flow.room, ADMIN);
    await client.says("Bram", "2", "meanwhile");
    await settle();
    await tombstone(world, flow.room);
    await invites(world, next, flow.room);
    await world.clock.advance(1000);
    expect(await roomOf(flow)).toBe(next);
    expect(texts(flow, next)).toEqual(["Bram: meanwhile"]);
    expect(world.homeserver.shown(next)[0]).toContain("goes on here");
    const it = world.homeserver.room(next);
    expect(it.members.get(ANA)).toBe("invite");
    expect(Array.from(it.state.keys())).toEqual(
      expect.arrayContaining([expect.stringMatching(/^m\.bridge thirdpartychats:/)]),
    );
    expect(it.state.get(`${LEVELS} `)).toMatchObject({ events_default: 0, users: { [ADMIN]: 100 } });

    await client.says("Bram", "3", "an answer", { replyTo: "1" });
    await flow.bram("4", { kind: "edit", target: "1" as MessageId, message: said("hallo") });
    await flow.bram("5", { kind: "reaction", target: myId as MessageId, own: true, emoji: "👍" });
    await settle();
    const sent = it.events.slice(-3).map(({ send }) => send);
    expect(sent.map(({ type, content }) => [type, content["body"], content["m.relates_to"]])).toEqual([
      ["m.room.message", "an answer", undefined],
      ["m.room.message", "* hallo", undefined],
      ["m.room.message", "Reacted with 👍 to a message in the earlier room.", undefined],
    ]);
    await flow.bram("6", { kind: "reaction", target: myId as MessageId, own: true, emoji: "" });
    const reacted = it.events.at(-2)?.event;
    expect(it.events.at(-1)?.send).toMatchObject({ type: "m.room.redaction", content: { redacts: reacted } });

    await flow.bram("7", { kind: "delete", target: "1" as MessageId });
    await settle();
    const redacted = world.homeserver.room(flow.room).timeline.find(({ event_id: id }) => id === flow.hello);
    expect(redacted?.content).toEqual({});
    // Taken back in the old room, it is taken back there.
    await flow.does({ kind: "redaction", target: mine });
    expect(client.taken.at(-1)).toEqual({ kind: "delete", target: myId });
    expect(await world.store.deadLetters.newest(9)).toEqual([]);
  });

  test("is followed by all that is queued for it, in order, however much that is", async () => {
    await using flow = await OpenFlow.begin();
    const { world, client } = flow;
    world.homeserver.away = true;
    const texts = Array.from({ length: 12 }, (_, n) => `${n} ${"word ".repeat(9_000)}`.trim());
    for (const [n, text] of texts.entries()) await client.says("Bram", `m${n}`, text);
    await flow.bram("r", { kind: "reaction", target: "m0" as MessageId, own: false, emoji: "👍" });
    reigns(world, flow.room);
    const next = world.homeserver.upgrade(flow.room, ADMIN);
    world.homeserver.room(next).invite(ADMIN, world.homeserver.bot, false);
    world.homeserver.away = false;
    await world.clock.advance(60_000);
    await client.says("Bram", "last", "last");
    await settle();
    const said = world.homeserver.shown(next).filter((line) => line.startsWith("Bram: "));
    const words = said.map((line) => line.slice("Bram: ".length)).join(" ");
    expect(words.replaceAll(/\s+/g, " ")).toBe([...texts, "last"].join(" "));
    const reaction = world.homeserver.room(next).events.find(({ send }) => send.type === "m.reaction");
    expect(reaction?.send.content["m.relates_to"]).toMatchObject({ key: "👍" });
    expect(await world.store.deadLetters.newest(9)).toEqual([]);
  });

  test("answers what is still written in it with the way to the new one", async () => {
    await using flow = await OpenFlow.begin();
    reigns(flow.world, flow.room);
    const next = flow.world.homeserver.upgrade(flow.room, ADMIN);
    await invites(flow.world, next, flow.room);
    expect(await roomOf(flow)).toBe(next);
    await flow.says("anybody here?");
    expect(flow.shown.at(-1)).toContain(`https://matrix.to/#/${encodeURIComponent(next)}`);
    expect(flow.client.received.size).toBe(0);
    // Going from the old room is no going from the chat.
    await flow.does({ kind: "member", user: ANA, membership: "leave", direct: false });
    expect((await flow.world.portal(ANA, "Bram")).member).toBe("invited");
  });

  test("is waited for half a minute, and then told and replaced by one of our own at the next message", async () => {
    await using flow = await OpenFlow.begin();
    const { world } = flow;
    reigns(world, flow.room);
    const next = world.homeserver.upgrade(flow.room, ADMIN);
    await tombstone(world, flow.room);
    expect(flow.shown.at(-1)).toBe("Bram: hello");
    await world.clock.advance(31_000);
    expect(flow.shown.at(-1)).toContain(`Invite me there, ${world.homeserver.bot}`);
    await flow.client.says("Bram", "2", "now");
    await settle();
    const room = await roomOf(flow);
    expect([flow.room, next]).not.toContain(room);
    expect(texts(flow, room)).toEqual(["Bram: now"]);
    await invites(world, next, flow.room);
    expect(await roomOf(flow)).toBe(room);
    expect(world.homeserver.room(next).members.get(world.homeserver.bot)).toBe("leave");
  });

  test("without power for the bot in the new one is followed too, and that is said with the way out", async () => {
    await using flow = await OpenFlow.begin();
    const { world } = flow;
    reigns(world, flow.room);
    const next = world.homeserver.upgrade(flow.room, ADMIN, { trusted: false });
    await invites(world, next, flow.room);
    await flow.client.says("Bram", "2", "here");
    await settle();
    expect(world.homeserver.shown(next)[0]).toContain("“new-room whatsapp Bram”");
    expect(texts(flow, next)).toEqual(["Bram: here"]);
    await world.says(ANA, flow.management, "new-room whatsapp Bram");
    expect(world.homeserver.shown(flow.management).at(-1)).toContain("There is a new room");
    await flow.client.says("Bram", "3", "and here");
    await settle();
    const room = await roomOf(flow);
    expect(room).not.toBe(next);
    expect(texts(flow, room)).toEqual(["Bram: and here"]);
  });

  test.each(["weak", "not followed"])(
    "is told with a command that means this contact, whoever else is called so (%s)",
    async (how) => {
      await using flow = await OpenFlow.begin();
      const { world } = flow;
      const from = { kind: "message", chat: "b2" as ChatId, sender: "b2" as PersonId, at: 0 } as const;
      await flow.client.brings({
        ...from,
        id: "b2" as MessageId,
        senderName: "Bram",
        message: said("I am too"),
      });
      await settle();
      reigns(world, flow.room);
      const next = world.homeserver.upgrade(flow.room, ADMIN, { trusted: false });
      if (how === "weak") {
        await invites(world, next, flow.room);
        await flow.client.says("Bram", "2", "here");
      } else {
        await tombstone(world, flow.room);
        await world.clock.advance(31_000);
      }
      await settle();
      const all = [...world.homeserver.shown(next), ...flow.shown].join("\n");
      const [, command = ""] = /“(new-room whatsapp [^”]+)”/.exec(all) ?? [];
      await world.says(ANA, flow.management, command);
      expect(world.homeserver.shown(flow.management).at(-1)).toContain("There is a new room");
      expect([flow.room, next]).not.toContain(await roomOf(flow));
    },
  );

  test("twice is followed to the end", async () => {
    await using flow = await OpenFlow.begin();
    const { world } = flow;
    reigns(world, flow.room);
    const first = world.homeserver.upgrade(flow.room, ADMIN);
    const second = world.homeserver.upgrade(first, ADMIN);
    world.homeserver.room(second).invite(ADMIN, world.homeserver.bot, false);
    await invites(world, first, flow.room);
    expect(await roomOf(flow)).toBe(second);
  });
});

describe("a tombstone is not believed", () => {
  const stays = async (flow: OpenFlow): Promise<void> => {
    await flow.world.clock.advance(40_000);
    await flow.client.says("Bram", "2", "safe");
    await settle();
    expect(texts(flow, await roomOf(flow)).at(-1)).toBe("Bram: safe");
  };

  test("where the other room does not name ours as the one before it", async () => {
    await using flow = await OpenFlow.begin();
    const { world } = flow;
    reigns(world, flow.room);
    const trap = world.homeserver.personMakes("trap", ADMIN, "invite");
    const levels = world.homeserver.room(flow.room).state.get(`${LEVELS} `);
    world.homeserver.room(flow.room).say(ADMIN, "m.room.tombstone", { replacement_room: trap }, "");
    world.homeserver.room(flow.room).put(ADMIN, LEVELS, { ...levels, events_default: 50 }, "");
    await tombstone(world, flow.room);
    await stays(flow);
    expect(await roomOf(flow)).not.toBe(trap);
    expect(world.homeserver.room(trap).members.get(world.homeserver.bot)).toBe("leave");
    expect(world.homeserver.shown(trap)).toEqual([]);
  });

  test("by somebody without the power for it", async () => {
    await using flow = await OpenFlow.begin();
    const { world } = flow;
    const trap = world.homeserver.personMakes("trap", BEN, "invite");
    world.homeserver.room(flow.room).put(BEN, "m.room.tombstone", { replacement_room: trap }, "");
    await tombstone(world, flow.room, BEN);
    await stays(flow);
    expect(await roomOf(flow)).toBe(flow.room);
    expect(world.homeserver.room(trap).members.get(world.homeserver.bot)).toBe("invite");
  });

  test("where it points to another chat's room", async () => {
    await using flow = await OpenFlow.begin();
    const { world } = flow;
    await flow.client.says("Cees", "1", "hello");
    await settle();
    const other = (await world.portal(ANA, "Cees")).room;
    reigns(world, flow.room);
    world.homeserver.room(flow.room).say(ADMIN, "m.room.tombstone", { replacement_room: other }, "");
    const levels = world.homeserver.room(flow.room).state.get(`${LEVELS} `);
    world.homeserver.room(flow.room).put(ADMIN, LEVELS, { ...levels, events_default: 50 }, "");
    await tombstone(world, flow.room);
    await stays(flow);
    expect([flow.room, other]).not.toContain(await roomOf(flow));
    expect((await world.portal(ANA, "Cees")).room).toBe(other);
  });
});

describe("the room with the bot", () => {
  const upgrades = async (flow: OpenFlow): Promise<RoomId> => {
    const { homeserver } = flow.world;
    homeserver.room(flow.management).put(
      ANA,
      LEVELS,
      {
        ...homeserver.room(flow.management).state.get(`${LEVELS} `),
        users: { [ANA]: 100, [homeserver.bot]: 100 },
      },
      "",
    );
    return homeserver.upgrade(flow.management, ANA);
  };

  test("goes on in the one its person upgraded it to, when the bot is invited there", async () => {
    await using flow = await OpenFlow.begin();
    const { world } = flow;
    const next = await upgrades(flow);
    await tombstone(world, flow.management, ANA);
    await invites(world, next, flow.management, ANA);
    await world.clock.advance(40_000);
    await world.says(ANA, next, "version");
    expect(world.homeserver.shown(next)).toEqual([expect.stringContaining("Version test")]);
    expect(await world.store.rooms.of(ANA)).toBe(next);
  });

  test("goes on in one that the bot makes, where it is not", async () => {
    await using flow = await OpenFlow.begin();
    const { world } = flow;
    const next = await upgrades(flow);
    await tombstone(world, flow.management, ANA);
    await world.clock.advance(40_000);
    const now = (await world.store.rooms.of(ANA)) as RoomId;
    expect([next, flow.management]).not.toContain(now);
    expect(world.homeserver.shown(now)).toEqual([
      expect.stringContaining("was closed, and I was not invited"),
    ]);
  });
});

describe("a Space that was upgraded", () => {
  const spaces = ({ homeserver }: FlowWorld): readonly RoomId[] =>
    Array.from(homeserver.rooms.values()).flatMap(({ spec, id }) => (spec.kind === "space" ? [id] : []));

  test.each([true, false])(
    "is followed where the bot has its power there (%p), and else made anew",
    async (trusted) => {
      await using flow = await OpenFlow.begin();
      const { world } = flow;
      await world.says(ANA, flow.management, "inbox separate");
      const [, inner] = spaces(world) as [RoomId, RoomId];
      reigns(world, inner);
      const next = world.homeserver.upgrade(inner, ADMIN, { trusted });
      await tombstone(world, inner);
      await invites(world, next, inner);
      await flow.client.says("Cees", "1", "hello");
      await settle();
      const { room } = await world.portal(ANA, "Cees");
      const child = world.homeserver.room(next).state.get(`m.space.child ${room}`);
      expect(child).toEqual(trusted ? { via: ["test"] } : undefined);
      expect(spaces(world)).toHaveLength(trusted ? 3 : 4);
      expect(world.homeserver.shown(room)).toEqual(["Cees: hello"]);
    },
  );
});
