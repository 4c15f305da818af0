import type { FileHandle } from "node:fs/promises";
import { bytesAt } from "./bytes-at.ts";
import { orientationIn, orientationTag } from "./exif.ts";
import type { Piece } from "./pieces.ts";

const SHOWN: ReadonlySet<string> = new Set(["VP8 ", "VP8L", "ALPH", "ICCP", "ANIM", "ANMF"]);
/** The flags of VP8X for Exif and for XMP. */
const HAS_EXIF = 0x08;
const HAS_XMP = 0x04;
/** The length in bytes of VP8X with its header. */
const EXTENDED = 18;
const LONGEST_EXIF = 1024 * 1024;
const MOST = 100_000;

/** The pieces of a WebP (RFC 9649) without Exif, XMP, unknown chunks and bytes behind its end. Undefined where the file cannot be read. */
export async function webpPieces(handle: FileHandle, size: number): Promise<readonly Piece[] | undefined> {
  const riff = await bytesAt(handle, 0, 12);
  if (riff.length < 12 || riff.toString("latin1", 0, 4) !== "RIFF" || riff.toString("latin1", 8) !== "WEBP")
    return undefined;
  const limit = Math.min(size, riff.readUInt32LE(4) + 8);
  const pieces: Piece[] = [];
  let extended: { readonly place: number; readonly at: number; readonly bytes: Buffer } | undefined;
  let tiff: Buffer | undefined;
  let at = 12;
  for (let count = 0; at + 8 <= limit; count += 1) {
    const head = await bytesAt(handle, at, 8);
    const type = head.toString("latin1", 0, 4);
    const length = head.readUInt32LE(4);
    const end = at + 8 + length + (length % 2);
    if (end > limit + 1 || count > MOST) return undefined;
    const to = Math.min(end, limit);
    if (type === "VP8X") {
      if (extended || to - at !== EXTENDED) return undefined;
      extended = { place: pieces.length, at, bytes: await bytesAt(handle, at, to - at) };
      pieces.push(extended.bytes);
    } else if (SHOWN.has(type)) pieces.push({ from: at, to });
    else if (type === "EXIF") tiff = await turning(handle, at + 8, length);
    at = end;
  }
  if (!pieces.some((piece) => "from" in piece)) return undefined;
  if (extended) {
    const bytes = Buffer.from(extended.bytes);
    bytes[8] = ((bytes[8] ?? 0) & ~(HAS_EXIF | HAS_XMP)) | (tiff ? HAS_EXIF : 0);
    pieces[extended.place] = asItWas(bytes, extended.bytes, extended.at);
    if (tiff) pieces.push(Buffer.concat([Buffer.from("EXIF\x1a\0\0\0", "latin1"), tiff]));
  }
  const header = Buffer.from(riff);
  header.writeUInt32LE(
    4 + pieces.reduce((sum, piece) => sum + ("from" in piece ? piece.to - piece.from : piece.length), 0),
    4,
  );
  return [asItWas(header, riff, 0), ...pieces];
}

const asItWas = (is: Buffer, was: Buffer, at: number): Piece =>
  is.equals(was) ? { from: at, to: at + was.length } : is;

/** The Exif chunk with only the orientation. Some writers begin the chunk with `Exif`, as in a JPEG. */
async function turning(handle: FileHandle, at: number, length: number): Promise<Buffer | undefined> {
  const bytes = await bytesAt(handle, at, Math.min(length, LONGEST_EXIF));
  const named = bytes.toString("latin1", 0, 6) === "Exif\0\0";
  return orientationTag(orientationIn(named ? bytes.subarray(6) : bytes));
}
