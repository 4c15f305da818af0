import { describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import type { MessageId, PersonId, UserId } from "../../../src/core/model/ids.ts";
import { envelopeOf } from "../../../src/networks/meta-interop/convert/envelope.ts";
import { readMediaRef } from "../../../src/networks/meta-interop/convert/media-ref.ts";
import { toBridge } from "../../../src/networks/meta-interop/convert/to-bridge.ts";
import { messenger } from "../../../src/networks/meta-interop/messenger.ts";
import { readNotification } from "../../../src/networks/meta-interop/session/notifications.ts";
import { whatsapp } from "../../../src/networks/meta-interop/whatsapp.ts";
import { node } from "../../../src/networks/meta-interop/wire/node.ts";
import { pad } from "../../../src/networks/meta-interop/wire/padding.ts";
import { encodePlaintext } from "../../../src/networks/meta-interop/wire/plaintext.ts";
import type { Plaintext } from "../../../src/networks/meta-interop/wire/plaintext-kinds.ts";
import { arbitraryPlaintext } from "../wire/arbitrary-plaintext.ts";

const wim = "31612345678@s.whatsapp.net" as PersonId;
const own = "12-105012@interop";
const user = "@ana:example.org" as UserId;
const envelope = { sender: wim, id: "M1" as MessageId, at: 5, senderName: "Wim" };
const read = (bytes: Uint8Array, format: "whatsapp" | "messenger" = "whatsapp") =>
  toBridge({ profile: { whatsapp, messenger }[format], own, user }, bytes, envelope);

test("of a name without end the beginning is kept", () => {
  const display_name = "👩‍🚀".repeat(100_000);
  const stanza = node("message", { id: "M1", t: "5", display_name });
  const { senderName = "" } = envelopeOf(wim, stanza, 5_000);
  expect([senderName.length <= 1_000, senderName]).toEqual([true, "👩‍🚀".repeat(200)]);
  const told = node("notification", { id: "N1" }, [node("profile", { jid: wim, display_name })]);
  expect(readNotification(whatsapp, told, 5_000).events).toMatchObject([
    { kind: "renamed", name: senderName },
  ]);
});

const bytes32 = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
const media = {
  directPath: "/v/1",
  mimetype: "image/jpeg",
  fileLength: 1234,
  fileSha256: bytes32(1),
  mediaKey: bytes32(2),
  fileEncSha256: bytes32(3),
};
const mediaOf = (event: ReturnType<typeof read>) => {
  if (event.kind !== "message") throw new Error(event.kind);
  const [part] = event.message.parts;
  if (part?.kind !== "media") throw new Error("no media");
  return part;
};

describe.each(["whatsapp", "messenger"] as const)("%s", (format) => {
  const shows = (plaintext: Plaintext) => read(pad(encodePlaintext(format, plaintext)), format);

  test("whatever a phone sends is something to the bridge, with its bytes kept where it cannot be shown", () => {
    fc.assert(
      fc.property(arbitraryPlaintext, (plaintext) => {
        const event = shows(plaintext);
        expect(event).toMatchObject({ sender: wim, chat: wim, id: "M1", at: 5 });
        if (event.kind === "unsupported") expect(event.raw).toEqual(expect.any(String));
      }),
      { numRuns: 200 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(read(bytes, format).kind).toEqual(expect.any(String));
      }),
    );
  });

  test("files of every kind", () => {
    const image = mediaOf(shows({ kind: "image", media, caption: "*hi*", width: 4, height: 3 }));
    expect(image).toMatchObject({
      media: { kind: "image", mimetype: "image/jpeg", size: 1234, width: 4, height: 3 },
      caption: { text: "hi", spans: [{ style: { kind: "bold" } }] },
    });
    const { source } = image.media;
    expect(source.at === "network" && readMediaRef(source.ref)).toMatchObject({
      path: "/v/1",
      use: "image",
      length: 1234,
      key: media.mediaKey,
    });
    const waveform = Uint8Array.of(0, 50, 255);
    const voice = mediaOf(shows({ kind: "audio", media, voice: true, seconds: 3, waveform }));
    expect(voice.media).toMatchObject({ kind: "voice", seconds: 3, waveform: [0, 50, 100] });
    expect(mediaOf(shows({ kind: "audio", media, voice: false })).media.kind).toBe("audio");
    expect(mediaOf(shows({ kind: "video", media, gif: true })).media.kind).toBe("gif");
    expect(mediaOf(shows({ kind: "sticker", media, animated: false })).media.kind).toBe("image");
  });

  test("numbers and names that lie are not believed", () => {
    const odd = { ...media, mimetype: "text/html<script>" };
    const video = mediaOf(
      shows({ kind: "video", media: odd, gif: false, width: 4e9, height: 1, seconds: 4e9 }),
    );
    expect(video.media).not.toHaveProperty("width");
    expect(video.media).not.toHaveProperty("seconds");
    expect(video.media.mimetype).toBe("text/html");
    const named = (fileName: string) => mediaOf(shows({ kind: "document", media, fileName })).media.name;
    expect(named("../../etc/passwd")).toBe("passwd");
    expect(named("C:\\x\\evil\u202efdp.exe")).toBe("evilfdp.exe");
    expect(named("..")).toBe("file");
    expect(named("a\u0000\nb.pdf")).toBe("a b.pdf");
    expect(named(`${"Minutes of the meeting ".repeat(9)}.pdf`)).toMatch(/^Minutes of .{90,120}\.pdf$/);
    expect(named(`${"../".repeat(100_000)}${"a/".repeat(100_000)}b.pdf`)).toBe("b.pdf");
  });

  test("places, cards and polls can be read", () => {
    const place = { kind: "location", latitude: 52.5, longitude: 4.9, name: "Dam", live: false } as const;
    expect(shows(place)).toMatchObject({
      message: { parts: [{ kind: "location", latitude: 52.5, longitude: 4.9, name: "Dam" }] },
    });
    const cards = ["Bo", "Cy"].map((name) => ({ name, vcard: `FN:${name}` }));
    expect(shows({ kind: "contact", contacts: cards })).toMatchObject({
      message: { parts: [{ kind: "contact", name: "Bo", vcard: "FN:Bo" }, { name: "Cy" }] },
    });
    const poll = shows({ kind: "poll", question: "Pizza?", options: ["yes", "no"], selectable: 1 });
    expect(poll).toMatchObject({
      message: {
        parts: [{ body: { text: expect.stringMatching(/poll[\s\S]*Pizza\?[\s\S]*1\. yes\n2\. no/i) } }],
      },
    });
  });

  test("what is longer than the network's own limit begins in the room and is whole in a file", () => {
    const { text: most } = { whatsapp, messenger }[format].capabilities;
    const long = `${"*a* ".repeat(most / 4)}😀`;
    const count = long.length.toLocaleString("en");
    const file = (name: string, text: string) => ({
      kind: "media",
      media: {
        kind: "file",
        mimetype: "text/plain",
        name,
        source: { at: "inline", base64: Buffer.from(text).toString("base64") },
      },
    });
    const target = { id: "T1", fromMe: true };
    for (const plaintext of [
      { kind: "text", text: long },
      { kind: "edit", target, text: long },
    ] as const) {
      const event = shows(plaintext);
      const begun = `${"a ".repeat(1_000)}\n… (It has ${count} characters; all of it is in the file “Message.txt”.)`;
      expect(event).toMatchObject({
        message: { parts: [{ kind: "text", body: { text: begun } }, file("Message.txt", long)] },
      });
    }
    expect(shows({ kind: "image", media, caption: long })).toMatchObject({
      message: { parts: [{ media: { kind: "image" } }, file("Caption.txt", long)] },
    });
    const poll = shows({ kind: "poll", question: long, options: ["yes"], selectable: 1 });
    expect(poll).toMatchObject({ message: { parts: [{ kind: "text" }, { media: { name: "Poll.txt" } }] } });
    expect(shows({ kind: "text", text: "b".repeat(most) })).toMatchObject({
      message: { parts: [{ body: { text: "b".repeat(most), spans: [] } }] },
    });
  });

  test("a name that is mentioned very often makes no text without bound", () => {
    const mention = { kind: "text", mentions: [wim], text: "@31612345678 ".repeat(900) } as const;
    const senderName = `\u202eW${"i".repeat(60_000)}m`;
    const profile = { whatsapp, messenger }[format];
    const bytes = pad(encodePlaintext(format, mention));
    const event = toBridge({ profile, own, user }, bytes, { ...envelope, senderName });
    if (event.kind !== "message") throw new Error(event.kind);
    const [part] = event.message.parts;
    if (part?.kind !== "text") throw new Error("no text");
    expect(part.body.text).toMatch(/^@Wi{99} @Wi/);
    expect(part.body.text).toHaveLength(900 * "@".length + 900 * 100 + 900);
  });

  test("of many contact cards ten are shown, and all are in a file", () => {
    const contacts = Array.from({ length: 30 }, (_, index) => ({ name: `C${index}`, vcard: `FN:C${index}` }));
    const event = shows({ kind: "contact", contacts });
    if (event.kind !== "message") throw new Error(event.kind);
    expect(event.message.parts.map(({ kind }) => kind)).toEqual([...Array(10).fill("contact"), "media"]);
    expect(event.message.parts.at(-1)).toMatchObject({
      media: {
        name: "Contacts.vcf",
        source: { base64: Buffer.from(contacts.map(({ vcard }) => vcard).join("\r\n")).toString("base64") },
      },
    });
  });

  test("an answer says whose message it is to, and what it showed of it", () => {
    const quoted = { id: "Q1", sender: own, content: { kind: "text", text: "a?" } } as const;
    expect(shows({ kind: "text", text: "b", quoted })).toMatchObject({
      message: { replyTo: { id: "Q1", own: true, excerpt: "a?" } },
    });
    const theirs = { id: "Q1", sender: wim, content: { kind: "image", media } } as const;
    expect(shows({ kind: "text", text: "b", quoted: theirs })).toMatchObject({
      message: { replyTo: { id: "Q1", own: false, excerpt: "Picture" } },
    });
  });

  test("mentions count only where the message names them", () => {
    const text = "hi @105012";
    expect(shows({ kind: "text", text, mentions: ["12-105012:0@interop"] })).toMatchObject({
      message: { parts: [{ body: { text: "hi @ana", spans: [{ style: { kind: "mentionUser", user } }] } }] },
    });
    expect(shows({ kind: "text", text })).toMatchObject({
      message: { parts: [{ body: { text, spans: [] } }] },
    });
  });

  test("changes to messages, and what is excluded", () => {
    const target = { id: "T1", fromMe: true };
    expect(shows({ kind: "edit", target, text: "_new_" })).toMatchObject({
      kind: "edit",
      target: "T1",
      message: { parts: [{ body: { text: "new" } }] },
    });
    expect(shows({ kind: "revoke", target })).toMatchObject({ kind: "delete", target: "T1" });
    expect(shows({ kind: "reaction", target, emoji: "👍" })).toMatchObject({
      kind: "reaction",
      target: "T1",
      own: false,
      emoji: "👍",
    });
    const ours = { id: "T1", fromMe: false };
    expect(shows({ kind: "reaction", target: ours, emoji: "" })).toMatchObject({ own: true, emoji: "" });
    expect(shows({ kind: "status", text: "x" })).toMatchObject({ kind: "excluded", what: "status" });
    expect(shows({ kind: "viewOnce", content: { kind: "image", media } })).toMatchObject({
      what: "view-once",
    });
    const gone = { kind: "disappearing", seconds: 9, content: { kind: "text", text: "x" } } as const;
    expect(shows(gone)).toMatchObject({ kind: "excluded", what: "disappearing" });
    expect(shows({ kind: "unknown" })).toMatchObject({ kind: "unsupported", raw: expect.any(String) });
  });
});
