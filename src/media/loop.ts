import { rm, stat } from "node:fs/promises";
import sharp from "sharp";
import type { MediaFile } from "../core/model/media.ts";
import { apngFrames } from "./containers/png-chunks.ts";
import { openable, WHOLE } from "./describe-image.ts";
import { Ffmpeg } from "./ffmpeg.ts";
import { type Spool, SpooledFile } from "./spool.ts";

const MOST_BYTES = 32 * 1024 * 1024;
const SECONDS = 60;
const REWRITING_SECONDS = 20;

/** At most 1280 pixels a side, in even numbers, as the codec needs. */
const scale =
  "scale=w='min(1280,iw)':h='min(1280,ih)':force_original_aspect_ratio=decrease:force_divisible_by=2";
const h264 = ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-threads", "1"];

/** An animated image as a silent MP4 of up to a minute; undefined for a still or unreadable one. */
export async function loop(
  ffmpeg: Ffmpeg,
  spool: Spool,
  path: string,
  mimetype: string,
): Promise<MediaFile | undefined> {
  switch (mimetype) {
    case "image/gif":
      return ((await openable(path))?.header.pages ?? 1) > 1
        ? toMp4(ffmpeg, spool, path, mimetype)
        : undefined;
    case "image/apng":
      return ((await apngFrames(path)) ?? 1) > 1 ? toMp4(ffmpeg, spool, path, mimetype) : undefined;
    case "image/webp":
      return throughGif(ffmpeg, spool, path);
    default:
      return undefined;
  }
}

/** Converts an animated WebP by way of a GIF: sharp reads it, ffmpeg does not. */
async function throughGif(ffmpeg: Ffmpeg, spool: Spool, path: string): Promise<MediaFile | undefined> {
  const header = (await openable(path))?.header;
  const { width = 0, pages = 1, pageHeight = header?.height ?? 0 } = header ?? {};
  if (pages < 2 || width * pageHeight * pages > WHOLE) return undefined;
  const gif = await spool.reserve();
  try {
    const frames = sharp(path, { animated: true, failOn: "error", limitInputPixels: WHOLE });
    await frames.gif({ effort: 3 }).timeout({ seconds: REWRITING_SECONDS }).toFile(gif);
    return await toMp4(ffmpeg, spool, gif, "image/gif");
  } catch {
    return undefined;
  } finally {
    await rm(gif, { force: true });
  }
}

async function toMp4(
  ffmpeg: Ffmpeg,
  spool: Spool,
  path: string,
  mimetype: string,
): Promise<MediaFile | undefined> {
  const input = Ffmpeg.input(path, mimetype);
  if (!input) return undefined;
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
