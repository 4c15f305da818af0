import { type FileHandle, open } from "node:fs/promises";
import type { MediaFile } from "../core/model/media.ts";
import { gifPieces } from "./containers/gif-metadata.ts";
import { heifPieces } from "./containers/heif-metadata.ts";
import { jpegPieces } from "./containers/jpeg-metadata.ts";
import { matroskaPieces } from "./containers/matroska-metadata.ts";
import { moviePieces } from "./containers/movie-metadata.ts";
import { bytesOf, joinedPieces, type Piece } from "./containers/pieces.ts";
import { pngPieces } from "./containers/png-metadata.ts";
import { webpPieces } from "./containers/webp-metadata.ts";
import type { Spool } from "./spool.ts";

type Read = (handle: FileHandle, size: number) => Promise<readonly Piece[] | undefined>;

const readers: Readonly<Record<string, Read>> = {
  "image/jpeg": jpegPieces,
  "image/png": pngPieces,
  "image/apng": pngPieces,
  "image/webp": webpPieces,
  "image/gif": gifPieces,
  "image/heic": heifPieces,
  "image/heif": heifPieces,
  "image/avif": heifPieces,
  "video/mp4": moviePieces,
  "video/quicktime": moviePieces,
  "video/3gpp": moviePieces,
  "audio/mp4": moviePieces,
  "video/webm": matroskaPieces,
  "video/x-matroska": matroskaPieces,
};

/** Formats that cannot hold metadata. */
const BARE: ReadonlySet<string> = new Set(["image/bmp"]);

/** A copy of the file without metadata; see MediaTools.withoutMetadata. */
export async function withoutMetadata(
  spool: Spool,
  { path, size }: Pick<MediaFile, "path" | "size">,
  mimetype: string,
): Promise<MediaFile | "clean" | undefined> {
  if (BARE.has(mimetype)) return "clean";
  const read = readers[mimetype];
  if (!read) return undefined;
  await using handle = await open(path, "r");
  const pieces = joinedPieces((await read(handle, size)) ?? []);
  const [first] = pieces;
  if (first === undefined) return undefined;
  if (pieces.length === 1 && "from" in first && first.from === 0 && first.to === size) return "clean";
  return await spool.take(bytesOf(handle, pieces), Number.POSITIVE_INFINITY);
}
