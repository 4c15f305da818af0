import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { decodeEvent } from "../../../src/matrix/decode.ts";

const base = {
  event_id: "$e",
  room_id: "!r",
  sender: "@alice:x",
  origin_server_ts: 5,
  type: "m.room.message",
};
const decode = (more: object): unknown => {
  const decoded = decodeEvent({ ...base, ...more }, () => false);
  return decoded.kind === "event" ? decoded.event : decoded;
};
const message = (content: object): unknown => decode({ content });
const url = "mxc://example.org/AbC-_9";
const file = { source: { at: "homeserver", uri: url } };
const carries = (part: object, more: object = {}): unknown =>
  expect.objectContaining({ kind: "message", message: { parts: [part] }, ...more });

describe("files a person sends", () => {
  test("an image with everything", () => {
    const info = { mimetype: "image/jpeg", size: 1000, w: 640, h: 480 };
    expect(message({ msgtype: "m.image", url, filename: "a.jpg", body: "look", info })).toEqual(
      carries({
        kind: "media",
        media: {
          ...file,
          kind: "image",
          mimetype: "image/jpeg",
          name: "a.jpg",
          size: 1000,
          width: 640,
          height: 480,
        },
        caption: { text: "look", spans: [] },
      }),
    );
  });

  test("a caption has styles, and is none where it is the name", () => {
    const styled = { format: "org.matrix.custom.html", formatted_body: "<b>look</b>" };
    expect(message({ msgtype: "m.file", url, filename: "a.pdf", body: "look", ...styled })).toMatchObject({
      message: {
        parts: [{ caption: { text: "look", spans: [{ start: 0, end: 4, style: { kind: "bold" } }] } }],
      },
    });
    for (const content of [
      { body: "a.pdf" },
      { body: "a.pdf", filename: "a.pdf" },
      { body: " ", filename: "a.pdf" },
    ]) {
      expect(message({ msgtype: "m.file", url, ...content })).toEqual(
        carries({ kind: "media", media: expect.objectContaining({ kind: "file", name: "a.pdf" }) }),
      );
    }
  });

  test("a voice note in milliseconds and thousandths", () => {
    const voice = {
      "org.matrix.msc1767.audio": { duration: 4200, waveform: [0, 512, 1024, 5000, -3, "x"] },
      "org.matrix.msc3245.voice": {},
    };
    const info = { mimetype: "audio/ogg; codecs=opus", duration: 4200 };
    expect(
      message({ msgtype: "m.audio", body: "Voice message", filename: "v.ogg", url, info, ...voice }),
    ).toEqual(
      carries({
        kind: "media",
        media: {
          ...file,
          kind: "voice",
          mimetype: "audio/ogg; codecs=opus",
          name: "v.ogg",
          seconds: 4,
          waveform: [0, 50, 100, 100, 0, 0],
        },
      }),
    );
  });

  test.each([
    ["m.audio", {}, "audio"],
    ["m.video", {}, "video"],
    ["m.video", { "fi.mau.gif": true }, "gif"],
    ["m.video", { "fi.mau.loop": true, "fi.mau.autoplay": true }, "gif"],
    ["m.file", { mimetype: "text/vcard", size: 200 }, "file"],
  ])("an %s with %j is of kind %s", (msgtype, info, kind) => {
    expect(message({ msgtype, body: "x", url, info })).toMatchObject({
      message: { parts: [{ media: { kind } }] },
    });
  });

  test("a sticker is an image, and the sender is told", () => {
    expect(
      decode({ type: "m.sticker", content: { body: "wave", url, info: { mimetype: "image/webp" } } }),
    ).toEqual(
      carries(
        { kind: "media", media: { ...file, kind: "image", mimetype: "image/webp" } },
        { note: expect.stringContaining("sent as an image") },
      ),
    );
  });

  test("an encrypted file cannot be carried", () => {
    const encrypted = { url, v: "v2", key: {}, iv: "", hashes: {} };
    expect(message({ msgtype: "m.image", body: "a.png", file: encrypted })).toMatchObject({
      kind: "unsupported",
      what: "an encrypted file",
    });
  });

  test.each([
    "mxc://example.org/../../../etc",
    "mxc://../x",
    "mxc://a..b/x",
    "mxc://example.org/a%2Fb",
    "mxc://example.org/",
    "mxc:///x",
    "mxc://user@example.org/x",
    "https://example.org/x",
    `mxc://example.org/${"a".repeat(300)}`,
    ["mxc://example.org/x"],
  ])("no file is at %j", (address) => {
    expect(message({ msgtype: "m.file", body: "x", url: address })).toMatchObject({ kind: "unsupported" });
  });

  test.each([
    ["../../etc/passwd", "passwd"],
    ["C:\\Users\\ana\\cv.pdf", "cv.pdf"],
    ["invoice\u202Efdp.exe", "invoicefdp.exe"],
    ["a\u0000\u0007\nb.txt", "a b.txt"],
    ["...hidden. ", "hidden"],
    ['a<b>:"|?*.txt', "a_b______.txt"],
    [`${"x".repeat(5000)}.jpeg`, `${"x".repeat(115)}.jpeg`],
    ["///", undefined],
    ["\u200b", undefined],
  ])("a name %j is shown as %j", (filename, name) => {
    const shown = message({ msgtype: "m.file", body: "caption", filename, url }) as {
      message: { parts: [{ media: { name?: string } }] };
    };
    expect(shown.message.parts[0].media.name).toBe(name);
  });

  test("lies about a file are left out", () => {
    const info = {
      mimetype: "<script>",
      size: "12",
      w: -1,
      h: 0.5,
      duration: Number.MAX_VALUE,
      thumbnail_url: 7,
    };
    expect(message({ msgtype: "m.video", body: "v", url, info })).toEqual(
      carries({
        kind: "media",
        media: { ...file, kind: "video", mimetype: "application/octet-stream", name: "v", seconds: 604_800 },
      }),
    );
  });
});

describe("other things a person sends", () => {
  test("a place, by either way to write it", () => {
    const place = { kind: "location", latitude: 52.3731, longitude: -4.8926 };
    const body = "Location was shared at geo:52.3731,-4.8926;u=35";
    expect(message({ msgtype: "m.location", body, geo_uri: "geo:52.3731,-4.8926;u=35" })).toEqual(
      carries(place),
    );
    const rich = {
      "org.matrix.msc3488.location": { uri: "geo:52.3731,-4.8926", description: "Dam\nSquare" },
    };
    expect(message({ msgtype: "m.location", body, ...rich })).toEqual(
      carries({ ...place, name: "Dam Square" }),
    );
  });

  test.each(["geo:91,0", "geo:0,181", "geo:1e5,2", "geo:x,y", "geo:1", "https://maps.example/?q=1,2", 5])(
    "%j is no place",
    (uri) => {
      expect(message({ msgtype: "m.location", body: "here", geo_uri: uri })).toMatchObject({
        kind: "unsupported",
      });
    },
  );

  test("a poll is text, and the sender is told", () => {
    const poll = {
      question: { "org.matrix.msc1767.text": "Where?" },
      answers: [
        { id: "1", "org.matrix.msc1767.text": "Here" },
        { id: "2", "m.text": [{ body: "There" }] },
        5,
      ],
    };
    const content = { "org.matrix.msc3381.poll.start": poll };
    expect(decode({ type: "org.matrix.msc3381.poll.start", content })).toEqual(
      carries(
        { kind: "text", style: "text", body: { text: "📊 Where?\n1. Here\n2. There", spans: [] } },
        { note: expect.stringContaining("nobody there can vote") },
      ),
    );
  });

  test("an edit carries the new content, of a caption too", () => {
    const relation = { "m.relates_to": { rel_type: "m.replace", event_id: "$t" } };
    const text = { msgtype: "m.text", body: "new" };
    expect(message({ msgtype: "m.text", body: "* new", "m.new_content": text, ...relation })).toMatchObject({
      kind: "edit",
      target: "$t",
      message: { parts: [{ kind: "text", body: { text: "new" } }] },
    });
    const image = { msgtype: "m.image", body: "new caption", filename: "a.png", url };
    expect(message({ ...image, body: "* new caption", "m.new_content": image, ...relation })).toMatchObject({
      kind: "edit",
      message: { parts: [{ kind: "media", caption: { text: "new caption" } }] },
    });
    const odd = {
      msgtype: "m.text",
      body: "* x",
      "m.new_content": { msgtype: "m.text", body: " " },
      ...relation,
    };
    expect(message(odd)).toMatchObject({ kind: "unsupported", what: "an edit to an empty message" });
  });

  test("custom emotes are told", () => {
    const html = '<img data-mx-emoticon src="mxc://a.org/b" alt=":party:">';
    expect(
      message({ msgtype: "m.text", body: ":party:", format: "org.matrix.custom.html", formatted_body: html }),
    ).toEqual(
      carries(
        { kind: "text", style: "text", body: { text: ":party:", spans: [] } },
        { note: "Custom emotes were sent by their names." },
      ),
    );
  });

  test.each([
    ["👍", "👍"],
    ["👍️", "👍"],
    ["❤", "❤️"],
    ["👍🏽", "👍🏽"],
    ["🇳🇱", "🇳🇱"],
    ["👩‍👩‍👧", "👩‍👩‍👧"],
  ])("a reaction %s is %s", (key, emoji) => {
    const content = { "m.relates_to": { rel_type: "m.annotation", event_id: "$t", key } };
    expect(decode({ type: "m.reaction", content })).toMatchObject({ kind: "reaction", target: "$t", emoji });
  });

  test.each([
    ["mxc://example.org/emote", "a custom emote as a reaction"],
    ["lol", "a reaction that is not one emoji"],
    ["", "a reaction that is not one emoji"],
    ["👍".repeat(100), "a reaction that is not one emoji"],
  ])("a reaction %j is refused", (key, what) => {
    const content = { "m.relates_to": { rel_type: "m.annotation", event_id: "$t", key } };
    expect(decode({ type: "m.reaction", content })).toMatchObject({ kind: "unsupported", what });
  });

  test("whatever stands where a clause expects something, decoding gives an event that can be stored", () => {
    const types = [
      "m.room.message",
      "m.sticker",
      "m.reaction",
      "org.matrix.msc3381.poll.start",
      "m.poll.start",
    ];
    const keys = [
      ...["msgtype", "body", "filename", "url", "file", "info", "geo_uri", "m.new_content", "m.relates_to"],
      ...["org.matrix.msc1767.audio", "org.matrix.msc3245.voice", "org.matrix.msc3488.location", "m.poll"],
    ];
    const inner = [
      "mimetype",
      "size",
      "w",
      "duration",
      "waveform",
      "uri",
      "rel_type",
      "event_id",
      "key",
      "question",
    ];
    const word = fc.constantFrom(
      ...[
        "m.image",
        "m.audio",
        "m.location",
        "m.replace",
        "m.annotation",
        "$t",
        url,
        "geo:1,2",
        "❤",
        "",
        "a\u0000/b",
      ],
    );
    const leaf = fc.oneof(word, fc.jsonValue({ maxDepth: 2 }), fc.double(), fc.constant(null));
    const object = fc.dictionary(fc.constantFrom(...inner), leaf, { maxKeys: 6 });
    const content = fc.dictionary(fc.constantFrom(...keys), fc.oneof(leaf, object, fc.array(leaf)), {
      maxKeys: 9,
    });
    fc.assert(
      fc.property(fc.constantFrom(...types), content, (type, given) => {
        const decoded = decode({ type, content: given }) as { kind: string };
        expect(["message", "edit", "reaction", "unsupported"]).toContain(decoded.kind);
        expect(JSON.parse(JSON.stringify(decoded))).toEqual(decoded);
      }),
      { numRuns: 2000 },
    );
  });
});
