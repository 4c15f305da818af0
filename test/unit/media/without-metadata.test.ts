import { crc32 } from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import sharp from "sharp";
import type { MediaFile } from "../../../src/core/model/media.ts";
import { picture } from "../../kit/sample-files.ts";
import { box, movieFile, u32 } from "../../kit/sample-recordings.ts";
import { apngOf, bared, mediaTools } from "./fixtures.ts";

const CANARY = "canary-52.0907N";
const XMP = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF>${CANARY}</rdf:RDF></x:xmpmeta>`;
const latin = (words: string): Buffer => Buffer.from(words, "latin1");

/** A picture as a phone held sideways makes it, in the colours of its screen. */
async function photo(format: "jpeg" | "png" | "webp" | "avif", orientation = 6): Promise<Buffer> {
  return sharp(await picture("png", 80, 60))
    .toFormat(format, format === "jpeg" ? { progressive: true } : {})
    .withIccProfile("p3")
    .withExif({
      IFD0: { Make: CANARY },
      IFD3: { GPSLatitudeRef: "N", GPSLatitude: "52/1 5/1 27/1", GPSProcessingMethod: CANARY },
    })
    .withXmp(XMP)
    .withMetadata({ orientation })
    .toBuffer();
}

const segment = (marker: number, body: string): Buffer => {
  const bytes = latin(body);
  return Buffer.concat([
    Buffer.from([0xff, marker, (bytes.length + 2) >> 8, (bytes.length + 2) & 255]),
    bytes,
  ]);
};
const chunk = (type: string, body: string | Buffer): Buffer => {
  const inner = Buffer.concat([latin(type), Buffer.from(body as string, "latin1")]);
  return Buffer.concat([u32(inner.length - 4), inner, u32(crc32(inner))]);
};
const before = (bytes: Buffer, mark: string, ...more: readonly Buffer[]): Buffer => {
  const at = bytes.indexOf(mark, 0, "latin1") - 4;
  return Buffer.concat([bytes.subarray(0, at), ...more, bytes.subarray(at)]);
};

/** Pixels as they are shown, turned. */
const shown = (bytes: Uint8Array) => sharp(bytes, { animated: true }).rotate().raw().toBuffer();

async function expectSamePicture(bare: Buffer | "clean" | undefined, bytes: Buffer): Promise<void> {
  if (!(bare instanceof Buffer)) throw new Error(`nothing was taken out: ${String(bare)}`);
  const [is, was] = [await sharp(bare).metadata(), await sharp(bytes).metadata()];
  expect(bare.includes(CANARY)).toBe(false);
  expect((is.xmp ?? Buffer.alloc(0)).toString().trim()).toBe("");
  expect(is.icc).toEqual(was.icc);
  expect(is.autoOrient).toEqual(was.autoOrient);
  expect((await shown(bare)).equals(await shown(bytes))).toBe(true);
}

describe("what a camera notes in a picture is taken out, and the picture stays as it is", () => {
  test.each([1, 3, 6, 8])("JPEG, turned %i", async (orientation) => {
    await using it = await mediaTools("");
    const bytes = await photo("jpeg", orientation);
    const notes = [
      segment(0xfe, CANARY),
      segment(0xed, `Photoshop 3.0\0${CANARY}`),
      segment(0xe2, `MPF\0${CANARY}`),
      segment(0xe0, `JFXX\0${CANARY}`),
      segment(0xeb, CANARY),
    ];
    const film = movieFile("mp42", { seconds: 1, inside: [box("udta", latin(CANARY))] });
    const noted = Buffer.concat([bytes.subarray(0, 2), ...notes, bytes.subarray(2), film]);
    await expectSamePicture(await bared(it, noted), bytes);
    const bare = await bared(it, noted);
    const meta = await sharp(bare as Buffer).metadata();
    expect(meta.orientation ?? 1).toBe(orientation);
    expect((bare as Buffer).subarray(-2)).toEqual(Buffer.from([0xff, 0xd9]));
    expect((bare as Buffer).length).toBeLessThan(bytes.length);
  });

  test("PNG and APNG", async () => {
    await using it = await mediaTools("");
    const bytes = await photo("png");
    const words = [
      chunk("tEXt", `Author\0${CANARY}`),
      chunk("zTXt", CANARY),
      chunk("tIME", CANARY),
      chunk("prVt", CANARY),
    ];
    const noted = Buffer.concat([before(bytes, "IDAT", ...words), latin(CANARY)]);
    await expectSamePicture(await bared(it, noted), bytes);
    const moving = before(apngOf(await picture("png")), "acTL", ...words);
    const bare = await bared(it, moving);
    expect(bare).toEqual(apngOf(await picture("png")));
  });

  test("WebP, AVIF and GIF", async () => {
    await using it = await mediaTools("");
    for (const format of ["webp", "avif"] as const) {
      const bytes = await photo(format);
      await expectSamePicture(await bared(it, bytes), bytes);
    }
    const gif = Buffer.from(await picture("gif"));
    const at = gif.indexOf(Buffer.from([0x21, 0xf9]));
    const note = Buffer.concat([Buffer.from([0x21, 0xfe, CANARY.length]), latin(CANARY), Buffer.from([0])]);
    const program = Buffer.concat([
      Buffer.from([0x21, 0xff, 11]),
      latin("XMP DataXMP"),
      Buffer.from([15]),
      latin(CANARY),
      Buffer.from([0]),
    ]);
    const noted = Buffer.concat([gif.subarray(0, at), note, program, gif.subarray(at), latin(CANARY)]);
    expect(await bared(it, noted)).toEqual(gif);
  });

  test("a GIF that was cut short, or has no end, is shown as far as it goes", async () => {
    await using it = await mediaTools("");
    const gif = Buffer.from(await picture("gif"));
    const note = Buffer.concat([Buffer.from([0x21, 0xfe, CANARY.length]), latin(CANARY), Buffer.from([0])]);
    const at = gif.indexOf(Buffer.from([0x2c]));
    for (const part of [gif.subarray(0, -1), gif.subarray(0, -5)]) {
      expect(await bared(it, part)).toBe("clean");
      const noted = Buffer.concat([part.subarray(0, at), note, part.subarray(at)]);
      expect(await bared(it, noted)).toEqual(part);
    }
  });

  test("a GIF of very many small parts is read without holding anybody up", async () => {
    await using it = await mediaTools("");
    const gif = Buffer.from(await picture("gif"));
    const parts = Buffer.alloc(8_000_000);
    for (let at = 0; at < parts.length; at += 2) parts[at] = 1;
    const at = gif.indexOf(Buffer.from([0x2c]));
    const note = Buffer.concat([Buffer.from([0x21, 0xfe]), parts, Buffer.from([0])]);
    await using file = await it.spool(Buffer.concat([gif.subarray(0, at), note, gif.subarray(at)]));
    const before = process.cpuUsage();
    await using bare = (await it.tools.withoutMetadata(file)) as MediaFile;
    expect(bare.size).toBe(gif.length);
    expect(process.cpuUsage(before).user).toBeLessThan(1_000_000);
  });

  test("HEIC, whose notes are overwritten where they stand", async () => {
    await using it = await mediaTools("");
    const infe = (id: number, type: string) =>
      box("infe", u32(2 << 24), Buffer.from([0, id, 0, 0]), latin(type), Buffer.from([0]));
    const start = box("ftyp", latin("heic"), u32(0), latin("mif1heic"));
    const [exif, pixels, xmp] = [latin(`\0\0\0\0MM\0*${CANARY}`), latin("pixels"), latin(XMP)];
    const meta = (from: number) => {
      const place = (id: number, at: number, length: number) =>
        Buffer.concat([Buffer.from([0, id, 0, 0, 0, 1]), u32(at, length)]);
      const places = [
        place(1, from, exif.length),
        place(2, from + exif.length, pixels.length),
        place(3, from + exif.length + pixels.length, xmp.length),
      ];
      return box(
        "meta",
        u32(0),
        box("iinf", u32(0), Buffer.from([0, 3]), infe(1, "Exif"), infe(2, "hvc1"), infe(3, "mime")),
        box("iloc", u32(0), Buffer.from([0x44, 0, 0, 3]), ...places),
      );
    };
    const header = start.length + meta(0).length + 8;
    const bytes = Buffer.concat([
      start,
      meta(header),
      box("mdat", exif, pixels, xmp),
      box("mpvd", latin(CANARY)),
    ]);
    const bare = (await bared(it, bytes)) as Buffer;
    expect(bare.length).toBe(bytes.length);
    expect(bare.includes(CANARY)).toBe(false);
    expect(bare.subarray(0, header)).toEqual(bytes.subarray(0, header));
    expect(bare.includes("pixels")).toBe(true);
  });

  test("what has nothing of it is passed on byte for byte", async () => {
    await using it = await mediaTools("");
    for (const format of ["jpeg", "png", "webp", "gif"] as const) {
      expect(await bared(it, await picture(format))).toBe("clean");
    }
    expect(await bared(it, movieFile("isom", { seconds: 1 }))).toBe("clean");
  });
});

describe("what cannot be read", () => {
  test.each([
    ["a JPEG that ends early", () => latin("\xff\xd8\xff\xe1\0\x40Exif")],
    ["a PNG without an end", async () => (await picture("png")).subarray(0, 60)],
    ["a GIF without an end", () => latin("GIF89a\x01\0\x01\0\0\0\0!\xfe\x05abc")],
    ["a WebP of nothing", () => latin("RIFF\x04\0\0\0WEBP")],
    ["a movie without its headers", () => box("ftyp", latin("isom"), u32(0), latin("isomisom"))],
    [
      "a TIFF",
      () =>
        sharp({ create: { width: 2, height: 2, channels: 3, background: "red" } })
          .tiff()
          .toBuffer(),
    ],
    ["a WebM", () => latin("\x1aE\xdf\xa3\x88B\x82\x84webm\x00\x01")],
  ])("%s is told apart from what is clean", async (_, make) => {
    await using it = await mediaTools("");
    expect(await bared(it, await make())).toBeUndefined();
  });

  test("never fails, takes no long time, and is never more than it was", async () => {
    await using it = await mediaTools("");
    const whole = [
      await photo("jpeg"),
      await photo("png"),
      await photo("webp"),
      await photo("avif"),
      Buffer.from(await picture("gif")),
      Buffer.from(movieFile("isom", { seconds: 1, inside: [box("udta", latin(CANARY))] })),
    ];
    const change = fc.tuple(fc.nat(), fc.nat(255));
    const damaged = fc
      .tuple(
        fc.constantFrom(...whole),
        fc.double({ min: 0.1, max: 1, noNaN: true }),
        fc.array(change, { maxLength: 8 }),
      )
      .map(([bytes, part, changes]) => {
        const cut = Buffer.from(bytes.subarray(0, Math.ceil(bytes.length * part)));
        for (const [at, value] of changes) cut[at % cut.length] = value;
        return cut;
      });
    await fc.assert(
      fc.asyncProperty(damaged, async (bytes) => {
        const bare = await bared(it, bytes);
        if (bare instanceof Buffer) expect(bare.length).toBeLessThanOrEqual(bytes.length + 64);
      }),
      { numRuns: 300 },
    );
  });

  test("tables that claim billions of entries end at once", async () => {
    await using it = await mediaTools("");
    const many = 0xffff_ffff;
    const table = box(
      "stbl",
      box("stsc", u32(0, 1, 1, many, 1)),
      box("stsz", u32(0, 1, many)),
      box("stco", u32(0, many, 0)),
    );
    const handler = box("hdlr", u32(0, 0), latin("meta"), Buffer.alloc(13));
    const track = box("trak", box("mdia", handler, box("minf", table)));
    expect(await bared(it, movieFile("isom", { seconds: 1, inside: [track] }))).toBeUndefined();
    const start = box("ftyp", latin("heic"), u32(0), latin("mif1heic"));
    const info = box(
      "iinf",
      u32(0),
      Buffer.from([0, 1]),
      box("infe", u32(2 << 24), Buffer.from([0, 1, 0, 0]), latin("Exif\0")),
    );
    const places = box("iloc", u32(0), Buffer.from([0, 0, 0xff, 0xff]), Buffer.alloc(60_000, 0xff));
    expect(await bared(it, Buffer.concat([start, box("meta", u32(0), info, places)]))).toBeUndefined();
  });

  test("a table of a million places that are there is not followed", async () => {
    await using it = await mediaTools("");
    const many = 1_000_000;
    const places = Buffer.alloc(8 + 4 * many);
    places.writeUInt32BE(many, 4);
    const table = box(
      "stbl",
      box("stsc", u32(0, 1, 1, 1, 1)),
      box("stsz", u32(0, 1, many)),
      box("stco", places),
    );
    const handler = box("hdlr", u32(0, 0), latin("meta"), Buffer.alloc(13));
    const track = box("trak", box("mdia", handler, box("minf", table)));
    expect(await bared(it, movieFile("isom", { seconds: 1, inside: [track] }))).toBeUndefined();
  });

  test("a WebP whose header has another length", async () => {
    await using it = await mediaTools("");
    const bytes = await photo("webp");
    expect(bytes.toString("latin1", 12, 16)).toBe("VP8X");
    const longer = Buffer.concat([bytes.subarray(0, 30), Buffer.alloc(2), bytes.subarray(30)]);
    longer.writeUInt32LE(12, 16);
    longer.writeUInt32LE(longer.length - 8, 4);
    expect(await bared(it, longer)).toBeUndefined();
  });
});

test("where they are to stay, they stay", async () => {
  await using it = await mediaTools("", { keepMetadata: true });
  expect(await bared(it, await photo("jpeg"))).toBe("clean");
});
