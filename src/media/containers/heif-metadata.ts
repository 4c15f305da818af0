import type { FileHandle } from "node:fs/promises";
import { type Box, boxAt, boxesIn, MOST_BOXES } from "./boxes.ts";
import { bytesAt } from "./bytes-at.ts";
import { behindBoxes, blanked } from "./movie-metadata.ts";
import { type Patch, type Piece, patched } from "./pieces.ts";

const TOP: ReadonlySet<string> = new Set(["ftyp", "meta", "mdat", "idat", "moov", "moof", "mini"]);
/** The largest `iloc` table in bytes; it has some bytes an item. */
const LONGEST = 128 * 1024;
/** Empty Exif data as HEIF holds it: four bytes of offset, then a TIFF header without entries. */
const NO_EXIF = Buffer.from("0000000049492a0008000000000000000000", "hex");

type MetadataKind = "exif" | "xmp";

/**
 * The pieces of a HEIC or AVIF (ISO/IEC 23008-12) whose Exif and XMP are overwritten in place; the orientation is stored
 * elsewhere. Undefined where the file cannot be read.
 */
export async function heifPieces(handle: FileHandle, size: number): Promise<readonly Piece[] | undefined> {
  const patches: Patch[] = [];
  let meta: Box | undefined;
  let end = 0;
  let count = 0;
  for await (const box of boxesIn(handle, 0, size)) {
    end = box.end;
    count += 1;
    if (box.type === "meta") meta = box;
    if (!TOP.has(box.type)) patches.push(...blanked(box));
  }
  if (!meta || count === MOST_BOXES) return undefined;
  patches.push(...(await behindBoxes(handle, end, size)));
  const inside = { body: meta.body + 4, end: meta.end };
  const metadata = await metadataItems(handle, inside);
  if (!metadata) return undefined;
  if (metadata.size === 0) return patched(size, patches);
  const found = await extentsOf(handle, inside, metadata);
  if (!found) return undefined;
  for (const { metadataKind, at, length } of found) {
    if (at + length > size) return undefined;
    if (metadataKind === "xmp") patches.push({ at, piece: { fill: 0x20, length } });
    else if (length < NO_EXIF.length) patches.push({ at, piece: { fill: 0, length } });
    else {
      const rest = length - NO_EXIF.length;
      patches.push({ at, piece: NO_EXIF }, { at: at + NO_EXIF.length, piece: { fill: 0, length: rest } });
    }
  }
  return patched(size, patches);
}

type Inside = Pick<Box, "body" | "end">;

/** The items that are metadata, by item id. */
async function metadataItems(
  handle: FileHandle,
  meta: Inside,
): Promise<ReadonlyMap<number, MetadataKind> | undefined> {
  const list = await boxAt(handle, meta, "iinf");
  if (!list) return undefined;
  const [version = 0] = await bytesAt(handle, list.body, 1);
  const metadata = new Map<number, MetadataKind>();
  for await (const { type, body, end } of boxesIn(handle, list.body + (version === 0 ? 6 : 8), list.end)) {
    if (type !== "infe") continue;
    const entry = await bytesAt(handle, body, Math.min(end - body, 256));
    const wide = entry[0] === 3;
    if (entry.length < (wide ? 14 : 12) || (entry[0] ?? 0) < 2) continue;
    const id = wide ? entry.readUInt32BE(4) : entry.readUInt16BE(4);
    const kind = entry.toString("latin1", wide ? 10 : 8, wide ? 14 : 12);
    if (kind === "Exif") metadata.set(id, "exif");
    if (kind === "mime" || kind === "uri ") metadata.set(id, "xmp");
  }
  return metadata;
}

/** The extents of those items in the file (`iloc`, ISO/IEC 14496-12, 8.11.3). */
async function extentsOf(handle: FileHandle, meta: Inside, metadata: ReadonlyMap<number, MetadataKind>) {
  const box = await boxAt(handle, meta, "iloc");
  const data = await boxAt(handle, meta, "idat");
  if (!box || box.end - box.body > LONGEST) return undefined;
  const bytes = await bytesAt(handle, box.body, box.end - box.body);
  let at = 4;
  const take = (width: number): number => {
    const value =
      width === 0 ? 0 : width === 8 ? Number(bytes.readBigUInt64BE(at)) : bytes.readUIntBE(at, width);
    at += width;
    return value;
  };
  try {
    const [version = 0] = bytes;
    const [first, second] = [take(1), take(1)];
    const [offset, length, base, index] = [
      first >> 4,
      first & 15,
      second >> 4,
      version > 0 ? second & 15 : 0,
    ];
    if (offset + length === 0) return undefined;
    const found: { readonly metadataKind: MetadataKind; readonly at: number; readonly length: number }[] = [];
    for (let items = take(version < 2 ? 2 : 4); items > 0; items -= 1) {
      const metadataKind = metadata.get(take(version < 2 ? 2 : 4));
      const method = version > 0 ? take(2) & 15 : 0;
      take(2);
      const start = take(base);
      for (let extents = take(2); extents > 0; extents -= 1) {
        take(index);
        const extent = { at: start + take(offset), length: take(length) };
        if (!metadataKind) continue;
        if (method > 1 || (method === 1 && !data)) return undefined;
        found.push({
          metadataKind,
          at: extent.at + (method === 1 && data ? data.body : 0),
          length: extent.length,
        });
      }
    }
    return found;
  } catch {
    // The table is shorter than its counts state.
    return undefined;
  }
}
