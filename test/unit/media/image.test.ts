import { readdirSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { isBlurhashValid } from "blurhash";
import sharp, { type Sharp } from "sharp";
import type { MediaFile } from "../../../src/core/model/media.ts";
import { mediaTools, whole } from "./fixtures.ts";

const picture = (width = 1200, height = 600): Sharp =>
  sharp({ create: { width, height, channels: 3, background: { r: 200, g: 40, b: 90 } } });

/** Frames of different greys, for equal ones are made one. */
const frames = (count: number): Sharp => {
  const [width, pageHeight] = [64, 48];
  const size = width * pageHeight * 3;
  const pixels = Buffer.concat(Array.from({ length: count }, (_, frame) => Buffer.alloc(size, 40 * frame)));
  return sharp(pixels, { raw: { width, height: pageHeight * count, channels: 3, pageHeight } });
};

const jpegStart = Uint8Array.of(0xff, 0xd8, 0xff);

describe("an image", () => {
  test.each([
    ["image/png", () => picture().png()],
    ["image/jpeg", () => picture().jpeg()],
    ["image/jpeg", () => picture().jpeg({ progressive: true })],
    ["image/webp", () => picture().webp()],
    ["image/gif", () => picture().gif()],
    ["image/avif", () => picture().avif({ effort: 0 })],
  ])("of type %s is described", async (mimetype, make) => {
    await using it = await mediaTools("");
    const found = await it.look(await make().toBuffer(), "image");
    expect(found).toMatchObject({ mimetype, width: 1200, height: 600 });
    expect(found.thumbnail).toMatchObject({ width: 800, height: 400 });
    expect(found.thumbnail?.bytes.slice(0, 3)).toEqual(Buffer.from(jpegStart));
    expect(isBlurhashValid(found.blurhash ?? "").result).toBe(true);
    expect(found.blurhash).toHaveLength(4 + 2 * 12);
  });

  test("is measured as it is shown: turned by its orientation", async () => {
    await using it = await mediaTools("");
    const turned = await picture().withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const found = await it.look(turned, "image");
    expect(found).toMatchObject({ width: 600, height: 1200 });
    expect(found.thumbnail).toMatchObject({ width: 400, height: 800 });
  });

  test("smaller than a thumbnail keeps its size, and transparency becomes white", async () => {
    await using it = await mediaTools("");
    const clear = sharp({ create: { width: 40, height: 30, channels: 4, background: "#00000000" } });
    const found = await it.look(await clear.png().toBuffer(), "image");
    expect(found.thumbnail).toMatchObject({ width: 40, height: 30 });
    const pixels = await sharp(found.thumbnail?.bytes).raw().toBuffer();
    expect(pixels.every((value) => value > 250)).toBe(true);
  });

  test.each([
    ["image/gif", () => frames(5).gif()],
    ["image/webp", () => frames(5).webp()],
  ])("that moves (%s) is described by its first frame", async (mimetype, make) => {
    await using it = await mediaTools("");
    const found = await it.look(await make().toBuffer(), "image");
    expect(found).toMatchObject({ mimetype, width: 64, height: 48, thumbnail: { width: 64, height: 48 } });
  });

  test("carries nothing of the camera into its thumbnail", async () => {
    await using it = await mediaTools("");
    const located = await picture()
      .withExif({ IFD0: { Copyright: "canary" }, IFD3: { GPSLatitude: "52/1" } })
      .jpeg()
      .toBuffer();
    expect(located.includes("canary")).toBe(true);
    const found = await it.look(located, "image");
    expect(Buffer.from(found.thumbnail?.bytes ?? []).includes("canary")).toBe(false);
  });

  test("that was sent as a file is only named", async () => {
    await using it = await mediaTools("");
    expect(await it.look(await picture().png().toBuffer(), "file")).toEqual({ mimetype: "image/png" });
  });

  test("that was cut off keeps what its header says", async () => {
    await using it = await mediaTools("");
    const noise = Buffer.from(Array.from({ length: 300 * 300 * 3 }, (_, index) => (index * 7919) % 256));
    const jpeg = await sharp(noise, { raw: { width: 300, height: 300, channels: 3 } })
      .jpeg()
      .toBuffer();
    const found = await it.look(jpeg.subarray(0, jpeg.length / 2), "image");
    expect(found).toEqual({ mimetype: "image/jpeg", width: 300, height: 300 });
  });
});

describe("an image as a picture every network takes", () => {
  const format = async (file: MediaFile) => {
    const { format, width, height, hasAlpha, exif } = await sharp(file.path).metadata();
    return { format, width, height, hasAlpha, exif };
  };

  test.each([
    ["a WebP is a JPEG", () => picture().webp(), { format: "jpeg", width: 1200, height: 600 }],
    ["a GIF that moves stands still", () => frames(3).gif(), { format: "jpeg", width: 64, height: 48 }],
    [
      "a turned one is upright",
      () => picture().withMetadata({ orientation: 6 }).webp(),
      { width: 600, height: 1200 },
    ],
    [
      "a transparent one is a PNG",
      () => picture().ensureAlpha(0.5).webp(),
      { format: "png", hasAlpha: true },
    ],
    ["a huge one is made smaller", () => picture(5000, 100).webp(), { width: 4096, height: 82 }],
  ] as const)("%s", async (words, make, expected) => {
    await using it = await mediaTools("");
    await using file = await it.spool(await make().toBuffer());
    const still = await it.tools.toPicture(file);
    if (!still) throw new Error("it was not made");
    await using made = still.file;
    expect(still.moved).toBe(words.includes("moves"));
    expect(await format(made)).toMatchObject(expected);
    expect((await format(made)).exif).toBeUndefined();
    expect(made.size).toBe((await whole(made)).length);
  });

  test.each(["<svg/>", "GIF89a", "%PDF-1.7", ""])(
    "%j is none, and nothing is left of the try",
    async (bytes) => {
      await using it = await mediaTools("");
      {
        await using file = await it.spool(bytes);
        expect(await it.tools.toPicture(file)).toBeUndefined();
      }
      expect(readdirSync(it.spoolFolder)).toEqual([]);
    },
  );
});
