import { describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { RoomId } from "../../src/core/model/ids.ts";
import { ANA, BEN, FlowWorld } from "../kit/flow-world.ts";
import { OpenFlow } from "../kit/open-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const refused = (words: string) => new BridgeError("not-reachable", { words, certain: true });
const faulty = () => new BridgeError("homeserver-fault", { words: "500", certain: false, retryAfter: 0 });

/** Ana leaves, and the bridge hears of it. */
async function leaves(world: FlowWorld, room: RoomId): Promise<void> {
  await world.homeserver.leave(ANA, room);
  await world.moves(ANA, room, "leave");
}

describe("a chat carries text", () => {
  test("nothing is sent about a person before they said yes", async () => {
    await using world = await FlowWorld.start();
    const room = await world.meets(ANA);
    await world.says(ANA, room, "enable whatsapp");
    expect(world.network.enlisted.size).toBe(0);
    expect(world.homeserver.shown(room).at(-1)).toContain("The notice.");
    await world.says(ANA, room, "yes");
    expect(world.network.enlisted.has(ANA)).toBe(true);
  });

  test("a first message makes one room, invites the person, and the ghost has the contact's name", async () => {
    await using world = await FlowWorld.start();
    const { client } = await world.optsIn(ANA);
    await Promise.all([client.says("Bram", "1", "hello"), client.says("Bram", "2", "again")]);
    await settle();
    const { room } = await world.portal(ANA, "Bram");
    expect(world.homeserver.shown(room)).toEqual(["Bram: hello", "Bram: again"]);
    expect(world.homeserver.room(room).members.get(ANA)).toBe("invite");
    expect(client.delivered).toEqual(["1", "2"]);
  });

  test("a repeat makes no second event", async () => {
    await using world = await FlowWorld.start();
    const { client } = await world.optsIn(ANA);
    for (const text of ["hello", "hello", "hello"]) await client.says("Bram", "1", text);
    await settle();
    const { room } = await world.portal(ANA, "Bram");
    expect(world.homeserver.shown(room)).toEqual(["Bram: hello"]);
  });

  test("answers reach the contact in order, pushed twice or not", async () => {
    await using flow = await OpenFlow.begin();
    const { world, client, room } = flow;
    const events = ["one", "two", "three"].map((text) => world.text(ANA, room, text));
    await world.push(...events);
    await world.push(...events);
    expect(Array.from(client.received.values())).toEqual(["one", "two", "three"]);
  });

  test("the bot's receipt is at the first message at once, then at the last of each quarter of a second", async () => {
    await using flow = await OpenFlow.begin();
    const { world, room } = flow;
    const events = ["one", "two", "three"].map((text) => world.text(ANA, room, text));
    const { bot, reads } = world.homeserver;
    const at = (index: number) => ({ as: bot, room, event: events[index]?.id });
    await world.push(...events);
    expect(reads).toEqual([at(0)]);
    await world.clock.advance(249);
    expect(reads).toEqual([at(0)]);
    await world.clock.advance(1);
    expect(reads).toEqual([at(0), at(2)]);
    await world.clock.advance(250);
    const next = world.text(ANA, room, "four");
    await world.push(next);
    expect(reads.at(-1)).toEqual({ as: bot, room, event: next.id });
  });

  test("two people never see each other's chats, with the same contact too", async () => {
    await using world = await FlowWorld.start();
    const { client: ana } = await world.optsIn(ANA);
    const { client: ben } = await world.optsIn(BEN);
    await ana.says("Bram", "1", "to ana");
    await ben.says("Bram", "1", "to ben");
    await settle();
    const [hers, his] = [await world.portal(ANA, "Bram"), await world.portal(BEN, "Bram")];
    expect(world.homeserver.shown(hers.room)).toEqual(["Bram: to ana"]);
    expect(world.homeserver.shown(his.room)).toEqual(["Bram: to ben"]);
    expect(world.homeserver.room(hers.room).members.has(BEN)).toBe(false);
    await world.says(BEN, hers.room, "let me in");
    expect(ana.received.size).toBe(0);
    expect(ben.received.size).toBe(0);
  });

  test("what the network refuses is a reply to that very message", async () => {
    await using flow = await OpenFlow.begin();
    const { world, client, room } = flow;
    client.faults.push({ when: "before", error: refused("Bram turned it off.") });
    const event = await world.says(ANA, room, "are you there?");
    const notice = world.homeserver.room(room).events.at(-1)?.send.content;
    expect(notice).toMatchObject({
      msgtype: "m.notice",
      body: expect.stringContaining("Bram turned it off."),
      "m.relates_to": { "m.in_reply_to": { event_id: event } },
    });
    await world.says(ANA, room, "next");
    expect(Array.from(client.received.values())).toEqual(["next"]);
  });

  test("a text that is too long is refused with the number, and the next goes on", async () => {
    await using flow = await OpenFlow.begin();
    const { world, client, room } = flow;
    await world.says(ANA, room, "x".repeat(101));
    expect(world.homeserver.shown(room).at(-1)).toMatch(/101 characters.*up to 100/);
    await world.says(ANA, room, "short");
    expect(Array.from(client.received.values())).toEqual(["short"]);
  });

  test("a homeserver that is away loses nothing and keeps the order", async () => {
    await using world = await FlowWorld.start();
    const { client } = await world.optsIn(ANA);
    world.homeserver.away = true;
    for (let n = 1; n <= 20; n++) await client.says("Bram", `${n}`, `message ${n}`);
    await world.clock.advance(120_000);
    world.homeserver.away = false;
    await world.clock.advance(120_000);
    const { room } = await world.portal(ANA, "Bram");
    expect(world.homeserver.shown(room)).toEqual(
      Array.from({ length: 20 }, (_, n) => `Bram: message ${n + 1}`),
    );
  });

  test("an event the homeserver always fails on is put aside with a notice, and the chat goes on", async () => {
    await using world = await FlowWorld.start();
    const { client, room: management } = await world.optsIn(ANA);
    const status = async () => {
      await world.says(ANA, management, "status");
      return world.homeserver.shown(management).at(-1);
    };
    await client.says("Bram", "1", "hello");
    await settle();
    const { room } = await world.portal(ANA, "Bram");
    expect(await status()).not.toContain("Could not cross");
    world.homeserver.faults.push(...Array.from({ length: 10 }, faulty));
    await client.says("Bram", "2", "poison");
    await client.says("Bram", "3", "after");
    await world.clock.advance(3_600_000);
    expect(await world.store.deadLetters.newest(9)).toHaveLength(1);
    expect(world.homeserver.shown(room)).toContain("Bram: after");
    expect(world.homeserver.shown(room).at(-1)).toMatch(/^bot: .*could not be shown/);
    expect(await status()).toContain("Could not cross in the last 30 days, as their chats say: 1.");
  });

  test("a person who declined is invited again by the next message", async () => {
    await using flow = await OpenFlow.begin();
    const { world, client, room } = flow;
    await leaves(world, room);
    await client.says("Bram", "2", "still there?");
    await settle();
    expect(world.homeserver.room(room).members.get(ANA)).toBe("invite");
  });

  test("a person who muted a chat and left it is left alone", async () => {
    await using flow = await OpenFlow.begin();
    const { world, client, management, room } = flow;
    await world.says(ANA, management, "mute whatsapp Bram");
    await leaves(world, room);
    await client.says("Bram", "2", "still there?");
    await settle();
    expect(world.homeserver.room(room).members.get(ANA)).toBe("leave");
    expect(world.homeserver.shown(room).at(-1)).toBe("Bram: still there?");
  });
});
