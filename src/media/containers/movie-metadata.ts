import type { FileHandle } from "node:fs/promises";
import { type Box, boxAt, boxesIn, MOST_BOXES } from "./boxes.ts";
import { bytesAt } from "./bytes-at.ts";
import { isSignature } from "./encoder-signature.ts";
import { type Patch, type Piece, patched } from "./pieces.ts";
import { sampleRanges } from "./sample-ranges.ts";

/** What it takes to play a file, at its top; whatever else stands there is somebody's note. */
const TOP: ReadonlySet<string> = new Set("ftyp moov mdat moof mfra sidx ssix styp pdin prft wide".split(" "));
const NOTES: ReadonlySet<string> = new Set(["udta", "meta", "uuid", "free", "skip"]);
/** Tracks of measurements, such as places, that are not shown. */
const MEASURED: ReadonlySet<string> = new Set(["meta", "mdta", "gpmd", "camm"]);
/** Boxes of pictures and sounds, of which a file that was cut short may have a part. */
const PLAYED: ReadonlySet<string> = new Set(["mdat", "moof"]);
const MOST_PATCHES = 50_000;

/**
 * An MP4, MOV or 3GP without places, dates, names of cameras, and tracks of measurements. Each is overwritten where it
 * stands, so that nothing else moves. Undefined for what cannot be read.
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
    if (await isNote(handle, box)) patches.push(...blanked(box));
    if (box.type === "mvhd") patches.push(...(await undated(handle, box)));
    if (box.type === "trak") {
      const track = await trackPatches(handle, box, size);
      if (!track || patches.length + track.length > MOST_PATCHES) return undefined;
      patches.push(...track);
    }
  }
  return patched(size, patches);
}

/** Behind the last whole box there is nothing to play, but for one whose end is missing. */
export async function behindBoxes(handle: FileHandle, end: number, size: number): Promise<readonly Patch[]> {
  const type = (await bytesAt(handle, end, 8)).toString("latin1", 4);
  return end === size || PLAYED.has(type) ? [] : [{ at: end, piece: { fill: 0, length: size - end } }];
}

async function trackPatches(
  handle: FileHandle,
  track: Box,
  size: number,
): Promise<readonly Patch[] | undefined> {
  const handler = await boxAt(handle, track, "mdia/hdlr");
  const kind = handler ? (await bytesAt(handle, handler.body + 8, 4)).toString("latin1") : "";
  if (MEASURED.has(kind)) {
    const ranges = await sampleRanges(handle, track, size);
    if (!ranges) return undefined;
    const samples = ranges.map(({ at, length }): Patch => ({ at, piece: { fill: 0, length } }));
    return [...samples, ...blanked(track)];
  }
  const patches: Patch[] = [];
  for await (const box of boxesIn(handle, track.body, track.end)) {
    if (await isNote(handle, box)) patches.push(...blanked(box));
    if (box.type === "tkhd") patches.push(...(await undated(handle, box)));
  }
  const media = await boxAt(handle, track, "mdia/mdhd");
  return media ? [...patches, ...(await undated(handle, media))] : patches;
}

const isNote = async (handle: FileHandle, box: Box): Promise<boolean> =>
  NOTES.has(box.type) && !(await isSignature(handle, box));

/** A box of nothing in its place. */
export function blanked({ type, at, body, end }: Box): readonly Patch[] {
  if (type === "free" && body === end) return [];
  const name: Patch = { at: at + 4, piece: Buffer.from("free", "latin1") };
  return [name, { at: body, piece: { fill: 0, length: end - body } }];
}

/** When it was made, and changed, in the headers of a movie, a track and its media. */
async function undated(handle: FileHandle, { body, end }: Box): Promise<readonly Patch[]> {
  const head = await bytesAt(handle, body, 20);
  const length = head[0] === 1 ? 16 : 8;
  const dates = head.subarray(4, 4 + length);
  if (body + 4 + length > end || dates.every((byte) => byte === 0)) return [];
  return [{ at: body + 4, piece: { fill: 0, length } }];
}
