import { describe, expect, test } from "@jest/globals";
import { peopleIn } from "../../../../src/networks/signal/convert/mentions.ts";
import { messageIdOf } from "../../../../src/networks/signal/ids.ts";
import { decodeContent } from "../../../../src/networks/signal/wire/decode-content.ts";
import { uuidBytes } from "../../../../src/networks/signal/wire/service-id.ts";
import { type FieldOf, messageOf } from "../../wire/protobuf-fields.ts";
import { contentBytes } from "../wire/mock-protos.ts";
import { ada, type Data, file, head, other, own, partsOf, shown, text, time } from "./shown-data.ts";

describe("a message", () => {
  test("with words is text, of its sender, at the server's time", () => {
    expect(shown({ body: "Hello" })).toEqual({
      kind: "message",
      ...head,
      message: { parts: [text("Hello")] },
    });
  });

  test("of our own person has no sender", () => {
    expect(shown({ body: "Hello" }, { author: own })).toMatchObject({
      sender: undefined,
      id: `${own}/${time}`,
    });
  });

  test("has its styles and mentions, and says whose names it takes", () => {
    const bodyRanges = [
      { start: 0, length: 5, associatedValue: { style: 1 } },
      { start: 6, length: 1, associatedValue: { mentionAciBinary: uuidBytes(ada) } },
      { start: 0, length: 2, associatedValue: { style: 99 } },
    ];
    expect(partsOf({ body: "Hello \ufffc", bodyRanges })).toEqual([
      {
        kind: "text",
        style: "text",
        body: {
          text: "Hello @Ada",
          spans: [
            { start: 0, end: 5, style: { kind: "bold" } },
            { start: 6, end: 10, style: { kind: "mentionPerson", person: ada } },
          ],
        },
      },
    ]);
    expect(named({ body: "\ufffc", bodyRanges })).toEqual([ada]);
  });

  const named = (data: Data) => {
    const { body } = decodeContent(contentBytes({ content: { dataMessage: { timestamp: 1n, ...data } } }));
    return body.kind === "data" && [...peopleIn(body.data)];
  };
  const mentionOf = (id: string) => ({
    start: 0,
    length: 1,
    associatedValue: { mentionAciBinary: uuidBytes(id) },
  });

  test("has the names of those it mentions looked up, in what it answers too, and not of crowds", () => {
    const quote = { id: 5n, authorAciBinary: uuidBytes(own), text: "\ufffc", bodyRanges: [mentionOf(other)] };
    expect(named({ body: "\ufffc", bodyRanges: [mentionOf(ada)], quote })).toEqual([ada, other]);
    expect(named({ sticker: { data: file }, quote })).toEqual([other]);
    const crowd = Array.from({ length: 1_000 }, (_, index) =>
      mentionOf(`dddddddd-0000-4000-8000-${String(index).padStart(12, "0")}`),
    );
    expect(named({ body: "\ufffc", bodyRanges: crowd })).toHaveLength(200);
  });

  test("that disappears says when, and since when where it is our own", () => {
    expect(shown({ body: "x", expireTimer: 60 })).toMatchObject({ message: { expires: { seconds: 60 } } });
    expect(shown({ body: "x", expireTimer: 60 }, { author: own, expiresFrom: 5 })).toMatchObject({
      message: { expires: { seconds: 60, startedAt: 5 } },
    });
  });

  test("has previews beside its text, and only of links that are in it", () => {
    const preview = [
      { url: "https://example.org/a", title: "A", description: "About A" },
      { url: "https://evil.example/", title: "Bank" },
      { url: "", title: "Nothing" },
    ];
    expect(partsOf({ body: "See https://example.org/a", preview })).toEqual([
      {
        ...text("See https://example.org/a"),
        previews: [{ url: "https://example.org/a", title: "A", description: "About A" }],
      },
    ]);
  });

  test("whose own time is another than its envelope's is not shown as one", () => {
    expect(shown({ body: "x", timestamp: BigInt(time + 1) })).toMatchObject({ kind: "unsupported" });
  });

  test("that needs a later protocol says so", () => {
    expect(shown({ body: "x", requiredProtocolVersion: 9 })).toMatchObject({
      kind: "unsupported",
      id: head.id,
    });
    expect(shown({ body: "x", requiredProtocolVersion: 8 })).toMatchObject({ kind: "message" });
  });
});

describe("an answer", () => {
  const quote = { id: 5n, authorAciBinary: uuidBytes(own), text: "What I said" };

  test("names the message it answers, and repeats it", () => {
    expect(shown({ body: "Yes", quote })).toMatchObject({
      message: {
        replyTo: { id: messageIdOf({ author: own, timestamp: 5 }), own: true, excerpt: "What I said" },
      },
    });
    expect(shown({ body: "Yes", quote: { ...quote, authorAciBinary: uuidBytes(ada) } })).toMatchObject({
      message: { replyTo: { id: `${ada}/5`, own: false } },
    });
  });

  test.each([
    ["image/jpeg", undefined, "Picture"],
    ["video/mp4", undefined, "Video"],
    ["audio/aac", undefined, "Audio"],
    ["application/pdf", "a.pdf", "a.pdf"],
    ["application/pdf", undefined, "File"],
  ])("to a file of %s says what it is", (contentType, fileName, excerpt) => {
    const attachments = [{ contentType, ...(fileName && { fileName }) }];
    expect(shown({ body: "x", quote: { ...quote, text: null, attachments } })).toMatchObject({
      message: { replyTo: { excerpt } },
    });
  });

  test("to nothing that has a name is a message", () => {
    for (const gone of [{ id: 0n }, { authorAciBinary: Uint8Array.of(1) }, { id: 0xffff_ffff_ffff_ffffn }]) {
      const event = shown({ body: "x", quote: { ...quote, ...gone } });
      expect(event).toMatchObject({ kind: "message", message: { parts: [text("x")] } });
      expect(event?.kind === "message" && event.message.replyTo).toBeUndefined();
    }
  });

  test("to a story says that there is one", () => {
    const storyContext = { authorAciBinary: uuidBytes(own), sentTimestamp: 5n };
    expect(partsOf({ body: "Nice", storyContext })).toMatchObject([
      { body: { text: expect.stringMatching(/story.*\nNice$/) } },
    ]);
    const reaction = { emoji: "❤️", targetAuthorAciBinary: uuidBytes(own), targetSentTimestamp: 5n };
    expect(partsOf({ reaction, storyContext })).toMatchObject([
      { body: { text: expect.stringMatching(/\n❤️$/) } },
    ]);
  });
});

describe("what is about a message", () => {
  const reaction = { emoji: " 👍 ", targetAuthorAciBinary: uuidBytes(own), targetSentTimestamp: 5n };

  test("a reaction, and one that is taken back", () => {
    const target = `${own}/5`;
    expect(shown({ reaction })).toEqual({ kind: "reaction", ...head, target, own: true, emoji: "👍" });
    expect(shown({ reaction: { ...reaction, remove: true } })).toMatchObject({ target, emoji: "" });
    const theirs = { ...reaction, targetAuthorAciBinary: uuidBytes(ada) };
    expect(shown({ reaction: theirs })).toMatchObject({ target: `${ada}/5`, own: false });
    expect(shown({ reaction: { ...reaction, emoji: " " } })).toBeUndefined();
  });

  test("a reaction to a message of somebody else is to that one, which this chat does not have", () => {
    const elsewhere = { ...reaction, targetAuthorAciBinary: uuidBytes(other) };
    expect(shown({ reaction: elsewhere })).toMatchObject({
      chat: head.chat,
      target: `${other}/5`,
      own: false,
    });
  });

  test("a deletion and an edit are of the sender's own messages alone", () => {
    expect(shown({ delete: { targetSentTimestamp: 5n } })).toEqual({
      kind: "delete",
      ...head,
      target: `${ada}/5`,
    });
    expect(shown({ delete: { targetSentTimestamp: 5n } }, { author: own })).toMatchObject({
      target: `${own}/5`,
    });
    expect(shown({ body: "Now" }, { edits: 5 })).toEqual({
      kind: "edit",
      ...head,
      target: `${ada}/5`,
      message: { parts: [text("Now")] },
    });
  });

  test("an edit leaves files as they are", () => {
    expect(shown({ body: "Now", attachments: [file] }, { edits: 5 })).toMatchObject({
      kind: "edit",
      message: { parts: [text("Now")] },
    });
    expect(shown({ isViewOnce: true }, { edits: 5 })).toMatchObject({ kind: "unsupported" });
  });
});

describe("what the room shows nothing of, or words", () => {
  test.each([
    [{ flags: 4, profileKey: new Uint8Array(32) }, undefined],
    [{ flags: 1 }, undefined],
    [{ groupCallUpdate: { eraId: "x" } }, undefined],
    [{}, undefined],
    [
      { flags: 2, expireTimer: 30 },
      { kind: "timer", seconds: 30 },
    ],
    [{ flags: 2 }, { kind: "timer", seconds: 0 }],
    [{ payment: { item: { notification: { note: "for lunch" } } } }, { kind: "unsupported" }],
    [{ giftBadge: {} }, { kind: "unsupported" }],
    [
      { pinMessage: { targetAuthorAciBinary: uuidBytes(ada), targetSentTimestamp: 5n } },
      { message: { parts: [{ body: { text: "pinned this message." } }] } },
    ],
  ])("%j is %j", (data, expected) => {
    const event = shown(data as Data);
    if (expected === undefined) expect(event).toBeUndefined();
    else expect(event).toMatchObject(expected);
  });

  test("a field of the future alone is something that cannot be shown; beside words it is left out", () => {
    const later = (...fields: FieldOf[]) =>
      decodeContent(messageOf([1, messageOf([7, time], [1000, "new"], ...fields)])).body;
    expect(later()).toMatchObject({ data: { payload: { kind: "unknown" } } });
    expect(later([1, "Hello"])).toMatchObject({ data: { payload: { kind: "message", body: "Hello" } } });
    expect(shown({ requiredProtocolVersion: 99 })).toMatchObject({ kind: "unsupported" });
  });
});
