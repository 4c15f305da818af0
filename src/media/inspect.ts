import { type Inspected, type MediaFile, type MediaKind, PICTURES } from "../core/media.ts";
import type { Ffmpeg } from "./ffmpeg.ts";
import { OPAQUE, sniff } from "./sniff.ts";

export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

interface Parts {
  /** Undefined where the machine has none. */
  readonly ffmpeg: Ffmpeg | undefined;
  /** Pictures, and what ffmpeg does, one at a time each: neither waits long for the other. */
  readonly pictures: InTurn;
  readonly films: InTurn;
}

/** What a file is by its bytes, and what they show, as far as it is safe to look. */
export async function inspect(
  { ffmpeg, pictures, films }: Parts,
  { path }: Pick<MediaFile, "path">,
  kind: MediaKind,
): Promise<Inspected> {
  const mimetype = soundOnly(await sniff(path), kind);
  const [family] = mimetype.split("/");
  // What was sent as a file is opened by nobody on the way.
  if (kind === "file") return { mimetype };
  // HEIC is not among the pictures: its decoder is in no build that may be given away.
  if (PICTURES.has(mimetype)) {
    const { describeImage } = await import("./image.ts");
    const picture = await pictures(() => describeImage(path));
    return picture ? { mimetype, ...picture } : { mimetype: OPAQUE };
  }
  if (!ffmpeg) return { mimetype };
  if (family === "video") {
    const { describeVideo } = await import("./video.ts");
    return { mimetype, ...(await films(() => describeVideo(ffmpeg, path, mimetype))) };
  }
  if (family !== "audio") return { mimetype };
  const { describeAudio, describeVoice } = await import("./audio.ts");
  const describe = kind === "voice" ? describeVoice : describeAudio;
  return { mimetype, ...(await films(() => describe(ffmpeg, path, mimetype))) };
}

/** Containers of both are told apart by what they were sent as. */
export function soundOnly(mimetype: string, kind: MediaKind): string {
  const sounds = kind === "voice" || kind === "audio";
  return sounds ? mimetype.replace(/^video\/(?=mp4$|webm$|ogg$)/, "audio/") : mimetype;
}
