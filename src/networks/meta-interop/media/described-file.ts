import type { Inspected, Media, MediaKind } from "../../../core/model/media.ts";
import type { FilePlaintext } from "../convert/remote-media.ts";
import type { MediaFile } from "../wire/plaintext-kinds.ts";
import { smallPreview } from "./small-preview.ts";

const BAR_COUNT = 64;
const LONGEST_SECONDS = 7 * 24 * 3_600;

/** A hosted file as the message describes it: by what was found in the file, else by what its sender said. */
export async function describedFile(
  kind: MediaKind,
  hosted: MediaFile,
  media: Media,
  found: Inspected,
): Promise<FilePlaintext> {
  const { name } = media;
  switch (kind) {
    case "image":
      return { kind: "image", media: hosted, ...(await imageFields(found)) };
    case "video":
    case "gif":
      return {
        kind: "video",
        media: hosted,
        gif: kind === "gif",
        ...(await imageFields(found)),
        ...durationField(media, found),
      };
    case "voice":
    case "audio": {
      const waveform = kind === "voice" ? waveformOf(found.waveform ?? media.waveform ?? []) : {};
      return {
        kind: "audio",
        media: hosted,
        voice: kind === "voice",
        ...durationField(media, found),
        ...waveform,
      };
    }
    case "file":
      return { kind: "document", media: hosted, ...(name === undefined ? {} : { fileName: name }) };
  }
}

async function imageFields({ width, height, thumbnail }: Inspected) {
  const preview = await smallPreview(thumbnail?.bytes);
  return {
    ...(width === undefined || height === undefined ? {} : { width, height }),
    ...(preview === undefined ? {} : { thumbnail: preview }),
  };
}

function durationField(media: Media, found: Inspected) {
  const seconds = Math.round(found.seconds ?? media.seconds ?? 0);
  return seconds > 0 && seconds <= LONGEST_SECONDS ? { seconds } : {};
}

/** 64 values from 0 to 100, each the loudest of its share. */
function waveformOf(loudness: readonly number[]) {
  if (loudness.length === 0) return {};
  const waveform = Uint8Array.from({ length: BAR_COUNT }, (_, bar) => {
    const start = Math.floor((bar * loudness.length) / BAR_COUNT);
    const end = Math.max(start + 1, Math.floor(((bar + 1) * loudness.length) / BAR_COUNT));
    const loudest = loudness.slice(start, end).reduce((most, one) => Math.max(most, one), 0);
    return Math.max(0, Math.min(100, Math.round(loudest) || 0));
  });
  return { waveform };
}
