import { describe, expect, test } from "@jest/globals";
import { z } from "zod";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { ChatId, EventId, MessageId, PersonId } from "../../src/core/model/ids.ts";
import { ANA, FlowWorld } from "../kit/flow-world.ts";
import { OpenFlow } from "../kit/open-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const away = { kind: "waiting", words: "away." } as const;
const withdrawn = { kind: "withdrawn", words: "The end." } as const;

const replies = z.object({
  "m.relates_to": z.object({ "m.in_reply_to": z.object({ event_id: z.string() }) }),
});
/** The event that a notice answers. */
const answered = (content: unknown): EventId | undefined => {
  const reply = replies.safeParse(content).data?.["m.relates_to"]["m.in_reply_to"].event_id;
  return reply as EventId | undefined;
};
/** The event that the bot marks as not delivered. */
const markedOn = (content: unknown): EventId | undefined => {
  const mark = marks.safeParse(content).data?.["m.relates_to"].event_id;
  return mark as EventId | undefined;
};
const marks = z.object({ "m.relates_to": z.object({ key: z.literal("⚠️"), event_id: z.string() }) });

describe("what waits while something ends", () => {
  test("a message that waits when its person leaves the network is answered, though the network confirms later", async () => {
    await using flow = await OpenFlow.begin();
    const { world, client, management, room } = flow;
    client.state = away;
    await world.says(ANA, room, "are you there?");
    world.network.delistFault = new BridgeError("remote-unreachable", { words: "No.", certain: true });
    await world.says(ANA, management, "disable whatsapp yes");
    await world.clock.advance(5_000);
    const shown = flow.shown.filter((line) => line.includes("Not delivered"));
    expect(shown).toEqual([expect.stringContaining("turned WhatsApp off before it was sent")]);
    expect(client.received.size).toBe(0);
  });

  test("a message written as its person leaves the network is answered once", async () => {
    await using flow = await OpenFlow.begin();
    const { world, client, management, room } = flow;
    const text = world.text(ANA, room, "are you there?");
    await world.bridge.intake.take([world.text(ANA, management, "disable whatsapp yes"), text], "push");
    await world.clock.advance(5_000);
    const answers = flow.events.filter(({ send }) => answered(send.content) === text.id);
    expect(answers).toHaveLength(1);
    expect(client.received.size).toBe(0);
  });

  test("all that waits when its person leaves the network is answered, over a crash too", async () => {
    await using flow = await OpenFlow.begin();
    const { world, client, management, room } = flow;
    client.state = away;
    const events = Array.from({ length: 1_200 }, (__, n) => world.text(ANA, room, `message ${n}`));
    await world.push(...events);
    await world.clock.advance(1_000);
    await world.bridge.intake.take([world.text(ANA, management, "disable whatsapp yes")], "push");
    for (let turn = 0; turn < 12; turn++) await new Promise((done) => setImmediate(done));
    await world.crash();
    await world.clock.advance(60_000);
    const answers = flow.events.map(({ send }) => answered(send.content) ?? markedOn(send.content));
    const waiting = new Set(events.map(({ id }) => id));
    expect(answers.filter((event) => event !== undefined && waiting.delete(event))).toHaveLength(1_200);
    expect(await world.store.networkOutbox.count()).toBe(0);
  });

  test("enabling while the network has not confirmed the leaving archives the earlier chats", async () => {
    await using flow = await OpenFlow.begin();
    const { world, management, room } = flow;
    world.network.delistFault = new BridgeError("remote-unreachable", { words: "No.", certain: true });
    await world.says(ANA, management, "disable whatsapp yes");
    world.network.delistFault = undefined;
    await world.says(ANA, management, "enable whatsapp");
    await world.says(ANA, management, "yes");
    expect(world.homeserver.room(room).archived).toBe(true);
    const enlisted = world.network.enlisted.get(ANA);
    await world.clock.advance(300_000);
    expect(world.network.enlisted.get(ANA)).toBe(enlisted);
  });

  test("what a contact wrote before the network withdrew is shown in the archive, which stays closed", async () => {
    await using flow = await OpenFlow.begin();
    const { world, client, room } = flow;
    await client.sink.ended(withdrawn);
    await settle();
    expect(world.homeserver.room(room).archived).toBe(true);
    let open = false;
    world.homeserver.afterSend = ({ content }) => {
      if (content["body"] === "late") open = !world.homeserver.room(room).archived;
    };
    await client.says("Bram", "2", "late");
    await settle();
    expect(flow.last).toBe("Bram: late");
    expect(open).toBe(true);
    expect(world.homeserver.room(room).archived).toBe(true);
  });

  test("a person who left an archive finds it closed when they are invited again", async () => {
    await using flow = await OpenFlow.begin();
    const { world, client, room } = flow;
    await client.sink.ended(withdrawn);
    await world.moves(ANA, room, "leave");
    await client.says("Bram", "2", "late");
    await settle();
    await world.says(ANA, room, "hello?");
    expect(flow.last).toContain("This chat is closed");
  });

  test("in the chat of an account that is gone everything a person does is answered", async () => {
    await using flow = await OpenFlow.begin();
    const { world, management, room } = flow;
    await world.says(ANA, management, "disable whatsapp yes");
    const before = flow.shown.length;
    await world.push({ kind: "encrypted", room, sender: ANA, id: world.newEventId(), at: 0 });
    expect(flow.shown.slice(before)).toEqual([expect.stringContaining("closed")]);
  });
});

describe("a room that is gone", () => {
  const forget = (world: FlowWorld, room: string) => {
    for (const [key, { id }] of world.homeserver.rooms) if (id === room) world.homeserver.rooms.delete(key);
  };

  test("is another from the message on that found it so, and its person is told there", async () => {
    await using flow = await OpenFlow.begin();
    const { world, client, room } = flow;
    forget(world, room);
    await client.says("Bram", "2", "not lost");
    await client.says("Bram", "3", "again");
    await settle();
    const portal = await world.portal(ANA, "Bram");
    expect(portal.room).not.toBe(room);
    expect(world.homeserver.shown(portal.room)).toEqual([
      expect.stringContaining("This chat had another room until now"),
      "Bram: not lost",
      "Bram: again",
    ]);
  });

  test("where its person was put out with everybody else nothing is lost", async () => {
    await using flow = await OpenFlow.begin();
    const { world, client, room } = flow;
    forget(world, room);
    await world.moves(ANA, room, "leave");
    await client.says("Bram", "2", "again");
    await settle();
    const shown = world.homeserver.shown((await world.portal(ANA, "Bram")).room);
    expect(shown.slice(1)).toEqual(["Bram: again"]);
  });
});

test("a chat whose room the homeserver fails on goes on after some tries", async () => {
  await using world = await FlowWorld.start();
  const { client, room } = await world.optsIn(ANA);
  const fault = { words: "It fails on this.", certain: false, retryAfter: 0 };
  for (let n = 0; n < 7; n++) world.homeserver.faults.push(new BridgeError("homeserver-fault", fault));
  await client.says("Bram", "1", "poison");
  await client.says("Bram", "2", "good");
  await world.clock.advance(60_000);
  const portal = await world.portal(ANA, "Bram");
  expect(world.homeserver.shown(portal.room)).toEqual(["Bram: good"]);
  expect((await world.store.deadLetters.newest(1))[0]?.ref).toBe("1");
  expect(world.homeserver.shown(room).at(-1)).toContain("Bram wrote to you on WhatsApp, but a room");
});

test("taken back at the moment it leaves: it is deleted there, or never arrives", async () => {
  await using flow = await OpenFlow.begin();
  const { world, client, room } = flow;
  const event = await (async () => {
    const sent = world.text(ANA, room, "oops");
    const redaction = { kind: "redaction", room, sender: ANA, at: 0, target: sent.id } as const;
    await world.bridge.intake.take([sent], "push");
    await world.bridge.intake.take([{ ...redaction, id: world.newEventId() }], "push");
    await settle();
    return sent.id;
  })();
  const row = await world.store.networkOutbox.byEvent(event);
  const deleted = client.taken.some((taken) => taken.kind === "delete");
  expect(client.received.size === 0 || deleted).toBe(true);
  expect(row?.state === "cancelled").toBe(!deleted);
});

test("two first messages at the same time share one Space", async () => {
  await using world = await FlowWorld.start();
  const { client, room } = await world.optsIn(ANA);
  await world.says(ANA, room, "inbox separate");
  const says = (who: string) => ({
    kind: "message" as const,
    chat: who as ChatId,
    sender: who as PersonId,
    id: who as MessageId,
    at: 0,
    senderName: who,
    message: { parts: [{ kind: "text", style: "text", body: { text: who, spans: [] } }] } as const,
  });
  await client.brings(says("Bram"), says("Cees"));
  await settle();
  const spaces = Array.from(world.homeserver.rooms.values()).filter(({ spec }) => spec.kind === "space");
  expect(spaces.map(({ spec }) => spec.name)).toEqual(["Third-party chats", "WhatsApp"]);
});
