import { type Inspected, type MediaFile, type MediaKind, PICTURES } from "../core/model/media.ts";
import type { Ffmpeg } from "./ffmpeg.ts";
import { OPAQUE, sniff } from "./sniff.ts";

export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

interface InspectParts {
  /** Undefined where the machine has none. */
  readonly ffmpeg: Ffmpeg | undefined;
  /** Pictures, and recordings and videos, one at a time each: neither waits long for the other. */
  readonly pictures: InTurn;
  readonly films: InTurn;
  /** Ends what is being read. */
  readonly stop: AbortSignal;
}

/** What a file is by its bytes, and what they show, as far as it is safe to look. */
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

/** ffmpeg sees the most; what it does not say, or where there is none, the file's own headers do. */
async function video(
  { ffmpeg, films, stop }: InspectParts,
  path: string,
  mimetype: string,
): Promise<Omit<Inspected, "mimetype">> {
  const { describeVideo } = await import("./describe-video.ts");
  const seen = ffmpeg ? await films(() => describeVideo(ffmpeg, path, mimetype)) : {};
  if (seen.seconds !== undefined && seen.width !== undefined) return seen;
  const { recordingFacts } = await import("./recording-facts.ts");
  const { seconds, picture } = await films(() => recordingFacts(path, mimetype, stop));
  return { ...(seconds === undefined ? {} : { seconds }), ...picture, ...seen };
}

async function recording(
  { ffmpeg, films, stop }: InspectParts,
  path: string,
  mimetype: string,
  kind: MediaKind,
): Promise<Pick<Inspected, "seconds" | "waveform">> {
  const { describeAudio, describeVoice } = await import("./describe-audio.ts");
  const describe = kind === "voice" ? describeVoice : describeAudio;
  const heard = ffmpeg ? await films(() => describe(ffmpeg, path, mimetype)) : {};
  if (heard.seconds !== undefined) return heard;
  const { recordingFacts } = await import("./recording-facts.ts");
  const { seconds, sounds } = await films(() => recordingFacts(path, mimetype, stop));
  return seconds === undefined || sounds === false ? heard : { ...heard, seconds };
}

/** Containers of both are told apart by what they were sent as. */
export function soundOnly(mimetype: string, kind: MediaKind): string {
  const sounds = kind === "voice" || kind === "audio";
  return sounds ? mimetype.replace(/^video\/(?=mp4$|webm$|ogg$)/, "audio/") : mimetype;
}
