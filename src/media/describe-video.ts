import { z } from "zod";
import type { Inspected } from "../core/model/media.ts";
import { previewOf } from "./describe-image.ts";
import { Ffmpeg } from "./ffmpeg.ts";

const JSON_BYTES = 256 * 1024;
const FRAME_BYTES = 8 * 1024 * 1024;
/** The most pixels of a frame: a little more than 8K. */
const PIXELS = 40_000_000;
/** A week; a longer length is taken for damage. */
const SECONDS = 7 * 86_400;

const side = z.number().int().positive().max(65_535);
const probed = z.object({
  format: z.object({ duration: z.coerce.number().nonnegative().max(SECONDS).optional().catch(undefined) }),
  streams: z.array(
    z.object({
      codec_type: z.string().optional(),
      codec_name: z.string().optional(),
      width: side.optional().catch(undefined),
      height: side.optional().catch(undefined),
      disposition: z.object({ attached_pic: z.number().optional() }).optional(),
      side_data_list: z.array(z.object({ rotation: z.number().optional().catch(undefined) })).optional(),
    }),
  ),
});

const entries = [
  "format=duration",
  "stream=codec_type,codec_name,width,height",
  "stream_disposition=attached_pic",
  "stream_side_data=rotation",
].join(":");

export interface Probed {
  readonly seconds?: number;
  /** The size as it is shown, after rotation. */
  readonly picture?: { readonly width: number; readonly height: number };
  readonly sounds: boolean;
  /** By ffmpeg's names. */
  readonly codecs: { readonly video?: string | undefined; readonly audio?: string | undefined };
}

/** Reads the headers of a recording or video by ffprobe; undefined where it cannot. */
export async function probe(ffmpeg: Ffmpeg, path: string, mimetype: string): Promise<Probed | undefined> {
  const input = Ffmpeg.input(path, mimetype);
  if (!input) return undefined;
  const args = [...input, "-print_format", "json", "-show_entries", entries];
  const said = await ffmpeg.output("ffprobe", args, JSON_BYTES);
  const read = said && probed.safeParse(parsed(said));
  if (!read?.success) return undefined;
  const { format, streams } = read.data;
  const video = streams.find((it) => it.codec_type === "video" && it.disposition?.attached_pic !== 1);
  const sound = streams.find((it) => it.codec_type === "audio");
  const sounds = sound !== undefined;
  const codecs = { video: video?.codec_name, audio: sound?.codec_name };
  const seconds = format.duration === undefined ? {} : { seconds: format.duration };
  if (video?.width === undefined || video.height === undefined) return { ...seconds, sounds, codecs };
  const turned = (video.side_data_list ?? []).some(({ rotation = 0 }) => Math.abs(rotation) % 180 === 90);
  const { width, height } = video;
  const picture = turned ? { width: height, height: width } : { width, height };
  return { ...seconds, picture, sounds, codecs };
}

function parsed(json: Buffer): unknown {
  try {
    return JSON.parse(json.toString("utf8"));
  } catch {
    return undefined;
  }
}

/** A video's size, length and first frame; empty where it cannot be read. */
export async function describeVideo(
  ffmpeg: Ffmpeg,
  path: string,
  mimetype: string,
): Promise<Omit<Inspected, "mimetype">> {
  const found = await probe(ffmpeg, path, mimetype);
  if (!found) return {};
  const seconds = found.seconds === undefined ? {} : { seconds: found.seconds };
  const { picture } = found;
  if (!picture || picture.width * picture.height > PIXELS) return seconds;
  return { ...picture, ...seconds, ...(await firstFrame(ffmpeg, path, mimetype)) };
}

async function firstFrame(
  ffmpeg: Ffmpeg,
  path: string,
  mimetype: string,
): Promise<Pick<Inspected, "thumbnail" | "blurhash">> {
  const input = Ffmpeg.input(path, mimetype);
  if (!input) return {};
  const scale = "scale=w='min(800,iw)':h='min(800,ih)':force_original_aspect_ratio=decrease";
  const picture = ["-vf", scale, "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-q:v", "3", "-threads", "1"];
  const args = [...input, "-map", "0:V:0", "-frames:v", "1", ...picture, "-f", "image2pipe", "pipe:1"];
  const frame = await ffmpeg.output("ffmpeg", args, FRAME_BYTES);
  return frame && frame.length > 0 ? previewOf(frame).catch(() => ({})) : {};
}
