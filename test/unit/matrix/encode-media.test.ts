import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Message } from "../../../src/core/model/content.ts";
import type { MessageId } from "../../../src/core/model/ids.ts";
import { type Found, fileOf, type Media } from "../../../src/core/model/media.ts";
import { plainText, type RichText } from "../../../src/core/model/rich-text.ts";
import { TARGET } from "../../../src/core/ports/homeserver.ts";
import { sealFile } from "../../../src/matrix/crypto/file-cipher.ts";
import { decodeEvent } from "../../../src/matrix/events/decode.ts";
import { matrixEncoder } from "../../../src/matrix/events/encode.ts";
import { encryptedFile } from "../../../src/matrix/events/encrypted-file.ts";

const media = (more: Partial<Media> = {}): Media => ({
  kind: "image",
  source: { at: "network", ref: "r" },
  mimetype: "image/jpeg",
  ...more,
});
const at = { uri: "mxc://a.org/f", size: 1234, thumbnail: { uri: "mxc://a.org/t" } };

/** The event as it is sent, its file in place. */
function whole(given: Media, found: Found, caption?: RichText) {
  const part = { kind: "media", media: given, ...(caption ? { caption } : {}) } as const;
  const [event] = matrixEncoder.message({ parts: [part] }, undefined);
  if (!event?.media) throw new Error("no file is asked for");
  return matrixEncoder.attach(event.content, event.media, at, found);
}

describe("files in a room", () => {
  test("an encrypted image has `file` and `thumbnail_file` in the place of addresses", async () => {
    const keyed = async (bytes: string) => (await sealFile(fileOf(Buffer.from(bytes)))).key;
    const [key, small] = [await keyed("image"), await keyed("thumbnail")];
    const found = { mimetype: "image/jpeg", thumbnail: { width: 80, height: 60, size: 99 } };
    const [event] = matrixEncoder.message({ parts: [{ kind: "media", media: media() }] }, undefined);
    const sealed = { uri: "mxc://a.org/f", key, size: 1234, thumbnail: { uri: "mxc://a.org/t", key: small } };
    const content = matrixEncoder.attach(event?.content ?? {}, media(), sealed, found);
    expect(content).toEqual({
      msgtype: "m.image",
      file: encryptedFile("mxc://a.org/f", key),
      filename: "Image.jpg",
      body: "Image.jpg",
      "m.mentions": {},
      info: {
        mimetype: "image/jpeg",
        size: 1234,
        thumbnail_file: encryptedFile("mxc://a.org/t", small),
        thumbnail_info: { w: 80, h: 60, mimetype: "image/jpeg", size: 99 },
      },
    });
  });

  test("an image with caption, thumbnail and blurhash", () => {
    const found = {
      mimetype: "image/jpeg",
      width: 640,
      height: 480,
      blurhash: "LEHV6n",
      thumbnail: { width: 80, height: 60, size: 99 },
    };
    expect(whole(media({ name: "a.jpg" }), found, plainText("look"))).toEqual({
      msgtype: "m.image",
      url: at.uri,
      filename: "a.jpg",
      body: "look",
      "m.mentions": {},
      info: {
        mimetype: "image/jpeg",
        size: 1234,
        w: 640,
        h: 480,
        thumbnail_url: at.thumbnail.uri,
        thumbnail_info: { w: 80, h: 60, mimetype: "image/jpeg", size: 99 },
        "xyz.amorgan.blurhash": "LEHV6n",
      },
    });
  });

  test("a voice note is one to clients", () => {
    const found = { mimetype: "audio/ogg; codecs=opus", seconds: 4.2, waveform: [0, 50, 100] };
    const content = whole(media({ kind: "voice", mimetype: "audio/ogg" }), found);
    expect(content).toMatchObject({
      msgtype: "m.audio",
      body: "Voice message.ogg",
      filename: "Voice message.ogg",
      info: { mimetype: "audio/ogg", size: 1234, duration: 4200 },
      "org.matrix.msc3245.voice": {},
    });
    const { duration, waveform } = content["org.matrix.msc1767.audio"] as {
      duration: number;
      waveform: number[];
    };
    expect([duration, waveform.length, Math.min(...waveform), Math.max(...waveform)]).toEqual([
      4200, 30, 0, 1024,
    ]);
  });

  test("a GIF loops", () => {
    expect(
      whole(media({ kind: "gif", mimetype: "video/mp4", seconds: 2 }), { mimetype: "video/mp4" }),
    ).toMatchObject({
      msgtype: "m.video",
      info: { duration: 2000, "fi.mau.gif": true, "fi.mau.loop": true, "fi.mau.autoplay": true },
    });
  });

  test.each([
    ["image", "application/octet-stream"],
    ["image", "image/svg+xml"],
    ["voice", "text/html"],
    ["video", "image/png"],
  ] as const)("what was sent as %s and is %s is shown as a file", (kind, mimetype) => {
    const content = whole(media({ kind, mimetype: "image/png" }), { mimetype });
    expect(content).toMatchObject({ msgtype: "m.file", info: { mimetype } });
    expect(content).not.toHaveProperty(["org.matrix.msc3245.voice"]);
  });

  test("a reply to something not known yet keeps its place for the target", () => {
    const [event] = matrixEncoder.message({ parts: [{ kind: "media", media: media() }] }, TARGET);
    expect(event?.content).toMatchObject({ "m.relates_to": { "m.in_reply_to": { event_id: TARGET } } });
  });

  test("a caption longer than an event follows in pieces", () => {
    const caption = plainText("word ".repeat(20_000));
    const events = matrixEncoder.message({ parts: [{ kind: "media", media: media(), caption }] }, undefined);
    expect(events.map((event) => event.media !== undefined)).toEqual([
      true,
      ...events.slice(1).map(() => false),
    ]);
    expect(events.length).toBeGreaterThan(3);
  });
});

describe("what is encoded is decoded to the same", () => {
  const caption = fc.option(
    fc.string({ minLength: 1, maxLength: 30 }).filter((text) => text.trim() !== "" && !/[\r\n]/.test(text)),
    { nil: undefined },
  );
  const kind = fc.constantFrom("image", "voice", "audio", "video", "gif", "file");
  const types = {
    image: "image/png",
    voice: "audio/ogg",
    audio: "audio/mpeg",
    video: "video/mp4",
    gif: "video/mp4",
  };

  test("files", () => {
    fc.assert(
      fc.property(kind, caption, fc.integer({ min: 1, max: 3600 }), (kind, words, seconds) => {
        const mimetype = { ...types, file: "application/pdf" }[kind];
        const given = media({ kind, mimetype, name: "the name.bin", seconds });
        const content = whole(
          given,
          { mimetype, seconds },
          words === undefined ? undefined : plainText(words),
        );
        const raw = { event_id: "$e", room_id: "!r", sender: "@a:x", type: "m.room.message", content };
        const decoded = decodeEvent(raw, () => false);
        const timed = kind !== "image" && kind !== "file";
        expect(decoded).toMatchObject({
          event: {
            message: {
              parts: [
                {
                  media: { kind, mimetype, name: "the name.bin", size: 1234, ...(timed ? { seconds } : {}) },
                  ...(words === undefined ? {} : { caption: { text: words } }),
                },
              ],
            },
          },
        });
      }),
    );
  });
});

describe("other things in a room", () => {
  const only = (message: Message) => matrixEncoder.message(message, undefined).map(({ content }) => content);

  test("a place has a map and a link", () => {
    expect(
      only({ parts: [{ kind: "location", latitude: 52.5, longitude: -0.0000001, name: "Dam" }] }),
    ).toEqual([
      expect.objectContaining({
        msgtype: "m.location",
        geo_uri: "geo:52.5,-0.0000001",
        body: expect.stringMatching(/^📍 Dam\nhttps:\/\/www\.openstreetmap\.org\//),
        "org.matrix.msc3488.location": { uri: "geo:52.5,-0.0000001", description: "Dam" },
        "org.matrix.msc3488.asset": { type: "m.pin" },
        "m.mentions": {},
      }),
    ]);
  });

  test("a contact is name and numbers, with the card beside them", () => {
    const vcard =
      "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Bob\r\nitem1.TEL;type=CELL;waid=31:+31 6 12\r\n 34\r\nEMAIL:bob@example.org\r\nEND:VCARD";
    expect(only({ parts: [{ kind: "contact", name: "Bob\u202E", vcard }] })).toEqual([
      {
        msgtype: "m.text",
        body: "👤 Bob\n+31 6 1234\nbob@example.org",
        "m.mentions": {},
        "thirdpartychats.vcard": vcard,
      },
    ]);
  });

  test("an answer to what is not in the room shows it as a quote", () => {
    const replyTo = { id: "m" as MessageId, own: true, excerpt: "<b>the question</b>" };
    const [content] = only({ parts: [{ kind: "text", style: "text", body: plainText("yes") }], replyTo });
    expect(content).toMatchObject({
      body: "> <b>the question</b>\nyes",
      formatted_body: "<blockquote>&lt;b&gt;the question&lt;/b&gt;</blockquote>yes",
    });
    const [image] = only({ parts: [{ kind: "media", media: media({ name: "a.jpg" }) }], replyTo });
    expect(image).toMatchObject({ filename: "a.jpg", body: "> <b>the question</b>" });
  });

  test("an edit has the new content beside the marked one", () => {
    const message = { parts: [{ kind: "text", style: "text", body: plainText("new") }] } as const;
    const [fresh, ...more] = matrixEncoder.revised(message);
    expect(more).toEqual([]);
    expect(fresh && matrixEncoder.replacement(fresh, TARGET)).toEqual({
      type: "m.room.message",
      content: {
        msgtype: "m.text",
        body: "* new",
        "m.mentions": {},
        "m.new_content": { msgtype: "m.text", body: "new", "m.mentions": {} },
        "m.relates_to": { rel_type: "m.replace", event_id: TARGET },
      },
    });
  });

  test("reactions are written the one way, and taken back", () => {
    expect(matrixEncoder.reaction("❤", TARGET).content).toEqual({
      "m.relates_to": { rel_type: "m.annotation", event_id: TARGET, key: "❤️" },
    });
    expect(matrixEncoder.redaction(TARGET)).toEqual({
      type: "m.room.redaction",
      content: { redacts: TARGET },
    });
  });
});
