import { describe, expect, test } from "@jest/globals";
import { decodeEvent } from "../../../src/matrix/events/decode.ts";

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
const encrypted = {
  url,
  v: "v2",
  key: { alg: "A256CTR", ext: true, k: `${"_".repeat(42)}8`, key_ops: ["encrypt", "decrypt"], kty: "oct" },
  iv: "//////////8AAAAAAAAAAA",
  hashes: { sha256: "YzF08lARDdOCzJpzuSwsjTNlQc4pHxpdHcXiD/wpK6k" },
};
const sealed = { at: "homeserver", uri: url, key: expect.stringContaining("YzF08lARDdOCzJpz") };
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

  test("an encrypted file comes with its key, also as a sticker, and before an address in the clear", () => {
    const carried = carries({
      kind: "media",
      media: { kind: "image", mimetype: "application/octet-stream", name: "a.png", source: sealed },
    });
    expect(message({ msgtype: "m.image", body: "a.png", file: encrypted })).toEqual(carried);
    expect(message({ msgtype: "m.image", body: "a.png", file: encrypted, url: "mxc://x/other" })).toEqual(
      carried,
    );
    expect(decode({ type: "m.sticker", content: { body: "wave", file: encrypted } })).toMatchObject({
      message: { parts: [{ media: { kind: "image", source: sealed } }] },
    });
  });

  test.each([
    ["a file that is encrypted in an unknown way", { v: "v3" }],
    ["a file that is encrypted in an unknown way", { v: undefined }],
    ["a file that is encrypted in an unknown way", { key: { ...encrypted.key, alg: "A256GCM" } }],
    ["a file that is encrypted in an unknown way", { key: undefined }],
    ["an encrypted file without the key to it", { key: { ...encrypted.key, k: "AAAA" } }],
    ["an encrypted file without the key to it", { key: { ...encrypted.key, k: `${encrypted.key.k}A` } }],
    ["an encrypted file without the key to it", { key: { ...encrypted.key, k: 5 } }],
    ["an encrypted file without the key to it", { iv: "AAAA" }],
    ["an encrypted file without the key to it", { iv: `${encrypted.iv.slice(1)}%` }],
    ["an encrypted file without its hash", { hashes: undefined }],
    ["an encrypted file without its hash", { hashes: { sha512: encrypted.hashes.sha256 } }],
    ["an encrypted file without its hash", { hashes: { sha256: "AAAA" } }],
    ["an encrypted file without an address", { url: "https://example.org/x" }],
    ["an encrypted file without an address", { url: undefined }],
  ])("of %s it is said so: %j", (what, wrong) => {
    const content = { msgtype: "m.image", body: "a.png", file: { ...encrypted, ...wrong } };
    expect(message(content)).toMatchObject({ kind: "unsupported", what });
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
