import { describe, expect, test } from "@jest/globals";
import { longTextOf } from "../../../../src/networks/signal/convert/long-text.ts";
import { readMediaRef } from "../../../../src/networks/signal/media/media-ref.ts";
import { decodeContent } from "../../../../src/networks/signal/wire/decode-content.ts";
import { uuidBytes } from "../../../../src/networks/signal/wire/service-id.ts";
import { contentBytes } from "../wire/mock-protos.ts";
import { ada, file, head, own, partsOf, shown, text } from "./shown-data.ts";

describe("files", () => {
  test("are in order, the words with the first, where an edit finds them", () => {
    const loop = { ...file, contentType: "video/mp4", flags: 8 };
    const parts = partsOf({ body: "Both", attachments: [file, loop] });
    expect(parts).toMatchObject([
      {
        kind: "media",
        media: { kind: "image", mimetype: "image/jpeg", size: 1000, width: 640, height: 480 },
        caption: { text: "Both", spans: [] },
      },
      { kind: "media", media: { kind: "gif", mimetype: "video/mp4" } },
    ]);
    expect(parts[1]).not.toHaveProperty("caption");
    const voice = { ...file, contentType: "audio/aac", flags: 1 };
    expect(partsOf({ body: "Both", attachments: [voice] })).toMatchObject([{ kind: "media" }, text("Both")]);
  });

  test("are a link's picture too, which is none where it is large, or nowhere, or no picture", () => {
    const url = "https://example.org/a";
    const [part] = partsOf({ body: url, preview: [{ url, image: file }] });
    expect(part).toMatchObject({ previews: [{ url, image: { kind: "image", width: 640, height: 480 } }] });
    for (const image of [
      { ...file, size: 6_000_000 },
      { ...file, cdnKey: "" },
      { ...file, contentType: "video/mp4" },
    ])
      expect(partsOf({ body: url, preview: [{ url, image }] })).toMatchObject([{ previews: [{ url }] }]);
  });

  test("are fetched by what the pointer says", () => {
    const [part] = partsOf({ attachments: [file] });
    if (part?.kind !== "media" || part.media.source.at !== "network") throw new Error("no file");
    expect(readMediaRef(part.media.source.ref)).toMatchObject({ cdn: 3, key: "abc", size: 1000 });
  });

  test.each([
    [
      { contentType: "audio/aac", flags: 1 },
      { kind: "voice", mimetype: "audio/aac" },
    ],
    [{ contentType: "audio/mpeg" }, { kind: "audio" }],
    [{ contentType: "video/mp4" }, { kind: "video" }],
    [
      { contentType: "application/pdf", fileName: "a/b.pdf" },
      { kind: "file", name: "b.pdf" },
    ],
    [{ contentType: "<script>" }, { kind: "file", mimetype: "application/octet-stream" }],
    [{ contentType: "image/png", width: 99_999_999 }, { kind: "image" }],
    [{ contentType: "text/plain", flags: 9 }, { kind: "file" }],
  ])("%j is %j", (changed, media) => {
    expect(partsOf({ attachments: [{ ...file, ...changed }] })).toMatchObject([{ kind: "media", media }]);
  });

  test("without a key, a digest or a place are words, and the message's own words stay", () => {
    for (const gone of [{ key: null }, { digest: Uint8Array.of(1) }, { attachmentIdentifier: null }]) {
      const [part] = partsOf({ body: "Look", attachments: [{ ...file, ...gone }] });
      expect(part).toMatchObject({
        kind: "text",
        body: { text: expect.stringMatching(/^Look\n\(There was a file/) },
      });
    }
  });

  test("that are more than anybody sends are counted, not shown", () => {
    const parts = partsOf({ body: "x", attachments: Array.from({ length: 40 }, () => file) });
    expect(parts.filter(({ kind }) => kind === "media")).toHaveLength(32);
    expect(parts[0]).toMatchObject({ caption: { text: "x" } });
    expect(parts.slice(32)).toEqual([text("(8 more files than Signal's apps send are not shown.)")]);
  });

  test("a sticker is a picture", () => {
    const sticker = { packId: new Uint8Array(16), packKey: new Uint8Array(32), stickerId: 1, emoji: "🎉" };
    const data = { ...file, contentType: "image/webp" };
    expect(partsOf({ sticker: { ...sticker, data } })).toMatchObject([
      { kind: "media", media: { kind: "image", mimetype: "image/webp" } },
    ]);
    const { contentType: _, ...unnamed } = data;
    expect(partsOf({ sticker: { ...sticker, data: unnamed } })).toMatchObject([{ media: { kind: "image" } }]);
    expect(partsOf({ sticker })).toEqual([text("(A sticker that cannot be fetched: 🎉)")]);
  });

  test("to be seen once are refused with words, and so nobody's bytes are fetched", () => {
    expect(shown({ isViewOnce: true, attachments: [file] })).toEqual({
      kind: "excluded",
      ...head,
      what: "view-once",
    });
  });
});

describe("a long text", () => {
  const whole = `${"long ".repeat(1000)}end`;
  const long = { ...file, contentType: "text/x-signal-plain" };
  const data = { body: whole.slice(0, 2000), attachments: [long, file] };

  test("is shown whole where its file could be had, with styles up to its end", () => {
    const bodyRanges = [{ start: 5000, length: 3, associatedValue: { style: 2 } }];
    expect(partsOf({ ...data, attachments: [long], bodyRanges }, { wholeText: whole })).toEqual([
      {
        kind: "text",
        style: "text",
        body: { text: whole, spans: [{ start: 5000, end: 5003, style: { kind: "italic" } }] },
      },
    ]);
  });

  test("is else shown as its beginning, the file behind it", () => {
    const parts = partsOf(data);
    expect(parts).toMatchObject([
      { kind: "media", media: { kind: "image" } },
      { kind: "text", body: { text: `${data.body}\n… (All of it is in the file “Message.txt”.)` } },
      { kind: "media", media: { kind: "file", mimetype: "text/plain", name: "Message.txt" } },
    ]);
  });

  test("that is longer than any app writes is a file too, whole", () => {
    const endless = "words ".repeat(11_000);
    const [beginning, behind, ...more] = partsOf({ body: endless });
    expect(more).toEqual([]);
    expect(beginning).toMatchObject({
      body: { text: expect.stringMatching(/^words .*“Message\.txt”\.\)$/s) },
    });
    if (behind?.kind !== "media" || behind.media.source.at !== "inline") throw new Error("no file");
    expect(Buffer.from(behind.media.source.base64, "base64").toString()).toBe(endless);
  });

  test("names its file", () => {
    const { body } = decodeContent(contentBytes({ content: { dataMessage: { timestamp: 1n, ...data } } }));
    expect(body.kind === "data" && longTextOf(body.data.payload)?.contentType).toBe("text/x-signal-plain");
  });
});

describe("a contact", () => {
  test("is a card of RFC 6350", () => {
    const contact = [
      {
        name: { givenName: "Grace", familyName: "Hopper; Dr", prefix: "Adm." },
        number: [{ value: "+31 6", type: 2 }],
        email: [{ value: "g@example.org", type: 3 }],
        address: [{ type: 1, street: "Main, 1", city: "Utrecht" }],
        organization: "Navy",
      },
    ];
    expect(partsOf({ contact })).toEqual([
      {
        kind: "contact",
        name: "Adm. Grace Hopper; Dr",
        vcard: [
          "BEGIN:VCARD",
          "VERSION:4.0",
          "FN:Adm. Grace Hopper\\; Dr",
          "N:Hopper\\; Dr;Grace;;Adm.;",
          "TEL;TYPE=cell:+31 6",
          "EMAIL;TYPE=work:g@example.org",
          "ADR;TYPE=home:;;Main\\, 1;Utrecht;;;",
          "ORG:Navy",
          "END:VCARD",
          "",
        ].join("\r\n"),
      },
    ]);
    expect(partsOf({ contact: [{}, { number: [{ value: "112" }] }] })).toMatchObject([
      { name: "A contact without a name" },
      { name: "112" },
    ]);
  });
});

describe("a poll", () => {
  test("is text with its choices", () => {
    const pollCreate = { question: "When?", allowMultiple: false, options: ["Today", "Never"] };
    expect(partsOf({ pollCreate })).toMatchObject([
      { body: { text: expect.stringMatching(/^📊 Poll: When\?\n1\. Today\n2\. Never\n\(One answer\.\)\n/) } },
    ]);
    const many = {
      ...pollCreate,
      allowMultiple: true,
      options: Array.from({ length: 40 }, () => "x".repeat(999)),
    };
    const [part] = partsOf({ pollCreate: many });
    expect(part?.kind === "text" && part.body.text.length).toBeLessThan(8_000);
    expect(part).toMatchObject({
      body: { text: expect.stringContaining("(8 more choices than Signal's apps send are not shown.)") },
    });
  });

  test("is voted in and ended by words that answer it", () => {
    const pollVote = {
      targetAuthorAciBinary: uuidBytes(own),
      targetSentTimestamp: 5n,
      optionIndexes: [2, 0, 2],
      voteCount: 1,
    };
    const about = { replyTo: { id: `${own}/5`, own: true } };
    expect(shown({ pollVote })).toMatchObject({
      message: { parts: [{ style: "emote", body: { text: "voted for answers 1, 3." } }], ...about },
    });
    expect(shown({ pollVote: { ...pollVote, optionIndexes: [] } })).toMatchObject({
      message: { parts: [{ body: { text: "took back their vote." } }] },
    });
    expect(shown({ pollTerminate: { targetSentTimestamp: 5n } })).toMatchObject({
      message: { parts: [{ body: { text: "ended the poll." } }], replyTo: { id: `${ada}/5`, own: false } },
    });
  });
});
