import { describe, expect, test } from "@jest/globals";
import type { Message } from "../../src/core/model/content.ts";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { EventId, MessageId, UserId } from "../../src/core/model/ids.ts";
import { edits, notices, phone, picture, redacts } from "../kit/edited-chat.ts";
import { ALL } from "../kit/everything-granted.ts";
import { ANA } from "../kit/flow-world.ts";
import { OpenFlow, said } from "../kit/open-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const MINUTE = 60_000;

const place: Message = { parts: [{ kind: "location", latitude: 52.37, longitude: 4.9 }] };
const elsewhere: Message = { parts: [{ kind: "location", latitude: 48.85, longitude: 2.35 }] };

const ids = (flow: OpenFlow): readonly MessageId[] => Array.from(flow.client.received.keys());

describe("an edit of one's own", () => {
  test("of words, and of a file's caption, added, changed and taken away, crosses as an edit", async () => {
    await using flow = await OpenFlow.begin();
    const text = await flow.says("one");
    await edits(flow, text, said("two"));
    const image = await flow.does({ kind: "message", message: picture("a") });
    for (const caption of ["look", "look here", undefined]) await edits(flow, image, picture("a", caption));
    const [first, second] = ids(flow);
    expect(flow.client.taken.flatMap((it) => (it.kind === "edit" ? [[it.target, it.message]] : []))).toEqual([
      [first, said("two")],
      [second, picture("a", "look")],
      [second, picture("a", "look here")],
      [second, picture("a")],
    ]);
    expect(notices(flow)).toEqual([]);
  });

  test.each([
    ["a text into a picture", said("one"), picture("a", "look")],
    ["a text into a place", said("one"), place],
    ["a picture into another picture", picture("a", "look"), picture("b", "look")],
    ["a picture into a text", picture("a", "look"), said("one")],
    ["a place into another place", place, elsewhere],
    ["a place into a text", place, said("one")],
  ])("of %s deletes the old one there, behind the new one, and says so", async (_, before, after) => {
    await using flow = await OpenFlow.begin();
    const event = await flow.does({ kind: "message", message: before });
    await edits(flow, event, after);
    const [old, fresh] = ids(flow);
    expect(flow.client.taken.slice(1)).toEqual([
      { kind: "message", message: after },
      { kind: "delete", target: old, replacedBy: fresh },
    ]);
    expect(notices(flow)).toEqual([
      expect.stringMatching(/so the new one is a message of its own, and the old one is deleted behind it/),
    ]);
    await flow.does({ kind: "reaction", target: event, emoji: "👍" });
    expect(flow.client.taken.at(-1)).toMatchObject({ kind: "reaction", target: fresh });
    await flow.bram("r", { kind: "reaction", target: fresh as MessageId, own: true, emoji: "🎉" });
    expect(flow.events.at(-1)?.send.content).toMatchObject({ "m.relates_to": { event_id: event } });
    await redacts(flow, event);
    expect(flow.client.taken.at(-1)).toEqual({ kind: "delete", target: fresh });
  });

  test("of another kind is told, and nothing changes, where the network takes no deletions or it is late", async () => {
    await using flow = await OpenFlow.begin();
    const event = await flow.says("one");
    flow.client.granted = { ...ALL, deletes: false };
    const edit = await edits(flow, event, picture("a"));
    expect(flow.client.taken).toHaveLength(1);
    expect(notices(flow)).toEqual([
      expect.stringMatching(/cannot change .* so your contact still has what was sent first/),
    ]);
    expect(flow.events.at(-1)?.send.content).toMatchObject({
      "m.relates_to": { "m.in_reply_to": { event_id: edit } },
    });
    flow.client.granted = ALL;
    await flow.world.clock.advance(2 * 60 * MINUTE);
    await edits(flow, event, place);
    expect(flow.client.taken).toHaveLength(1);
  });

  test("of another kind that the network does not take leaves the old one where it is", async () => {
    await using flow = await OpenFlow.begin();
    const event = await flow.says("one");
    flow.client.faults.push({
      when: "before",
      error: new BridgeError("remote-refused", { words: "It is too odd.", certain: true }),
    });
    await edits(flow, event, picture("a"));
    expect(flow.client.taken).toHaveLength(1);
    expect(notices(flow)).toContain("bot: ⚠️ Not delivered. It is too odd.");
    await edits(flow, event, said("two"));
    await redacts(flow, event);
    const [old] = ids(flow);
    expect(flow.client.taken.slice(1)).toEqual([
      { kind: "edit", target: old, message: said("two") },
      { kind: "delete", target: old },
    ]);
  });

  test("of another kind while the old one waits sends the new one alone", async () => {
    await using flow = await OpenFlow.begin();
    flow.client.state = { kind: "waiting", words: "away" };
    const event = await flow.says("one");
    await edits(flow, event, picture("a"));
    flow.client.state = { kind: "connected" };
    await flow.world.clock.advance(MINUTE);
    expect(flow.client.taken).toEqual([{ kind: "message", message: picture("a") }]);
  });

  test("killed at any moment, the new one is there once and the old one is not", async () => {
    for (let turns = 0; turns < 20; turns += 1) {
      await using flow = await OpenFlow.begin();
      const event = await flow.says("one");
      const edit = edits(flow, event, picture("a"));
      for (let turn = 0; turn < turns; turn++) await new Promise((done) => setImmediate(done));
      await flow.world.crash();
      await Promise.race([edit, settle()]);
      // The homeserver pushes what was not answered.
      const again = Array.from(flow.world.homeserver.written.values()).find((one) => one?.kind === "edit");
      if (again) await flow.world.push(again);
      await flow.world.clock.advance(MINUTE);
      expect(phone(flow)).toEqual(["media"]);
    }
  }, 60_000);

  test("of an edit means the message; so do an answer, a reaction and a redaction of the contact's view", async () => {
    await using flow = await OpenFlow.begin();
    const event = await flow.says("one");
    const second = await edits(flow, event, said("two"));
    await edits(flow, second, said("three"));
    await flow.does({ kind: "reaction", target: second, emoji: "👍" });
    await flow.does({ kind: "message", message: said("as I said"), replyTo: second });
    const [first] = ids(flow);
    expect(flow.client.taken.slice(1)).toEqual([
      { kind: "edit", target: first, message: said("two") },
      { kind: "edit", target: first, message: said("three") },
      { kind: "reaction", target: first, own: true, emoji: "👍" },
      { kind: "message", message: { ...said("as I said"), replyTo: { id: first, own: true } } },
    ]);
    await flow.bram("e", { kind: "edit", target: "1" as MessageId, message: said("hallo") });
    const theirs = flow.events.at(-1)?.event as EventId;
    await flow.does({ kind: "message", message: said("yes"), replyTo: theirs });
    await flow.does({ kind: "reaction", target: theirs, emoji: "🎉" });
    expect(flow.client.taken.slice(-2)).toEqual([
      { kind: "message", message: { ...said("yes"), replyTo: { id: "1", own: false } } },
      { kind: "reaction", target: "1", own: false, emoji: "🎉" },
    ]);
  });

  test("is what the contact's answer and reaction to it mean, by the id it has there", async () => {
    await using flow = await OpenFlow.begin();
    const event = await flow.says("one");
    const edit = await edits(flow, event, said("two"));
    const id = (await flow.world.store.networkOutbox.byEvent(edit))?.remoteId as MessageId;
    await flow.bram("r", { kind: "reaction", target: id, own: true, emoji: "🎉" });
    expect(flow.events.at(-1)?.send.content).toMatchObject({ "m.relates_to": { event_id: event } });
  });

  test("of what is not known, not one's own, deleted, or of another room is told", async () => {
    await using flow = await OpenFlow.begin();
    const event = await flow.says("one");
    await edits(flow, "$nothing" as EventId, said("two"));
    await edits(flow, flow.hello, said("two"));
    await flow.does({ kind: "edit", sender: "@ben:test" as UserId, target: event, message: said("two") });
    await redacts(flow, event);
    await edits(flow, event, said("two"));
    await flow.client.says("Cees", "c", "hi");
    await settle();
    const other = await flow.world.portal(ANA, "Cees");
    await flow.does({ kind: "edit", room: other.room, target: event, message: said("two") });
    expect(flow.client.taken.map(({ kind }) => kind)).toEqual(["message", "delete"]);
    expect(notices(flow)).toEqual([
      expect.stringContaining(
        "did not arrive there, or the bridge does not know it. Write it as a new message.",
      ),
      expect.stringContaining("Only who wrote a message can change it there."),
      expect.stringContaining(`Only ${ANA} can write`),
      expect.stringContaining("You took that message back, so it cannot be changed."),
    ]);
    expect(flow.world.homeserver.shown(other.room).at(-1)).toContain(
      "The message you changed did not arrive there",
    );
  });

  test("of a message that did not arrive is what `retry` sends", async () => {
    await using flow = await OpenFlow.begin();
    const refusal = new BridgeError("remote-refused", { words: "Not now.", certain: true });
    flow.client.faults.push({ when: "before", error: refusal });
    const event = await flow.says("wrong");
    await edits(flow, event, said("right"));
    await flow.world.says(ANA, flow.management, "retry whatsapp Bram");
    expect(phone(flow)).toEqual(["right"]);
  });
});

test("edits are refused with words once a message has had as many as the network takes", async () => {
  await using flow = await OpenFlow.begin();
  flow.client.granted = { ...ALL, editCount: 2 };
  const text = await flow.says("one");
  for (const next of ["two", "three", "four"]) await edits(flow, text, said(next));
  expect(flow.client.taken.map((it) => (it.kind === "edit" ? it.message : it.kind))).toEqual([
    "message",
    said("two"),
    said("three"),
  ]);
  expect(notices(flow)).toEqual([
    expect.stringContaining(
      "WhatsApp takes 2 edits of a message, and this one has had them. Write the correction as a new message.",
    ),
  ]);
  // Another message has its own.
  const other = await flow.says("first");
  await edits(flow, other, said("second"));
  expect(flow.client.taken.at(-1)).toMatchObject({ kind: "edit", message: said("second") });
});
