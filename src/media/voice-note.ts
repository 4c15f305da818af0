import { rm, stat } from "node:fs/promises";
import type { MediaFile, VoiceForm } from "../core/model/media.ts";
import { Ffmpeg } from "./ffmpeg.ts";
import { type Spool, SpooledFile } from "./spool.ts";

const MOST_BYTES = 64 * 1024 * 1024;

const forms: Readonly<Record<VoiceForm, readonly string[]>> = {
  opus: ["-ar", "48000", "-c:a", "libopus", "-b:a", "32k", "-application", "voip", "-f", "ogg"],
  aac: ["-ar", "44100", "-c:a", "aac", "-b:a", "48k", "-f", "adts"],
};
const onlySound = ["-vn", "-sn", "-dn", "-map", "0:a:0", "-map_metadata", "-1", "-threads", "1"];

/**
 * A recording as a voice note, mono: Opus at 48 kHz and 32 kbit/s in Ogg, or AAC at 44.1 kHz and 48 kbit/s in ADTS.
 * Undefined for what cannot be converted.
 */
export async function voiceNote(
  ffmpeg: Ffmpeg,
  spool: Spool,
  path: string,
  mimetype: string,
  form: VoiceForm,
): Promise<MediaFile | undefined> {
  const input = Ffmpeg.input(path, mimetype);
  if (!input) return undefined;
  const made = await spool.reserve();
  const output = [...onlySound, "-ac", "1", "-fs", `${MOST_BYTES}`, ...forms[form], "-y", `file:${made}`];
  const good = await ffmpeg.run("ffmpeg", [...input, ...output], 0, () => {});
  const { size } = await stat(made);
  if (good && size > 0 && size < MOST_BYTES) return new SpooledFile(made, size);
  await rm(made, { force: true });
  return undefined;
}
