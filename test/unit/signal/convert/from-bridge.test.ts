import { describe, expect, test } from "@jest/globals";
import type { Part } from "../../../../src/core/model/content.ts";
import { BridgeError } from "../../../../src/core/model/errors.ts";
import type { Outgoing } from "../../../../src/core/model/events.ts";
import type { MessageId, PersonId, UserId } from "../../../../src/core/model/ids.ts";
import { plainText } from "../../../../src/core/model/rich-text.ts";
import { fromBridge, uploadsOf } from "../../../../src/networks/signal/convert/from-bridge.ts";
import { beginningOf } from "../../../../src/networks/signal/convert/long-text.ts";
import { usersIn } from "../../../../src/networks/signal/convert/mentions.ts";
import { messageIdOf } from "../../../../src/networks/signal/ids.ts";
import type { AttachmentPointer } from "../../../../src/networks/signal/wire/attachment.ts";
import { encodeContent } from "../../../../src/networks/signal/wire/encode-content.ts";
import { uuidBytes } from "../../../../src/networks/signal/wire/service-id.ts";
import { signalservice } from "../wire/mock-protos.ts";

const ada = "aaaaaaaa-0000-4000-8000-000000000001" as PersonId;
const own = "bbbbbbbb-0000-4000-8000-000000000002" as PersonId;
const ghost = "@signal_ada:example.org" as UserId;
const context = { own, user: "@me:example.org" as UserId, ghosts: new Map([[ghost, ada]]) };
const theirs = messageIdOf({ author: ada, timestamp: 5 });

const text = (words: string, style: "text" | "emote" | "notice" = "text"): Part => ({
  kind: "text",
  style,
  body: plainText(words),
});
const said = (...parts: readonly Part[]): Outgoing => ({ kind: "message", message: { parts } });
const pointer: AttachmentPointer = {
  cdn: 3,
  cdnKey: "k",
  size: 1,
  voice: false,
  gif: false,
  borderless: false,
};
const picture = {
  kind: "image",
  source: { at: "homeserver", uri: "mxc://e/1" },
  mimetype: "image/png",
} as const;

/** What the mock's parser reads of what we send. */
function read(outgoing: Outgoing, files: readonly AttachmentPointer[] = []) {
  const payload = fromBridge(outgoing, context, files);
  const data = { timestamp: 7, timer: { seconds: 0, version: 1 }, payload };
  return signalservice.Content.decode(encodeContent({ body: { kind: "data", data } })).content?.dataMessage;
}

function refused(outgoing: Outgoing): string {
  try {
    fromBridge(outgoing, context, []);
  } catch (error) {
    if (error instanceof BridgeError && error.certain) return `${error.reason}: ${error.words}`;
    throw error;
  }
  throw new Error("it was taken");
}

describe("what our person writes", () => {
  test("is a body, with nothing else to upload", () => {
    expect(read(said(text("Hello")))).toMatchObject({
      body: "Hello",
      bodyRanges: [],
      attachments: [],
      preview: [],
    });
    expect(uploadsOf(said(text("Hello")), context)).toEqual([]);
  });

  test("has styles and mentions, which a receiver's app must know of", () => {
    const outgoing = said({
      kind: "text",
      style: "text",
      body: {
        text: "Hi @Ada",
        spans: [
          { start: 0, end: 2, style: { kind: "bold" } },
          { start: 3, end: 7, style: { kind: "mentionUser", user: ghost } },
        ],
      },
    });
    expect(outgoing.kind === "message" && [...usersIn(outgoing.message)]).toEqual([ghost]);
    expect(read(outgoing)).toMatchObject({
      body: "Hi \ufffc",
      requiredProtocolVersion: 6,
      bodyRanges: [
        { start: 0, length: 2, associatedValue: { style: 1 } },
        {
          start: 3,
          length: 1,
          associatedValue: {
            mentionAciBinary: uuidBytes(ada),
          },
        },
      ],
    });
  });

  test("in several parts is one body, in lines", () => {
    expect(read(said(text("one"), text("two")))).toMatchObject({ body: "one\ntwo" });
  });

  test("shows what their client found at links, those that are in the words", () => {
    const url = "https://example.org/";
    const previews = [{ url, title: "Example", description: "An example" }, { url: "https://evil.example/" }];
    const outgoing = said({ kind: "text", style: "text", body: plainText(`See ${url}`), previews });
    expect(read(outgoing)?.preview).toMatchObject([{ url, title: "Example", description: "An example" }]);
  });

  test("as an emote is in italics, as Signal has none", () => {
    expect(read(said(text("waves\ntwice", "emote")))).toMatchObject({
      body: "waves\ntwice",
      bodyRanges: [{ start: 0, length: 11, associatedValue: { style: 2 } }],
    });
  });

  test("as a place is a link to a map", () => {
    const place = { kind: "location", latitude: 52.09, longitude: 5.12, name: "Dom" } as const;
    expect(read(said(place))?.body).toBe("📍 Dom\nhttps://www.openstreetmap.org/?mlat=52.09&mlon=5.12");
  });

  test("as a card is a contact, and of a message of its own", () => {
    const card = {
      kind: "contact",
      name: "Grace",
      vcard: "BEGIN:VCARD\nFN:Grace\nTEL;TYPE=cell:112\nEND:VCARD",
    } as const;
    expect(read(said(card))?.contact).toMatchObject([
      { name: { givenName: "Grace" }, number: [{ value: "112", type: 2 }] },
    ]);
    expect(refused(said(card, text("and words")))).toMatch(/^unsupported: /);
  });

  test("as files has pointers, with the captions as its words", () => {
    const outgoing = said(
      { kind: "media", media: picture, caption: plainText("one") },
      { kind: "media", media: picture },
      { kind: "media", media: picture, caption: plainText("three") },
    );
    expect(uploadsOf(outgoing, context)).toEqual([1, 2, 3].map(() => ({ kind: "media", media: picture })));
    const files = ["a", "b", "c"].map((cdnKey) => ({ ...pointer, cdnKey }));
    expect(read(outgoing, files)).toMatchObject({
      body: "one\nthree",
      attachments: ["a", "b", "c"].map((cdnKey) => ({ attachmentIdentifier: { cdnKey } })),
    });
  });
});

describe("a long text", () => {
  const long = `${"é".repeat(1_500)}👍 end`;

  test("goes as its beginning, with a file of the whole, which the styles count in", () => {
    const outgoing = said({
      kind: "text",
      style: "text",
      body: { text: long, spans: [{ start: 1_500, end: 1_506, style: { kind: "bold" } }] },
    });
    const [upload, ...more] = uploadsOf(outgoing, context);
    expect(upload).toEqual({ kind: "text", text: long, contentType: "text/x-signal-plain" });
    expect(more).toEqual([]);
    const file = { ...pointer, contentType: "text/x-signal-plain" };
    expect(read(outgoing, [file])).toMatchObject({
      body: "é".repeat(1_024),
      bodyRanges: [{ start: 1_500, length: 6 }],
      attachments: [{ contentType: "text/x-signal-plain" }],
    });
  });

  test("as a caption goes behind the file it is of", () => {
    const outgoing = said({ kind: "media", media: picture, caption: plainText(long) });
    expect(uploadsOf(outgoing, context).map(({ kind }) => kind)).toEqual(["media", "text"]);
  });

  test("is cut at 2,048 bytes of whole characters", () => {
    expect(beginningOf("a".repeat(2_048))).toHaveLength(2_048);
    expect(beginningOf("a".repeat(2_049))).toHaveLength(2_048);
    expect(beginningOf(`${"a".repeat(2_045)}👍b`)).toBe("a".repeat(2_045));
    expect(beginningOf("👩‍👩‍👧".repeat(200)).length % "👩‍👩‍👧".length).toBe(0);
  });

  test("in an edit goes the same way", () => {
    const edit: Outgoing = {
      kind: "edit",
      target: messageIdOf({ author: own, timestamp: 5 }),
      message: { parts: [text(long)] },
    };
    expect(uploadsOf(edit, context)).toHaveLength(1);
    expect(read(edit, [pointer])?.body).toBe("é".repeat(1_024));
  });
});

describe("what is about a message", () => {
  test("an answer names its author and time", () => {
    const outgoing: Outgoing = {
      kind: "message",
      message: { parts: [text("Yes")], replyTo: { id: theirs, own: false, excerpt: "Really?" } },
    };
    expect(read(outgoing)).toMatchObject({ body: "Yes", quote: { id: 5n, authorAci: ada, text: "Really?" } });
    const file = { kind: "image", mimetype: "image/png", name: "a.png" } as const;
    const toFile = { parts: [text("Nice")], replyTo: { id: theirs, own: false, file } };
    expect(read({ kind: "message", message: toFile })).toMatchObject({
      quote: { id: 5n, text: "", attachments: [{ contentType: "image/png", fileName: "a.png" }] },
    });
  });

  test("a reaction is one emoji, in the form that Signal's apps know", () => {
    const reaction = { kind: "reaction", target: theirs, own: false } as const;
    expect(read({ ...reaction, emoji: "❤" })).toMatchObject({
      reaction: { emoji: "❤️", remove: false, targetAuthorAci: ada, targetSentTimestamp: 5n },
      requiredProtocolVersion: 4,
    });
    expect(refused({ ...reaction, emoji: "nice" })).toBe(
      "unsupported: Signal takes a single emoji as a reaction, and nothing else. Write it as a message.",
    );
  });

  test("a reaction that is taken back names an emoji, as Android's app wants one: the one it was, else any", () => {
    const back = { kind: "reaction", target: theirs, own: false, emoji: "" } as const;
    expect(read({ ...back, was: "👍" })).toMatchObject({ reaction: { emoji: "👍", remove: true } });
    expect(read(back)).toMatchObject({ reaction: { emoji: "❤️", remove: true } });
  });

  test("a deletion names the message by its time", () => {
    const target = messageIdOf({ author: own, timestamp: 5 });
    expect(read({ kind: "delete", target })).toMatchObject({ delete: { targetSentTimestamp: 5n } });
  });

  test("of a name that is not Signal's is refused", () => {
    expect(refused({ kind: "delete", target: "x" as MessageId })).toMatch(/^unsupported: /);
  });
});
