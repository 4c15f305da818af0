import type { Capabilities } from "../../core/capabilities.ts";
import type { MediaFile, MediaKind, MediaTools } from "../../core/media.ts";

/** A recording as the network's phones play it: Opus in Ogg, mono. Undefined where it is none and cannot be made one. */
export async function voiceNote(tools: MediaTools, recording: MediaFile): Promise<MediaFile | undefined> {
  return (await isOpus(recording)) ? sameFile(recording) : tools.toVoiceNote(recording);
}

/** How a recording goes that could not be made a voice note. */
export function plainRecording(
  mimetype: string,
  granted: Capabilities,
  network: string,
): { readonly kind: MediaKind; readonly remark: string } {
  const remark = `${network} takes voice notes in Opus only, and this bridge could not convert your recording (that takes ffmpeg). It was sent as an audio file.`;
  const [plain = ""] = mimetype.split(";");
  const limit = granted.media.audio ?? granted.media.voice;
  const taken = limit !== undefined && (limit.mimetypes.length === 0 || limit.mimetypes.includes(plain));
  return { kind: taken ? "audio" : "file", remark };
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

/** Somebody else disposes of it. */
function sameFile(file: MediaFile): MediaFile {
  const { size, path } = file;
  return { size, path, read: () => file.read(), [Symbol.asyncDispose]: async () => undefined };
}
