import type { Media, MediaKind } from "../../../core/model/media.ts";
import { cleanFileName } from "../../../core/model/names.ts";
import type { MediaUse } from "../wire/media-crypto.ts";
import type { ContentPlaintext } from "../wire/plaintext-kinds.ts";
import { writeMediaRef } from "./media-ref.ts";

export type FilePlaintext = Extract<ContentPlaintext, { readonly media: unknown }>;

const LARGEST_SIDE = 65_535;
const LONGEST_SECONDS = 7 * 24 * 3_600;
const MAX_BARS = 256;
const MIMETYPE = /^[a-z0-9!#$&^_.+-]{1,64}\/[a-z0-9!#$&^_.+-]{1,64}/i;

/** A contact's file as its sender described it, within bounds; what it really is shows only when it is fetched. */
export function remoteMedia(file: FilePlaintext): Media {
  const { media } = file;
  const source = { at: "network", ref: writeMediaRef(media, useOf(file)) } as const;
  const mimetype = (MIMETYPE.exec(media.mimetype)?.[0] ?? "application/octet-stream").toLowerCase();
  const base = { kind: kindOf(file), source, mimetype, size: media.fileLength };
  switch (file.kind) {
    case "image":
    case "sticker":
      return { ...base, ...dimensionsOf(file) };
    case "video":
      return { ...base, ...dimensionsOf(file), ...durationOf(file.seconds) };
    case "audio":
      return { ...base, ...durationOf(file.seconds), ...waveformOf(file.waveform) };
    case "document":
      return {
        ...base,
        ...(file.fileName === undefined ? {} : { name: cleanFileName(file.fileName) ?? "file" }),
      };
  }
}

/** The use of a file for its keys: GIFs are videos, stickers images. */
function useOf({ kind }: Pick<FilePlaintext, "kind">): MediaUse {
  return kind === "sticker" ? "image" : kind;
}

function kindOf(file: FilePlaintext): MediaKind {
  switch (file.kind) {
    case "image":
    case "sticker":
      return "image";
    case "video":
      return file.gif ? "gif" : "video";
    case "audio":
      return file.voice ? "voice" : "audio";
    case "document":
      return "file";
  }
}

function dimensionsOf({ width, height }: { readonly width?: number; readonly height?: number }) {
  return isSide(width) && isSide(height) ? { width, height } : {};
}

function isSide(pixels: number | undefined): pixels is number {
  return pixels !== undefined && Number.isInteger(pixels) && pixels > 0 && pixels <= LARGEST_SIDE;
}

function durationOf(seconds: number | undefined) {
  return seconds !== undefined && seconds > 0 && seconds <= LONGEST_SECONDS ? { seconds } : {};
}

function waveformOf(waveform: Uint8Array | undefined) {
  if (!waveform || waveform.length === 0) return {};
  return { waveform: Array.from(waveform.subarray(0, MAX_BARS), (bar) => Math.min(100, bar)) };
}
