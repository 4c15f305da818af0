import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import sharp from "sharp";
import type { Outgoing } from "../../../src/core/model/events.ts";
import type { MediaKind } from "../../../src/core/model/media.ts";
import { decryptMedia, type MediaUse } from "../../../src/networks/meta-interop/wire/media-crypto.ts";
import { node } from "../../../src/networks/meta-interop/wire/node.ts";
import type { MediaFile } from "../../../src/networks/meta-interop/wire/plaintext-kinds.ts";
import { InteropPair } from "../../kit/interop-pair.ts";
import { realClock } from "../../kit/interop-world.ts";
import { movie, picture, wav } from "../../kit/sample-files.ts";
import { box, movieFile, oggOpus, u32, webm } from "../../kit/sample-recordings.ts";
import { apngOf, hasFfmpeg } from "../media/fixtures.ts";

const uri = "mxc://example.org/1";
const limit = (kind: string, mimetypes: string, size = "1000000") => node("media", { kind, size, mimetypes });
const granted = [
  limit("image", "image/jpeg image/png"),
  limit("voice", "audio/ogg"),
  limit("video", "video/mp4"),
  limit("gif", "video/mp4"),
  limit("file", "*/*"),
];
const greeting = node("success", {}, [
  node("features", {}, [node("limits", { text: "5000", caption: "1000" }, granted)]),
]);

const bmp = () => {
  const header = Buffer.alloc(54);
  header.write("BM");
  header.writeUInt32LE(58, 2);
  header.writeUInt32LE(54, 10);
  header.writeUInt32LE(40, 14);
  header.writeInt32LE(1, 18);
  header.writeInt32LE(1, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(24, 28);
  return Buffer.concat([header, Buffer.from([1, 2, 3, 0])]);
};
const heic = () =>
  Buffer.concat([
    box("ftyp", Buffer.from("heic\0\0\0\0mif1heic", "latin1")),
    box("meta", u32(0), box("iinf", u32(0), Buffer.alloc(2))),
  ]);
const UNTOLD = " What its camera noted in it, such as the place, could not be taken out.";
const square = { width: 32, height: 24 };
const moving = () => {
  const frames = Buffer.concat([10, 200].map((shade) => Buffer.alloc(32 * 24 * 3, shade)));
  return sharp(frames, { raw: { width: 32, height: 48, channels: 3, pageHeight: 24 } });
};

/** What the contact's phone has of a file. */
async function crossed(media: MediaFile, use: MediaUse): Promise<Buffer> {
  const path = new URL(media.url ?? "").pathname;
  const { body } = await pair.host.route.handle({
    method: "GET",
    path,
    headers: {},
    body: new Uint8Array(0),
  });
  if (typeof body === "string" || !(Symbol.asyncIterator in body)) throw new Error("no file");
  const chunks: Uint8Array[] = [];
  for await (const chunk of decryptMedia(body, media.mediaKey, use, media)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

let pair: InteropPair;
let count = 0;

async function arrives(kind: MediaKind, bytes: Uint8Array, mimetype = "application/octet-stream") {
  count += 1;
  const media = { kind, source: { at: "homeserver", uri }, mimetype } as const;
  const outgoing: Outgoing = { kind: "message", message: { parts: [{ kind: "media", media }] } };
  await pair.sendsOut(`B${count}`, outgoing, new Map([[uri, bytes]]));
  return pair.opens(await pair.sentMessage(`B${count}`));
}

afterEach(() => pair[Symbol.asyncDispose]());

describe("without ffmpeg, the bytes say what a file is", () => {
  beforeEach(async () => {
    pair = await InteropPair.start(realClock, { greeting, searchPath: "" });
  });

  test.each<MediaKind>(["image", "video", "gif", "voice", "audio"])(
    "a JPEG that is called %s is a picture, without a word",
    async (kind) => {
      const bytes = await picture("jpeg", 32, 24);
      for (const claim of ["application/octet-stream", "text/html", "video/mp4", "image/svg+xml"]) {
        expect(await arrives(kind, bytes, claim)).toMatchObject({
          kind: "image",
          ...square,
          media: { mimetype: "image/jpeg", fileLength: bytes.length },
        });
      }
      expect(pair.sink.notes).toEqual([]);
    },
  );

  test("videos and recordings are what they are too", async () => {
    const film = movieFile("isom", { seconds: 2, picture: square });
    expect(await arrives("image", film)).toMatchObject({ kind: "video", gif: false, seconds: 2, ...square });
    expect(await arrives("gif", film, "image/gif")).toMatchObject({ kind: "video", gif: true });
    expect(await arrives("voice", oggOpus(3), "video/mp4")).toMatchObject({
      kind: "audio",
      voice: true,
      seconds: 3,
    });
    expect(pair.sink.notes).toEqual([]);
  });

  test.each<[string, MediaKind, () => Uint8Array, string, string]>([
    ["HEIC", "image", heic, "image/heic", "images of type image/heic"],
    ["BMP", "image", bmp, "image/bmp", "images of type image/bmp"],
    [
      "MOV",
      "video",
      () => movieFile("qt  ", { seconds: 2, picture: square }),
      "video/quicktime",
      "videos of type video/quicktime",
    ],
    [
      "WebM",
      "video",
      () => webm({ blocks: [1], picture: square }),
      "video/webm",
      "videos of type video/webm",
    ],
    [
      "a WebM that loops",
      "gif",
      () => webm({ blocks: [1], picture: square }),
      "video/webm",
      "GIFs of type video/webm",
    ],
    ["a song", "audio", wav, "audio/wav", "audio files"],
  ])("%s is sent as a file, with a word", async (_, kind, make, mimetype, what) => {
    const bytes = make();
    expect(await arrives(kind, bytes, "image/jpeg")).toMatchObject({
      kind: "document",
      media: { mimetype, fileLength: bytes.length },
    });
    expect(pair.sink.notes).toEqual([`WhatsApp takes no ${what} here, so it was sent as a file.`]);
  });

  test.each([
    ["an SVG", Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'/>"), "application/octet-stream"],
    ["a PDF", Buffer.from("%PDF-1.7\n1 0 obj<<>>endobj"), "application/pdf"],
    ["a picture that is broken off", Buffer.from("ffd8ffe000104a464946", "hex"), "image/jpeg"],
  ])("%s that is called a picture is sent as a file, with a word", async (_, bytes, mimetype) => {
    expect(await arrives("image", bytes)).toMatchObject({ kind: "document", media: { mimetype } });
    const word = "It is no picture, video or recording that can be shown, so it was sent as a file.";
    expect(pair.sink.notes).toEqual([mimetype === "image/jpeg" ? word + UNTOLD : word]);
  });

  test.each<[MediaKind, string]>([
    ["image", "picture"],
    ["video", "video"],
    ["voice", "recording"],
  ])("an empty %s is called empty", async (kind, what) => {
    const words = `The ${what} is empty: its file has 0 bytes. Send it again.`;
    await expect(arrives(kind, new Uint8Array(0))).rejects.toMatchObject({ certain: true, words });
    expect(pair.workshop.underway()).toEqual([]);
  });

  test("a picture of one page as TIFF, and AVIF, are pictures; a document of two pages is a file", async () => {
    const one = await sharp(await picture("png", 32, 24))
      .tiff()
      .toBuffer();
    expect(await arrives("image", one)).toMatchObject({
      kind: "image",
      ...square,
      media: { mimetype: "image/jpeg" },
    });
    const avif = await sharp(await picture("png", 32, 24))
      .avif()
      .toBuffer();
    expect(await arrives("image", avif)).toMatchObject({ kind: "image", ...square });
    expect(await arrives("image", await moving().tiff().toBuffer())).toMatchObject({ kind: "document" });
    expect(pair.sink.notes).toEqual([expect.stringContaining("image/tiff")]);
  });

  test("a picture crosses without what its camera noted in it; as a file it crosses as it is", async () => {
    const noted = await sharp(await picture("jpeg", 32, 24))
      .withExif({ IFD0: { Make: "canary" }, IFD3: { GPSLatitudeRef: "N" } })
      .withMetadata({ orientation: 6 })
      .toBuffer();
    const sent = await arrives("image", noted);
    if (sent.kind !== "image") throw new Error(sent.kind);
    const seen = await crossed(sent.media, "image");
    expect(sent).toMatchObject({ width: 24, height: 32, media: { fileLength: seen.length } });
    expect([noted.includes("canary"), seen.includes("canary")]).toEqual([true, false]);
    expect((await sharp(seen).metadata()).orientation).toBe(6);
    const file = await arrives("file", noted);
    if (file.kind !== "document") throw new Error(file.kind);
    expect((await crossed(file.media, "document")).equals(noted)).toBe(true);
    expect(pair.sink.notes).toEqual([]);
  });

  test("of a video that breaks off it is said that its notes could not be taken out", async () => {
    const film = movieFile("qt  ", { seconds: 2, picture: square });
    const torn = film.subarray(0, 120);
    expect(await arrives("video", torn)).toMatchObject({ kind: "document" });
    const word = "WhatsApp takes no videos of type video/quicktime here, so it was sent as a file.";
    expect(pair.sink.notes).toEqual([word + UNTOLD]);
  });

  test("an APNG stands still there, and that is said", async () => {
    expect(await arrives("image", apngOf(await picture("png", 32, 24)))).toMatchObject({
      kind: "image",
      ...square,
    });
    const word = "WhatsApp takes no moving pictures of this type, so its first frame was sent.";
    expect(pair.sink.notes).toEqual([word]);
  });
});

(hasFfmpeg ? describe : describe.skip)("with ffmpeg", () => {
  beforeEach(async () => {
    pair = await InteropPair.start(realClock, { greeting });
  });

  test("pictures that move keep moving", async () => {
    const loop = { kind: "video", gif: true, ...square, media: { mimetype: "video/mp4" } };
    expect(await arrives("image", await moving().gif().toBuffer())).toMatchObject(loop);
    expect(await arrives("image", await moving().webp().toBuffer())).toMatchObject(loop);
    expect(await arrives("image", apngOf(await picture("png", 32, 24)))).toMatchObject(loop);
    expect(pair.sink.notes).toEqual([]);
  });

  test("a MOV of what an MP4 holds is sent as one", async () => {
    const film = Buffer.from(movie());
    film.write("qt  ", 8, "latin1");
    expect(await arrives("video", film)).toMatchObject({
      kind: "video",
      width: 160,
      media: { mimetype: "video/mp4" },
    });
    expect(pair.sink.notes).toEqual([]);
  });
});
