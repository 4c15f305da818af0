import { rm, stat } from "node:fs/promises";
import type { MediaFile } from "../core/media.ts";
import { Ffmpeg } from "./ffmpeg.ts";
import { openable } from "./image.ts";
import { type Spool, SpooledFile } from "./spool.ts";

const MOST_BYTES = 32 * 1024 * 1024;
const SECONDS = 60;

/** Even measures, as the codec wants them, of at most 1280 pixels a side. */
const scale =
  "scale=w='min(1280,iw)':h='min(1280,ih)':force_original_aspect_ratio=decrease:force_divisible_by=2";
const h264 = ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-threads", "1"];

/** A GIF that moves as a silent MP4 of up to a minute; undefined for what stands still or cannot be converted. */
export async function loop(
  ffmpeg: Ffmpeg,
  spool: Spool,
  path: string,
  mimetype: string,
): Promise<MediaFile | undefined> {
  const input = mimetype === "image/gif" ? Ffmpeg.input(path, mimetype) : undefined;
  const pages = input && (await openable(path))?.header.pages;
  if (!input || pages === undefined || pages < 2) return undefined;
  const made = await spool.reserve();
  const limits = ["-t", `${SECONDS}`, "-fs", `${MOST_BYTES}`, "-map_metadata", "-1"];
  const format = ["-movflags", "+faststart", "-f", "mp4", "-y", `file:${made}`];
  const args = [...input, "-an", "-sn", "-dn", "-vf", scale, ...h264, ...limits, ...format];
  const good = await ffmpeg.run("ffmpeg", args, 0, () => {});
  const { size } = await stat(made);
  if (good && size > 0 && size < MOST_BYTES) return new SpooledFile(made, size);
  await rm(made, { force: true });
  return undefined;
}
