import type { FileHandle } from "node:fs/promises";
import { bytesAt } from "./bytes-at.ts";
import { orientationIn, orientationTag } from "./exif.ts";
import type { Piece } from "./pieces.ts";

const MARKER = {
  start: 0xd8,
  end: 0xd9,
  scan: 0xda,
  app0: 0xe0,
  app1: 0xe1,
  app2: 0xe2,
  app14: 0xee,
  app15: 0xef,
  comment: 0xfe,
};
const EXIF = "Exif\0\0";
const ICC = "ICC_PROFILE\0";
const MOST_SEGMENTS = 10_000;
const BLOCK = 64 * 1024;

/**
 * The pieces of a JPEG (ITU-T T.81) without metadata: no Exif, XMP, IPTC, comments, and no pictures or films behind its
 * end. Colour profile, Adobe's transform and the orientation stay. Undefined where the file cannot be read.
 */
export async function jpegPieces(handle: FileHandle, size: number): Promise<readonly Piece[] | undefined> {
  const start = await bytesAt(handle, 0, 2);
  if (start[0] !== 0xff || start[1] !== MARKER.start) return undefined;
  const pieces: Piece[] = [];
  let orientation = 1;
  let shown = false;
  let at = 2;
  for (let count = 0; at + 2 <= size; count += 1) {
    const head = await bytesAt(handle, at, 18);
    const marker = head[1] ?? 0;
    if (head[0] !== 0xff || count > MOST_SEGMENTS) return undefined;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === MARKER.end || isAlone(marker)) {
      pieces.push({ from: at, to: at + 2 });
      at += 2;
      if (marker === MARKER.end) break;
      continue;
    }
    const length = head.length < 4 ? 0 : head.readUInt16BE(2);
    const end = at + 2 + length;
    if (length < 2 || end > size) return shown ? finished(pieces, orientation) : undefined;
    if (marker === MARKER.scan) {
      shown = true;
      const after = await endOfScan(handle, end, size);
      pieces.push({ from: at, to: after });
      at = after;
      continue;
    }
    const exif = marker === MARKER.app1 && head.toString("latin1", 4, 10) === EXIF;
    if (exif && orientation === 1) orientation = orientationIn(await bytesAt(handle, at + 10, end - at - 10));
    pieces.push(...keptPieces(marker, head, at, end));
    at = end;
  }
  return shown ? finished(pieces, orientation) : undefined;
}

const isAlone = (marker: number): boolean => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7);

/** The pieces that are kept of a segment. */
function keptPieces(marker: number, head: Buffer, from: number, to: number): readonly Piece[] {
  const named = head.toString("latin1", 4, 18);
  if (marker === MARKER.app0) {
    if (!named.startsWith("JFIF\0")) return [];
    // The thumbnail goes, as it may show what was cropped.
    if (to - from <= 18) return [{ from, to }];
    return [Buffer.concat([Buffer.from([0xff, MARKER.app0, 0, 16]), head.subarray(4, 16), Buffer.alloc(2)])];
  }
  if (marker === MARKER.app2) return named.startsWith(ICC) ? [{ from, to }] : [];
  const other = marker > MARKER.app0 && marker <= MARKER.app15 && marker !== MARKER.app14;
  return other || marker === MARKER.comment ? [] : [{ from, to }];
}

function finished(pieces: readonly Piece[], orientation: number): readonly Piece[] {
  const tiff = orientationTag(orientation);
  const start: Piece = { from: 0, to: 2 };
  if (!tiff) return [start, ...pieces];
  const body = Buffer.concat([Buffer.from(EXIF, "latin1"), tiff]);
  return [start, Buffer.concat([Buffer.from([0xff, MARKER.app1, 0, body.length + 2]), body]), ...pieces];
}

/** The offset of the next marker that does not belong to the scan; the file's end where there is none. */
async function endOfScan(handle: FileHandle, from: number, size: number): Promise<number> {
  for (let at = from; at < size; ) {
    const block = await bytesAt(handle, at, Math.min(BLOCK, size - at));
    for (let found = block.indexOf(0xff); found !== -1; found = block.indexOf(0xff, found + 1)) {
      const next = block[found + 1] ?? (await bytesAt(handle, at + found + 1, 1))[0];
      if (next === undefined) return size;
      if (next !== 0 && next !== 0xff && !isAlone(next)) return at + found;
    }
    at += block.length;
    if (block.length === 0) return size;
  }
  return size;
}
