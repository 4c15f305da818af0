import { rm, stat } from "node:fs/promises";
import type { MediaFile } from "../core/model/media.ts";
import { probe } from "./describe-video.ts";
import { Ffmpeg } from "./ffmpeg.ts";
import { type Spool, SpooledFile } from "./spool.ts";

const PICTURE: ReadonlySet<string | undefined> = new Set(["h264"]);
const SOUND: ReadonlySet<string | undefined> = new Set(["aac", undefined]);

/** Puts a video's picture and sound into an MP4 without re-encoding; undefined where MP4 does not take their codecs. */
export async function asMp4(
  ffmpeg: Ffmpeg,
  spool: Spool,
  path: string,
  mimetype: string,
): Promise<MediaFile | undefined> {
  const input = Ffmpeg.input(path, mimetype);
  const found = input && (await probe(ffmpeg, path, mimetype));
  if (!input || !found?.picture || !PICTURE.has(found.codecs.video) || !SOUND.has(found.codecs.audio))
    return undefined;
  const made = await spool.reserve();
  const streams = [
    "-map",
    "0:V:0",
    "-map",
    "0:a:0?",
    "-c",
    "copy",
    "-map_metadata",
    "-1",
    "-map_chapters",
    "-1",
  ];
  const format = ["-movflags", "+faststart", "-f", "mp4", "-y", `file:${made}`];
  const good = await ffmpeg.run("ffmpeg", [...input, ...streams, ...format], 0, () => {});
  const { size } = await stat(made);
  if (good && size > 0) return new SpooledFile(made, size);
  await rm(made, { force: true });
  return undefined;
}
