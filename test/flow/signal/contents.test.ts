import { describe, expect, test } from "@jest/globals";
import type { Part } from "../../../src/core/model/content.ts";
import { plainText, type Span } from "../../../src/core/model/rich-text.ts";
import { uuidBytes } from "../../../src/networks/signal/wire/service-id.ts";
import type { DataMessage } from "../../../tools/signal-mock/contents.ts";
import type { Heard } from "../../../tools/signal-mock/journal.ts";
import { memoryFile } from "../../kit/memory-file.ts";
import { personIdOf } from "../../kit/signal/signal-session.ts";
import { signalStage } from "../../kit/signal/stage.ts";

const stage = signalStage();

/** What the contact sends with these fields, in the room. */
async function shown(fields: DataMessage) {
  const { timestamp } = await stage.wim.sends(stage.phone, fields);
  const { sink } = stage.session;
  return sink.until("what was sent", () => sink.events.find(({ id }) => id.endsWith(`/${timestamp}`)));
}

/** What the contact's phone hears of a message of ours with these parts. */
async function heard(...parts: readonly Part[]) {
  const { session, wim } = stage;
  const id = session.nextId();
  await session.sends(wim, { kind: "message", message: { parts } }, id);
  const time = BigInt(id.split("/")[1] ?? "");
  const isIt = ({ content }: Heard) => content?.content?.dataMessage?.timestamp === time;
  return (await wim.journal.find("our message", isIt)).content?.content?.dataMessage;
}

const span = (start: number, end: number, style: Span["style"]): Span => ({ start, end, style });
const text = (body: string, ...spans: readonly Span[]): Part => ({
  kind: "text",
  style: "text",
  body: { text: body, spans },
});

describe("what a contact sends, of each kind", () => {
  test("styles and mentions", async () => {
    const { phone, wim, session } = stage;
    const mention = (id: string) => ({ mentionAciBinary: uuidBytes(id) });
    const bodyRanges = [
      { start: 0, length: 2, associatedValue: { style: 1 } },
      { start: 3, length: 1, associatedValue: mention(phone.aci) },
      { start: 5, length: 1, associatedValue: mention(wim.aci) },
    ] as const;
    const event = await shown({ body: "Hi \ufffc \ufffc", bodyRanges: [...bodyRanges] as never });
    if (event.kind !== "message") throw new Error(event.kind);
    const [part] = event.message.parts;
    expect(part?.kind === "text" && part.body.spans.map(({ style }) => style)).toEqual([
      { kind: "bold" },
      { kind: "mentionUser", user: session.login.user },
      { kind: "mentionPerson", person: personIdOf(wim) },
    ]);
  });

  test.each<[string, DataMessage, unknown]>([
    [
      "a poll",
      { pollCreate: { question: "When?", allowMultiple: true, options: ["Now", "Never"] } },
      { message: { parts: [{ body: { text: expect.stringContaining("1. Now\n2. Never\n(Several") } }] } },
    ],
    [
      "a contact",
      { contact: [{ name: { givenName: "Grace" }, number: [{ value: "112", type: 2 }] }] } as never,
      {
        message: {
          parts: [{ kind: "contact", name: "Grace", vcard: expect.stringContaining("TEL;TYPE=cell:112") }],
        },
      },
    ],
    ["something to be seen once", { isViewOnce: true }, { kind: "excluded", what: "view-once" }],
    ["a badge as a gift", { giftBadge: { receiptCredentialPresentation: null } }, { kind: "unsupported" }],
    ["what needs a later protocol", { body: "x", requiredProtocolVersion: 99 }, { kind: "unsupported" }],
    [
      "a link with its preview",
      { body: "https://example.org/", preview: [{ url: "https://example.org/", title: "Example" }] } as never,
      { message: { parts: [{ previews: [{ url: "https://example.org/", title: "Example" }] }] } },
    ],
    [
      "a file without a place",
      { body: "Look", attachments: [{ contentType: "image/png", size: 5 }] } as never,
      {
        message: {
          parts: [{ kind: "text", body: { text: expect.stringMatching(/^Look\n\(There was a file/) } }],
        },
      },
    ],
  ])("%s", async (_, fields, event) => {
    expect(await shown(fields)).toMatchObject(event as object);
  });
});

describe("what our person writes, of each kind", () => {
  test("styles and blocks, as Signal has them", async () => {
    const data = await heard(
      text(
        "Title\nitem\nbold",
        span(0, 5, { kind: "heading", level: 1 }),
        span(6, 10, { kind: "bulletItem" }),
        span(11, 15, { kind: "bold" }),
      ),
    );
    expect(data).toMatchObject({
      body: "Title\n- item\nbold",
      bodyRanges: [
        { start: 0, length: 5, associatedValue: { style: 1 } },
        { start: 13, length: 4, associatedValue: { style: 1 } },
      ],
    });
  });

  test("a mention of the contact, which their app shows as one", async () => {
    const data = await heard(
      text("Hi @Wim", span(3, 7, { kind: "mentionPerson", person: personIdOf(stage.wim) })),
    );
    expect(data).toMatchObject({
      body: "Hi \ufffc",
      requiredProtocolVersion: 6,
      bodyRanges: [{ start: 3, length: 1 }],
    });
  });

  test("an emote, a place, a card and a link with what their client found there", async () => {
    expect(await heard({ kind: "text", style: "emote", body: plainText("waves") })).toMatchObject({
      body: "waves",
      bodyRanges: [{ start: 0, length: 5, associatedValue: { style: 2 } }],
    });
    const place = await heard({ kind: "location", latitude: 1, longitude: 2 });
    expect(place?.body).toMatch(/openstreetmap\.org\/\?mlat=1&mlon=2$/);
    const card = { kind: "contact", name: "Grace", vcard: "BEGIN:VCARD\nTEL:112\nEND:VCARD" } as const;
    expect(await heard(card)).toMatchObject({
      contact: [{ name: { givenName: "Grace" }, number: [{ value: "112" }] }],
    });
    const previews = [{ url: "https://example.org/", title: "Example" }];
    const link = { kind: "text", style: "text", body: plainText("https://example.org/"), previews } as const;
    expect((await heard(link))?.preview).toMatchObject([{ url: "https://example.org/", title: "Example" }]);
  });

  const file = (mimetype: string, name: string, words: string): Part => {
    const uri = `mxc://home/${name}`;
    stage.session.files.set(uri, memoryFile(Buffer.from(words)));
    return { kind: "media", media: { kind: "file", source: { at: "homeserver", uri }, mimetype, name } };
  };
  const CARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Grace H\r\nPHOTO:AAAA\r\n BBBB\r\nTEL:112\r\nEND:VCARD\r\n";

  test.each([
    ["text/vcard; charset=utf-8", "grace.vcf"],
    ["text/x-vcard", "card"],
    ["application/octet-stream", "Grace.VCF"],
  ])("somebody's card as a file of %s, named %s, is a contact", async (mimetype, name) => {
    const said = await heard(file(mimetype, name, CARD));
    expect(said).toMatchObject({
      contact: [{ name: { givenName: "Grace H" }, number: [{ value: "112" }] }],
      attachments: [],
    });
  });

  test("cards of several people, one with words below it, and what is none stay files", async () => {
    const captioned = { ...file("text/vcard", "words.vcf", CARD), caption: plainText("her") } as Part;
    for (const [name, part] of [
      ["two.vcf", file("text/vcard", "two.vcf", CARD + CARD)],
      ["not.vcf", file("text/vcard", "not.vcf", "hello")],
      ["words.vcf", captioned],
    ] as const)
      expect(await heard(part)).toMatchObject({ contact: [], attachments: [{ fileName: name }] });
  });
});
