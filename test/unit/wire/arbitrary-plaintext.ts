import fc from "fast-check";
import type {
  ContentPlaintext,
  MediaFile,
  MessageRef,
  Plaintext,
  Quoted,
} from "../../../src/networks/meta-interop/wire/plaintext-kinds.ts";

const words = fc.string({ unit: "grapheme", minLength: 1 });
const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((given) => new Uint8Array(given));
const count = fc.integer({ min: 1, max: 100_000 });
const time = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const jids = fc.array(fc.constantFrom("12-105@interop", "3161@s.whatsapp.net"), {
  minLength: 1,
  maxLength: 3,
});

/** A record whose second part may lack any of its keys. */
const record = <A, B>(
  needed: { [K in keyof A]: fc.Arbitrary<A[K]> },
  may: { [K in keyof B]: fc.Arbitrary<B[K]> },
) =>
  fc
    .tuple(fc.record(needed), fc.record(may, { requiredKeys: [], noNullPrototype: true }))
    .map(([one, other]) => ({ ...one, ...other }));

const file: fc.Arbitrary<MediaFile> = fc
  .tuple(
    fc.boolean(),
    record(
      {
        mimetype: words,
        fileLength: time,
        fileSha256: bytes(32),
        mediaKey: bytes(32),
        fileEncSha256: bytes(32),
      },
      { mediaKeyTimestamp: time },
    ),
  )
  .map(([ours, rest]) =>
    ours ? { url: "https://bridge.example/m/1", ...rest } : { directPath: "/v/t62/1", ...rest },
  );

const picture = { width: count, height: count, thumbnail: bytes(9) };
const captioned = { caption: words, mentions: jids };
const degrees = (most: number) => fc.double({ min: -most, max: most, noNaN: true }).map((value) => value + 0);
const is = <T extends string>(kind: T) => fc.constant(kind);

const image = record({ kind: is("image"), media: file }, { ...picture, ...captioned });
const video = record(
  { kind: is("video"), media: file, gif: fc.boolean() },
  { ...picture, ...captioned, seconds: count },
);

const content: fc.Arbitrary<ContentPlaintext> = fc.oneof(
  record({ kind: is("text"), text: words }, { mentions: jids }),
  image,
  video,
  record({ kind: is("audio"), media: file, voice: fc.boolean() }, { seconds: count, waveform: bytes(64) }),
  record({ kind: is("document"), media: file }, { fileName: words, caption: words }),
  record({ kind: is("sticker"), media: file, animated: fc.boolean() }, { width: count, height: count }),
  record(
    { kind: is("location"), latitude: degrees(90), longitude: degrees(180), live: fc.constant(false) },
    { name: words, address: words },
  ),
  record(
    { kind: is("location"), latitude: degrees(90), longitude: degrees(180), live: fc.constant(true) },
    { name: words },
  ),
  fc.record({
    kind: is("contact"),
    contacts: fc.array(fc.record({ name: words, vcard: words }), { minLength: 1, maxLength: 4 }),
  }),
  fc.record({
    kind: is("poll"),
    question: words,
    options: fc.array(words, { maxLength: 4 }),
    selectable: fc.nat(4),
  }),
);

const quoted: fc.Arbitrary<Quoted> = record({ id: words }, { sender: words, content });
const answering: fc.Arbitrary<ContentPlaintext> = fc
  .tuple(content, fc.option(quoted))
  .map(([said, quote]) => (quote === null ? said : { ...said, quoted: quote }));
const target: fc.Arbitrary<MessageRef> = record(
  { id: words, fromMe: fc.boolean() },
  { chat: words, participant: words },
);

/** Every kind that both formats carry. */
export const arbitraryPlaintext: fc.Arbitrary<Plaintext> = fc.oneof(
  { weight: 8, arbitrary: answering },
  record({ kind: is("reaction"), target, emoji: fc.oneof(words, fc.constant("")) }, { at: time }),
  record({ kind: is("edit"), target, text: words }, { mentions: jids, at: time }),
  fc.record({ kind: is("revoke"), target }),
  fc.record({ kind: is("viewOnce"), content: fc.oneof(image, video) }),
  record({ kind: is("disappearing"), seconds: count }, { content: answering }),
  fc.record({ kind: is("status"), text: words }),
  fc.record({ kind: is("senderKey"), group: words, distribution: bytes(40) }),
  fc.record({ kind: is("unknown") }),
);
