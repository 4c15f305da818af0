import { deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { MediaKind } from "../../../src/core/model/media.ts";
import { mediaTools, pngOf } from "./fixtures.ts";

const OPAQUE = "application/octet-stream";
const kinds: readonly MediaKind[] = ["image", "video", "audio", "voice", "gif", "file"];
const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>`;
const gif = (rest: string): string => `GIF89a${rest}`;

describe("what is not what it is called", () => {
  test.each([
    ["an SVG with a script", svg],
    ["an SVG behind an XML declaration", `<?xml version="1.0"?>${svg}`],
    ["an SVG behind a byte order mark and space", `\u00EF\u00BB\u00BF \n\t${svg}`],
    ["a page", "<!DOCTYPE html><html><body onload=alert(1)>"],
    ["a page after words", `Dear reader,\n\n<script src="https://example.org/x.js"></script>`],
    ["a script of the shell", "#!/bin/sh\nrm -rf /\n"],
    ["PostScript", "%!PS-Adobe-3.0\n(%pipe%id) (r) file\n"],
    ["a program", `\u007FELF${"\u0002\u0001\u0001\u0000".repeat(20)}`],
    ["a Windows program", `MZ${"\u0000".repeat(200)}`],
    ["a GIF that is JavaScript", gif("/*\u0000\u0000\u0000\u0000\u0000*/=1;alert(1)//")],
    ["a GIF that is HTML", gif("<script>alert(1)</script>")],
    ["a PNG of nothing", "\u0089PNG\r\n\u001A\n"],
    ["a JPEG of nothing", "\u00FF\u00D8\u00FF\u00E0"],
    ["a WebP of nothing", "RIFF\u0004\u0000\u0000\u0000WEBP"],
    ["zero bytes", ""],
    ["bytes of no sense", "\u0000\u0001\u0002\u0003".repeat(99)],
  ])("%s is a file to be saved and no more", async (_, bytes) => {
    await using it = await mediaTools();
    for (const kind of kinds.filter((each) => each !== "file")) {
      expect(await it.look(bytes, kind)).toEqual({ mimetype: OPAQUE });
    }
  });

  test.each([
    ["a PDF", `%PDF-1.7\n1 0 obj<</OpenAction<</JS(app.alert(1))>>>>endobj`, "application/pdf"],
    ["text", "Just some words, with an ümlaut: 2 < 3 & 4 > 1.\n", "text/plain"],
    ["an archive", `PK\u0003\u0004${"\u0000".repeat(60)}`, "application/zip"],
  ])("%s is called by its own harmless name and not opened", async (_, bytes, mimetype) => {
    await using it = await mediaTools();
    const latin = bytes.includes("ü") ? Buffer.from(bytes, "utf8") : bytes;
    for (const kind of kinds) expect(await it.look(latin, kind)).toEqual({ mimetype });
  });

  test("a picture under another name is what its bytes are", async () => {
    await using it = await mediaTools();
    const png = pngOf(4, 4, deflateSync(Buffer.alloc(4 * 5)));
    for (const kind of ["voice", "video", "audio"] as const) {
      expect(await it.look(png, kind)).toMatchObject({ mimetype: "image/png", width: 4, height: 4 });
    }
  });
});

describe("bombs", () => {
  test.each([
    ["60,000 x 60,000 pixels", () => pngOf(60_000, 60_000, deflateSync(Buffer.alloc(1000)))],
    ["2³¹-1 pixels in a row", () => pngOf(0x7fffffff, 1, deflateSync(Buffer.alloc(10)))],
    ["no pixels", () => pngOf(0, 0, deflateSync(Buffer.alloc(0)))],
  ])("an image that claims %s is not described", async (_, make) => {
    await using it = await mediaTools();
    expect(await it.look(make(), "image")).toEqual({ mimetype: OPAQUE });
  });

  test("an archive in an archive is not unpacked", async () => {
    await using it = await mediaTools();
    const nested = gzipSync(gzipSync(Buffer.alloc(10_000_000)));
    expect(await it.look(nested, "image")).toEqual({ mimetype: "application/gzip" });
  });
});

test("no bytes end the tools, whatever they begin with", async () => {
  await using it = await mediaTools("");
  const beginnings = [
    "\u0089PNG\r\n\u001A\n\u0000\u0000\u0000\rIHDR",
    "\u00FF\u00D8\u00FF\u00E0\u0000\u0010JFIF",
    "GIF89a\u0010\u0000\u0010\u0000\u0080\u0000\u0000",
    "RIFF\u00FF\u0000\u0000\u0000WEBPVP8 ",
    "\u0000\u0000\u0000\u001CftypAVIF",
    "\u0000\u0000\u0000\u001Cftypavif",
    "OggS\u0000\u0002",
    "PK\u0003\u0004",
    "",
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...beginnings),
      fc.uint8Array({ maxLength: 400 }),
      fc.constantFrom(...kinds),
      async (beginning, rest, kind) => {
        const bytes = Buffer.concat([Buffer.from(beginning, "latin1"), rest]);
        expect((await it.look(bytes, kind)).mimetype).toMatch(/^[a-z]+\/[a-z0-9.+-]+$/);
      },
    ),
    { numRuns: 150 },
  );
});
