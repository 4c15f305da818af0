import type { FileHandle } from "node:fs/promises";
import { type Box, boxAt, boxesIn, MOST_BOXES } from "./boxes.ts";
import { bytesAt } from "./bytes-at.ts";
import { isSignature } from "./encoder-signature.ts";
import { type Patch, type Piece, patched } from "./pieces.ts";
import { sampleRanges } from "./sample-ranges.ts";

/** The top-level boxes that a player needs; every other one is metadata. */
const TOP: ReadonlySet<string> = new Set("ftyp moov mdat moof mfra sidx ssix styp pdin prft wide".split(" "));
const METADATA: ReadonlySet<string> = new Set(["udta", "meta", "uuid", "free", "skip"]);
/** Kinds of tracks with sensor data, such as positions, which is not shown. */
const SENSOR_TRACKS: ReadonlySet<string> = new Set(["meta", "mdta", "gpmd", "camm"]);
/** Boxes of pictures and sounds, the last of which may be truncated. */
const MEDIA_BOXES: ReadonlySet<string> = new Set(["mdat", "moof"]);
const MOST_PATCHES = 50_000;

/**
 * The pieces of an MP4, MOV or 3GP whose positions, dates, camera names and sensor tracks are overwritten in place, so
 * that no offset changes. Undefined where the file cannot be read.
 */
export async function moviePieces(handle: FileHandle, size: number): Promise<readonly Piece[] | undefined> {
  const patches: Patch[] = [];
  let end = 0;
  let count = 0;
  let movie: Box | undefined;
  for await (const box of boxesIn(handle, 0, size)) {
    end = box.end;
    count += 1;
    if (box.type === "moov") movie = box;
    if (!TOP.has(box.type)) patches.push(...blanked(box));
  }
  if (!movie || count === MOST_BOXES) return undefined;
  patches.push(...(await behindBoxes(handle, end, size)));
  for await (const box of boxesIn(handle, movie.body, movie.end)) {
    if (await isMetadata(handle, box)) patches.push(...blanked(box));
    if (box.type === "mvhd") patches.push(...(await undated(handle, box)));
    if (box.type === "trak") {
      const track = await trackPatches(handle, box, size);
      if (!track || patches.length + track.length > MOST_PATCHES) return undefined;
      patches.push(...track);
    }
  }
  return patched(size, patches);
}

/** Overwrites what follows the last whole box, unless it is a truncated box of pictures and sounds. */
export async function behindBoxes(handle: FileHandle, end: number, size: number): Promise<readonly Patch[]> {
  const type = (await bytesAt(handle, end, 8)).toString("latin1", 4);
  return end === size || MEDIA_BOXES.has(type) ? [] : [{ at: end, piece: { fill: 0, length: size - end } }];
}

async function trackPatches(
  handle: FileHandle,
  track: Box,
  size: number,
): Promise<readonly Patch[] | undefined> {
  const handler = await boxAt(handle, track, "mdia/hdlr");
  const kind = handler ? (await bytesAt(handle, handler.body + 8, 4)).toString("latin1") : "";
  if (SENSOR_TRACKS.has(kind)) {
    const ranges = await sampleRanges(handle, track, size);
    if (!ranges) return undefined;
    const samples = ranges.map(({ at, length }): Patch => ({ at, piece: { fill: 0, length } }));
    return [...samples, ...blanked(track)];
  }
  const patches: Patch[] = [];
  for await (const box of boxesIn(handle, track.body, track.end)) {
    if (await isMetadata(handle, box)) patches.push(...blanked(box));
    if (box.type === "tkhd") patches.push(...(await undated(handle, box)));
  }
  const media = await boxAt(handle, track, "mdia/mdhd");
  return media ? [...patches, ...(await undated(handle, media))] : patches;
}

const isMetadata = async (handle: FileHandle, box: Box): Promise<boolean> =>
  METADATA.has(box.type) && !(await isSignature(handle, box));

/** Replaces a box by a `free` box of the same length. */
export function blanked({ type, at, body, end }: Box): readonly Patch[] {
  if (type === "free" && body === end) return [];
  const name: Patch = { at: at + 4, piece: Buffer.from("free", "latin1") };
  return [name, { at: body, piece: { fill: 0, length: end - body } }];
}

/** Overwrites the creation and modification times in the header of a movie, a track or its media. */
async function undated(handle: FileHandle, { body, end }: Box): Promise<readonly Patch[]> {
  const head = await bytesAt(handle, body, 20);
  const length = head[0] === 1 ? 16 : 8;
  const dates = head.subarray(4, 4 + length);
  if (body + 4 + length > end || dates.every((byte) => byte === 0)) return [];
  return [{ at: body + 4, piece: { fill: 0, length } }];
}
