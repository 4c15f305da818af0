import { describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { EventId, MessageId, UserId } from "../../src/core/model/ids.ts";
import { ALL } from "../kit/everything-granted.ts";
import { ANA, BEN } from "../kit/flow-world.ts";
import { OpenFlow, said } from "../kit/open-flow.ts";

const DAY = 86_400_000;
const STRANGER = "@stranger:test" as UserId;

const notices = ({ shown }: OpenFlow): readonly string[] => shown.filter((line) => line.startsWith("bot: "));

/** Events that the bot marked as not delivered, and whose mark stands. */
function marked({ events }: OpenFlow): readonly EventId[] {
  const gone = new Set(events.map(({ send }) => send.content["redacts"]));
  return events.flatMap(({ event, send }) => {
    const relation = send.content["m.relates_to"] as { event_id: EventId; key?: string } | undefined;
    return relation?.key === "⚠️" && !gone.has(event) ? [relation.event_id] : [];
  });
}

describe("the same words are said once a chat, kind and day", () => {
  test("a note of what was lost, and again the day after, also over a restart", async () => {
    await using flow = await OpenFlow.begin();
    const note = "There are no threads on that side, so it was sent into the chat itself.";
    const threaded = (text: string) => flow.does({ kind: "message", message: said(text), note });
    for (const text of ["one", "two", "three"]) await threaded(text);
    await flow.world.restart();
    await threaded("four");
    expect(notices(flow)).toEqual([`bot: ${note}`]);
    expect(Array.from(flow.client.received.values())).toEqual(["one", "two", "three", "four"]);
    expect(marked(flow)).toEqual([]);
    await flow.world.clock.leap(DAY);
    await threaded("five");
    await threaded("six");
    expect(notices(flow)).toEqual([`bot: ${note}`, `bot: ${note}`]);
  });

  test("what is lost in another way is said for itself", async () => {
    await using flow = await OpenFlow.begin();
    flow.client.granted = { ...ALL, location: false };
    const place = { kind: "location", latitude: 1, longitude: 2 } as const;
    await flow.does({ kind: "message", message: { parts: [place] } });
    await flow.does({
      kind: "message",
      message: said("x"),
      note: "Notices are plain messages on that side.",
    });
    await flow.does({ kind: "message", message: { parts: [place] } });
    expect(notices(flow)).toHaveLength(2);
  });

  test("twenty messages of somebody else in the room: the reason once, and a mark on each of the others", async () => {
    await using flow = await OpenFlow.begin();
    const wrote: EventId[] = [];
    for (let n = 0; n < 20; n++) {
      wrote.push(await flow.does({ kind: "message", sender: STRANGER, message: said(`${n}`) }));
    }
    expect(notices(flow)).toEqual([`bot: ⚠️ Not delivered. Only ${ANA} can write to this contact from here.`]);
    expect(marked(flow)).toEqual(wrote.slice(1));
    await flow.does({ kind: "message", sender: "@another:test" as UserId, message: said("me too") });
    expect(notices(flow)).toHaveLength(2);
    expect(flow.client.received.size).toBe(0);
  });

  test("what no client shows gets the words, and no marks that nobody sees", async () => {
    await using flow = await OpenFlow.begin();
    for (let n = 0; n < 50; n++) {
      await flow.does({ kind: "unsupported", what: "a live location", unseen: true });
    }
    await flow.does({ kind: "unsupported", what: "a vote in a poll", unseen: true });
    expect(notices(flow)).toEqual([
      "bot: ⚠️ Not delivered. WhatsApp cannot be sent a live location from here.",
      "bot: ⚠️ Not delivered. WhatsApp cannot be sent a vote in a poll from here.",
    ]);
    expect(marked(flow)).toEqual([]);
  });

  test("a number makes other words of them", async () => {
    await using flow = await OpenFlow.begin();
    await flow.says("x".repeat(101));
    await flow.says("x".repeat(120));
    const again = await flow.says("y".repeat(120));
    expect(notices(flow)).toEqual([
      expect.stringContaining("has 101 characters"),
      expect.stringContaining("has 120 characters"),
    ]);
    expect(marked(flow)).toEqual([again]);
  });

  test("an edit or a reaction that is refused marks what it is about, once", async () => {
    await using flow = await OpenFlow.begin();
    const [one, two] = [await flow.says("one"), await flow.says("two")];
    flow.client.granted = { ...ALL, edits: false, reactions: false };
    for (const target of [one, two, two]) await flow.does({ kind: "edit", target, message: said("changed") });
    for (const target of [flow.hello, flow.hello, flow.hello]) {
      await flow.does({ kind: "reaction", target, emoji: "👍" });
    }
    expect(notices(flow)).toEqual([
      expect.stringContaining("takes no edits"),
      expect.stringContaining("takes no reactions"),
    ]);
    expect(marked(flow)).toEqual([two, flow.hello]);
  });

  test("encrypted messages in a portal, and closed chats, are no different", async () => {
    await using flow = await OpenFlow.begin();
    await flow.does({ kind: "encrypted" });
    const encrypted = await flow.does({ kind: "encrypted" });
    await flow.client.sink.ended({ kind: "withdrawn", words: "The end." });
    await flow.says("too late");
    const late = await flow.says("far too late");
    expect(notices(flow).filter((line) => line.includes("⚠️"))).toEqual([
      expect.stringContaining("cannot read encrypted messages"),
      expect.stringContaining("This chat is closed"),
    ]);
    expect(marked(flow)).toEqual([encrypted, late]);
  });

  test("whatever somebody else in the room does has one reason: the chat is not theirs", async () => {
    await using flow = await OpenFlow.begin();
    await flow.does({ kind: "unsupported", sender: BEN, what: "a poll" });
    const encrypted = await flow.does({ kind: "encrypted", sender: BEN });
    expect(notices(flow)).toEqual([
      expect.stringContaining(`Only ${ANA} can write to this contact from here.`),
    ]);
    expect(marked(flow)).toEqual([encrypted]);
  });

  test("what a contact tries over and over is told once", async () => {
    await using flow = await OpenFlow.begin();
    await flow.says("mine");
    const [mine] = flow.client.received.keys();
    for (let n = 0; n < 20; n++) await flow.bram(`d${n}`, { kind: "delete", target: mine as MessageId });
    expect(notices(flow)).toEqual([
      "bot: Bram tried to delete a message they did not write; it stays as it is.",
    ]);
  });
});

describe("messages that fail at the network", () => {
  const never = () => new BridgeError("remote-refused", { words: "It would not take it.", certain: true });

  test("have the reason on the first and a mark on the others; sent after all, they have no mark", async () => {
    await using flow = await OpenFlow.begin();
    flow.client.faults.push(
      ...Array.from({ length: 3 }, () => ({ when: "before", error: never() }) as const),
    );
    const [, second, third] = [await flow.says("a"), await flow.says("b"), await flow.says("c")];
    expect(notices(flow)).toEqual([
      "bot: ⚠️ Not delivered. It would not take it. Reply to this with “retry” to send it again.",
    ]);
    expect(marked(flow)).toEqual([second, third]);
    await flow.world.says(ANA, flow.management, "retry whatsapp Bram");
    expect(Array.from(flow.client.received.values())).toEqual(["a", "b", "c"]);
    expect(marked(flow)).toEqual([]);
  });
});

test("encrypted messages to the bot are answered once a day, with one invitation", async () => {
  await using flow = await OpenFlow.begin();
  const { homeserver } = flow.world;
  const room = flow.management;
  homeserver.room(room).encrypted = true;
  for (let n = 0; n < 5; n++) await flow.does({ kind: "encrypted", room });
  const said = homeserver.shown(room).filter((line) => line.includes("cannot read encrypted"));
  expect(said).toHaveLength(1);
  const fresh = await flow.world.store.rooms.of(ANA);
  expect(fresh).not.toBe(room);
  expect(fresh && homeserver.shown(fresh)).toHaveLength(1);
});
