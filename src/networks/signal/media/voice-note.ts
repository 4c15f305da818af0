import type { MediaFile, MediaTools } from "../../../core/model/media.ts";

/** In which every app of Signal's plays a recording. */
const PLAYED: ReadonlySet<string> = new Set(["audio/aac", "audio/mp4", "audio/mpeg"]);

/** As people write them. */
export const voiceFormats = "AAC or MP3";

/**
 * A recording as all of Signal's apps play it: as it is where they do, else AAC in ADTS, which Android's app records and
 * the others play (signalapp/Signal-iOS#1321). Opus, which Matrix clients record, an iPhone shows and does not play
 * (signalapp/Signal-iOS#5771). Undefined where it cannot be converted.
 */
export async function voiceNote(
  tools: Pick<MediaTools, "inspect" | "toVoiceNote">,
  recording: MediaFile,
): Promise<MediaFile | undefined> {
  const { mimetype } = await tools.inspect(recording, "voice");
  return PLAYED.has(mimetype) ? recording : tools.toVoiceNote(recording, "aac");
}
