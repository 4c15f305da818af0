import type { FileHandle } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { bytesAt } from "./bytes-at.ts";
import { orientationIn, orientationTag } from "./exif.ts";
import type { Piece } from "./pieces.ts";
import { chunksOf } from "./png-chunks.ts";

/** The ancillary chunks that change how a picture looks. */
const SHOWN: ReadonlySet<string> = new Set(
  "tRNS gAMA cHRM sRGB iCCP sBIT bKGD hIST pHYs sPLT cICP mDCV mDCv cLLI cLLi oFFs sTER acTL fcTL fdAT".split(
    " ",
  ),
);
const LONGEST_EXIF = 1024 * 1024;

/** The pieces of a PNG or APNG without texts, dates, Exif and bytes behind its end. Undefined where the file cannot be read. */
export async function pngPieces(handle: FileHandle, size: number): Promise<readonly Piece[] | undefined> {
  const pieces: Piece[] = [{ from: 0, to: 8 }];
  for await (const { type, at, body, length, end } of chunksOf(handle, size)) {
    const critical = /^[A-Z]/.test(type);
    if (critical || SHOWN.has(type)) pieces.push({ from: at, to: end });
    if (type === "eXIf") {
      const tiff = orientationTag(orientationIn(await bytesAt(handle, body, Math.min(length, LONGEST_EXIF))));
      if (tiff) pieces.push(chunk("eXIf", tiff));
    }
    if (type === "IEND") return pieces;
  }
  return undefined;
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  body.copy(whole, 4);
  whole.writeUInt32BE(crc32(body), body.length + 4);
  return whole;
}
