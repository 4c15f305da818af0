import { expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { RemoteEvent } from "../../src/core/model/events.ts";
import type { ChatId, MessageId, PersonId } from "../../src/core/model/ids.ts";
import type { Media } from "../../src/core/model/media.ts";
import { ANA, FlowWorld } from "../kit/flow-world.ts";
import { said } from "../kit/open-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const MINUTE = 60_000;
const from = { chat: "Bram" as ChatId, sender: "Bram" as PersonId, senderName: "Bram", at: 0 };
const remote = (id: string) => id as MessageId;

const edit = (id: string, target: string, text: string): RemoteEvent => ({
  ...from,
  kind: "edit",
  id: remote(id),
  target: remote(target),
  message: said(text),
});
const reaction = (id: string, target: string, emoji = "👍"): RemoteEvent => ({
  ...from,
  kind: "reaction",
  id: remote(id),
  target: remote(target),
  own: false,
  emoji,
});
const deletion = (id: string, target: string): RemoteEvent => ({
  ...from,
  kind: "delete",
  id: remote(id),
  target: remote(target),
});

async function optedIn() {
  const world = await FlowWorld.start();
  await world.optsIn(ANA);
  const client = () => world.network.clientOf(ANA);
  const shown = async () => world.homeserver.shown((await world.portal(ANA, "Bram")).room);
  return { world, client, shown };
}

test("what refers to a message that never comes is told after minutes, in order and once", async () => {
  const { world, client, shown } = await optedIn();
  await using _ = world;
  await client().says("Bram", "1", "hello");
  await client().brings(
    reaction("2", "lost"),
    edit("3", "lost", "the newest words"),
    reaction("4", "gone", ""),
    deletion("5", "gone"),
  );
  await world.clock.advance(4 * MINUTE);
  expect(await shown()).toEqual(["Bram: hello"]);
  await world.clock.advance(2 * MINUTE);
  const end = [
    "Bram: hello",
    "bot: Bram reacted with 👍 to a message that is not in this room.",
    "Bram: the newest words",
    "bot: Bram changed a message that is not in this room. This is what it says now.",
    "bot: Bram took back a reaction to a message that is not in this room.",
    "bot: Bram deleted a message that is not in this room.",
  ];
  expect(await shown()).toEqual(end);
  const { events } = world.homeserver.room((await world.portal(ANA, "Bram")).room);
  expect(events[3]?.send.content).toMatchObject({
    "m.relates_to": { "m.in_reply_to": { event_id: events[2]?.event } },
  });
  await world.crash();
  await world.clock.advance(60 * MINUTE);
  expect(await shown()).toEqual(end);
});

test("a message shown by its edit is the one that later edits, reactions and deletes mean", async () => {
  const { world, client, shown } = await optedIn();
  await using _ = world;
  await client().brings(edit("2", "lost", "second"), edit("3", "lost", "third"));
  await world.clock.advance(6 * MINUTE);
  await client().brings(reaction("4", "lost"), deletion("5", "lost"));
  await settle();
  expect((await shown())[0]).toBe("Bram: second");
  const { events } = world.homeserver.room((await world.portal(ANA, "Bram")).room);
  const relations = events.map(({ send }) => send.content["m.relates_to"] ?? send.content["redacts"]);
  const event_id = events[0]?.event;
  expect(relations.slice(2)).toMatchObject([
    { rel_type: "m.replace", event_id },
    { rel_type: "m.annotation", event_id },
    event_id,
    events[2]?.event,
    events[3]?.event,
  ]);
});

test("an edit before the chat has a room waits for the message that makes it", async () => {
  const { world, client, shown } = await optedIn();
  await using _ = world;
  await client().brings(edit("2", "1", "right"));
  await settle();
  await client().says("Bram", "1", "wrong");
  await settle();
  expect((await shown()).at(-1)).toContain("right");
});

test("many are told in few words", async () => {
  const { world, client, shown } = await optedIn();
  await using _ = world;
  await client().brings(...Array.from({ length: 40 }, (_, n) => reaction(`r${n}`, `lost${n}`)));
  await world.clock.advance(6 * MINUTE);
  const told = await shown();
  expect(told).toHaveLength(4);
  expect(told.at(-1)).toBe("bot: The same was done to 37 more messages that are not in this room.");
});

test("a message that comes behind its deletion is not shown, however many are told of at once", async () => {
  const { world, client, shown } = await optedIn();
  await using _ = world;
  await client().brings(...Array.from({ length: 9 }, (_, n) => deletion(`d${n}`, `m${n}`)));
  // Without a room yet, so that all wait for one and are dealt with together.
  world.homeserver.away = true;
  await world.clock.advance(6 * MINUTE);
  for (const n of [8, 9, 1]) await client().says("Bram", `m${n}`, `message ${n}`);
  await settle();
  world.homeserver.away = false;
  await world.clock.advance(2 * MINUTE);
  const lines = await shown();
  expect(lines.filter((line) => line.startsWith("Bram"))).toEqual(["Bram: message 9"]);
  expect(lines).toContain("bot: The same was done to 6 more messages that are not in this room.");
});

test("without a connection nobody gives up before a day", async () => {
  const { world, client, shown } = await optedIn();
  await using _ = world;
  await client().says("Bram", "1", "hello");
  await client().brings(edit("3", "lost", "the newest words"));
  client().state = { kind: "waiting", words: "away." };
  await world.clock.advance(4 * 60 * MINUTE);
  client().state = { kind: "connected" };
  await world.clock.advance(4 * MINUTE);
  expect(await shown()).toEqual(["Bram: hello"]);
  await client().says("Bram", "lost", "the first words");
  await settle();
  expect((await shown()).slice(1)).toEqual(["Bram: the first words", "Bram: * the newest words"]);
});

test("killed at any moment, it is told once", async () => {
  for (let turns = 1; turns < 40; turns += 3) {
    const { world, client, shown } = await optedIn();
    await using _ = world;
    await client().says("Bram", "1", "hello");
    await client().brings(edit("3", "lost", "the newest words"), deletion("4", "gone"));
    await world.clock.advance(4 * MINUTE);
    const passing = world.clock.advance(MINUTE);
    for (let turn = 0; turn < turns; turn += 1) await new Promise<void>((done) => setImmediate(done));
    await world.crash();
    await passing;
    await world.clock.advance(6 * MINUTE);
    expect(await shown()).toEqual([
      "Bram: hello",
      "Bram: the newest words",
      "bot: Bram changed a message that is not in this room. This is what it says now.",
      "bot: Bram deleted a message that is not in this room.",
    ]);
    expect(world.errors).toEqual([]);
  }
}, 60_000);

test("what refers to a message that could not be shown is not lost with it", async () => {
  const { world, client, shown } = await optedIn();
  await using _ = world;
  const { homeserver } = world;
  const send = homeserver.send.bind(homeserver);
  homeserver.send = async (event) => {
    if (event.content["body"] === "too long")
      throw new BridgeError("too-large", { words: "It is too large.", certain: true });
    return send(event);
  };
  await client().says("Bram", "1", "hello");
  const message = (id: string, text: string, replyTo?: string): RemoteEvent => ({
    ...from,
    kind: "message",
    id: remote(id),
    message: {
      ...said(text),
      ...(replyTo === undefined ? {} : { replyTo: { id: remote(replyTo), own: false } }),
    },
  });
  await client().brings(
    message("2", "too long"),
    message("3", "an answer", "2"),
    edit("4", "2", "shorter"),
    deletion("5", "2"),
    message("6", "the end"),
  );
  await settle();
  const lines = await shown();
  expect(lines.filter((line) => line.startsWith("Bram: "))).toEqual([
    "Bram: hello",
    "Bram: an answer",
    "Bram: the end",
  ]);
  expect(lines.filter((line) => line.includes("could not be shown here"))).toHaveLength(2);
  expect(await world.store.matrixOutbox.count()).toBe(0);
});

test("a message that comes after its edit was shown in its place is not shown again; its file is", async () => {
  const { world, client, shown } = await optedIn();
  await using _ = world;
  await client().brings(edit("2", "late", "the newest words"), edit("3", "picture", "the newest caption"));
  await world.clock.advance(6 * MINUTE);
  const before = await shown();
  expect(before).toContain("Bram: the newest words");
  await client().says("Bram", "late", "old words");
  const media: Media = {
    kind: "image",
    source: { at: "network", ref: "f" },
    mimetype: "image/png",
    name: "a.png",
  };
  world.network.files.set("f", Buffer.from("png"));
  await client().brings({
    ...from,
    kind: "message",
    id: remote("picture"),
    message: { parts: [{ kind: "media", media, caption: { text: "old caption", spans: [] } }] },
  });
  await settle();
  expect(await shown()).toEqual([...before, "Bram: a.png"]);
  await client().brings(reaction("4", "late"), edit("5", "late", "newer still"), deletion("6", "picture"));
  await settle();
  const { events } = world.homeserver.room((await world.portal(ANA, "Bram")).room);
  const words = events.find(({ send }) => send.content["body"] === "the newest words")?.event;
  expect(events.filter(({ send }) => JSON.stringify(send.content).includes(String(words)))).toHaveLength(3);
  expect(events.filter(({ send }) => send.type === "m.room.redaction")).toHaveLength(2);
});

test("what waited for a message is done before what comes after that message", async () => {
  const { world, client } = await optedIn();
  await using _ = world;
  const message = (id: string, text: string): RemoteEvent => ({
    ...from,
    kind: "message",
    id: remote(id),
    message: said(text),
  });
  await client().says("Bram", "1", "hello");
  await client().brings(deletion("2", "doomed"), edit("3", "egg", "hatched"), reaction("4", "egg"));
  await world.clock.advance(1_000);
  await client().brings(message("doomed", "never mind"), message("5", "after it"));
  await client().brings(deletion("6", "late"), message("late", "nor this"), message("7", "after that"));
  await client().brings(message("egg", "an egg"), message("8", "the last"));
  await world.clock.advance(1_000);
  const { events } = world.homeserver.room((await world.portal(ANA, "Bram")).room);
  expect(events.map(({ send }) => send.content["body"] ?? send.type)).toEqual([
    "hello",
    "never mind",
    "m.room.redaction",
    "after it",
    "nor this",
    "m.room.redaction",
    "after that",
    "an egg",
    "* hatched",
    "m.reaction",
    "the last",
  ]);
});
