import type { MediaFile, MediaTools } from "../../../core/model/media.ts";

/**
 * A recording as the network's phones play it: Opus in Ogg, mono. Undefined where it is no recording or cannot be
 * converted.
 */
export async function voiceNote(tools: MediaTools, recording: MediaFile): Promise<MediaFile | undefined> {
  return (await isOpus(recording)) ? recording : tools.toVoiceNote(recording);
}

/** RFC 7845: the first Ogg page holds the Opus header alone, after 28 bytes of page header. */
async function isOpus(recording: MediaFile): Promise<boolean> {
  let head = Buffer.alloc(0);
  for await (const chunk of recording.read()) {
    head = Buffer.concat([head, chunk.subarray(0, 64)]);
    if (head.length >= 36) break;
  }
  return head.toString("latin1", 0, 4) === "OggS" && head.toString("latin1", 28, 36) === "OpusHead";
}
