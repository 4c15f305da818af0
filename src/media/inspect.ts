import { type Inspected, type MediaFile, type MediaKind, PICTURES } from "../core/model/media.ts";
import type { Ffmpeg } from "./ffmpeg.ts";
import { OPAQUE, sniff } from "./sniff.ts";

export type RunSerially = <T>(work: () => Promise<T>) => Promise<T>;

interface InspectParts {
  /** Undefined where ffmpeg is not installed. */
  readonly ffmpeg: Ffmpeg | undefined;
  /** One picture at a time, and beside it one recording or video at a time, so that pictures do not wait for videos. */
  readonly pictures: RunSerially;
  readonly recordings: RunSerially;
  /** When it aborts, reading ends. */
  readonly stop: AbortSignal;
}

/** A file's type by its bytes, and its size, length and preview where it can be decoded safely. */
export async function inspect(
  parts: InspectParts,
  { path }: Pick<MediaFile, "path">,
  kind: MediaKind,
): Promise<Inspected> {
  const mimetype = soundOnly(await sniff(path), kind);
  const [family] = mimetype.split("/");
  // What was sent as a file is opened by nobody on the way.
  if (kind === "file") return { mimetype };
  // HEIC is not among the pictures: its decoder is in no build that may be given away.
  if (PICTURES.has(mimetype)) {
    const { describeImage } = await import("./describe-image.ts");
    const picture = await parts.pictures(() => describeImage(path));
    return picture ? { mimetype, ...picture } : { mimetype: OPAQUE };
  }
  if (family === "video") return { mimetype, ...(await video(parts, path, mimetype)) };
  if (family === "audio") return { mimetype, ...(await recording(parts, path, mimetype, kind)) };
  return { mimetype };
}

/** Describes a video by ffmpeg, and by the file's headers where ffmpeg is missing or does not tell. */
async function video(
  { ffmpeg, recordings, stop }: InspectParts,
  path: string,
  mimetype: string,
): Promise<Omit<Inspected, "mimetype">> {
  const { describeVideo } = await import("./describe-video.ts");
  const seen = ffmpeg ? await recordings(() => describeVideo(ffmpeg, path, mimetype)) : {};
  if (seen.seconds !== undefined && seen.width !== undefined) return seen;
  const { recordingFacts } = await import("./recording-facts.ts");
  const { seconds, picture } = await recordings(() => recordingFacts(path, mimetype, stop));
  return { ...(seconds === undefined ? {} : { seconds }), ...picture, ...seen };
}

async function recording(
  { ffmpeg, recordings, stop }: InspectParts,
  path: string,
  mimetype: string,
  kind: MediaKind,
): Promise<Pick<Inspected, "seconds" | "waveform">> {
  const { describeAudio, describeVoice } = await import("./describe-audio.ts");
  const describe = kind === "voice" ? describeVoice : describeAudio;
  const heard = ffmpeg ? await recordings(() => describe(ffmpeg, path, mimetype)) : {};
  if (heard.seconds !== undefined) return heard;
  const { recordingFacts } = await import("./recording-facts.ts");
  const { seconds, sounds } = await recordings(() => recordingFacts(path, mimetype, stop));
  return seconds === undefined || sounds === false ? heard : { ...heard, seconds };
}

/** The MIME type of a container that may hold video or sound: the audio type where it was sent as a recording. */
export function soundOnly(mimetype: string, kind: MediaKind): string {
  const sounds = kind === "voice" || kind === "audio";
  return sounds ? mimetype.replace(/^video\/(?=mp4$|webm$|ogg$)/, "audio/") : mimetype;
}
