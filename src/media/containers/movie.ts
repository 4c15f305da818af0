import { type FileHandle, open } from "node:fs/promises";
import { type Box, boxAt, boxesIn } from "./boxes.ts";
import { bytesAt } from "./bytes-at.ts";
import type { RecordingFacts } from "./recording.ts";

const WHOLE_NUMBER = 65_536;

interface Track {
  readonly seconds: number;
  readonly picture: { readonly width: number; readonly height: number } | undefined;
  readonly sounds: boolean;
}

/** The facts in the headers of an MP4, MOV, M4A or 3GP file; empty where it has none. */
export async function movieFacts(path: string): Promise<RecordingFacts> {
  await using handle = await open(path, "r");
  const { size } = await handle.stat();
  const movie = await boxAt(handle, { body: 0, end: size }, "moov");
  const header = movie && (await boxAt(handle, movie, "mvhd"));
  if (!header) return {};
  const time = timing(await bytesAt(handle, header.body, 32));
  const tracks: Track[] = [];
  for await (const box of boxesIn(handle, movie.body, movie.end)) {
    if (box.type === "trak") tracks.push(await trackOf(handle, box));
  }
  const told = time.scale === 0 ? 0 : time.duration / time.scale;
  const seconds = Math.max(told, ...tracks.map((track) => track.seconds));
  const picture = tracks.find((track) => track.picture)?.picture;
  return {
    ...(seconds > 0 ? { seconds } : {}),
    ...(picture ? { picture } : {}),
    sounds: tracks.some(({ sounds }) => sounds),
  };
}

/** The time scale of an `mvhd` or `mdhd`, and the duration in its units. */
function timing(full: Buffer): { readonly scale: number; readonly duration: number } {
  const long = full[0] === 1;
  if (full.length < (long ? 32 : 20)) return { scale: 0, duration: 0 };
  const duration = long ? Number(full.readBigUInt64BE(24)) : full.readUInt32BE(16);
  // All ones stand for an unknown duration.
  const unknown = long ? full.readBigUInt64BE(24) === 0xffff_ffff_ffff_ffffn : duration === 0xffff_ffff;
  return { scale: full.readUInt32BE(long ? 20 : 12), duration: unknown ? 0 : duration };
}

async function trackOf(handle: FileHandle, track: Box): Promise<Track> {
  const handler = await boxAt(handle, track, "mdia/hdlr");
  const kind = handler && (await bytesAt(handle, handler.body + 8, 4)).toString("latin1");
  const media = await boxAt(handle, track, "mdia/mdhd");
  const { scale, duration } = media
    ? timing(await bytesAt(handle, media.body, 32))
    : { scale: 0, duration: 0 };
  const header = kind === "vide" ? await boxAt(handle, track, "tkhd") : undefined;
  const shown = header && shownSize(await bytesAt(handle, header.body, 96));
  return { seconds: scale === 0 ? 0 : duration / scale, picture: shown, sounds: kind === "soun" };
}

/** The size at which a `tkhd` shows its track, after the rotation of its matrix. */
function shownSize(full: Buffer): Track["picture"] {
  const matrix = full[0] === 1 ? 52 : 40;
  if (full.length < matrix + 44) return undefined;
  const width = Math.round(full.readUInt32BE(matrix + 36) / WHOLE_NUMBER);
  const height = Math.round(full.readUInt32BE(matrix + 40) / WHOLE_NUMBER);
  if (width === 0 || height === 0) return undefined;
  const turned = full.readInt32BE(matrix) === 0 && full.readInt32BE(matrix + 4) !== 0;
  return turned ? { width: height, height: width } : { width, height };
}
