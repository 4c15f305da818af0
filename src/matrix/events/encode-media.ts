import type { Part } from "../../core/model/content.ts";
import type { Found, HomeserverFile, Media, MediaKind } from "../../core/model/media.ts";
import { cleanFileName } from "../../core/model/names.ts";
import type { EncodedEvent, MatrixEncoder } from "../../core/ports/homeserver.ts";
import { encodeRichBody } from "../../translate/message-text.ts";
import { fits, textContents } from "./encode-text.ts";
import { encryptedFile } from "./encrypted-file.ts";
import { fromPercent } from "./waveform.ts";

type MediaPart = Extract<Part, { kind: "media" }>;

const msgtypes: Readonly<Record<MediaKind, string>> = {
  image: "m.image",
  voice: "m.audio",
  audio: "m.audio",
  video: "m.video",
  gif: "m.video",
  file: "m.file",
};

/** The name of a file without one, by its kind; the ending is by the sender's MIME type. */
const unnamed: Readonly<Record<MediaKind, string>> = {
  image: "Image",
  voice: "Voice message",
  audio: "Audio",
  video: "Video",
  gif: "GIF",
  file: "File",
};

const ENDINGS: ReadonlyMap<string, string> = new Map([
  ["image/jpeg", "jpg"],
  ["image/png", "png"],
  ["image/webp", "webp"],
  ["image/gif", "gif"],
  ["video/mp4", "mp4"],
  ["video/3gpp", "3gp"],
  ["audio/ogg", "ogg"],
  ["audio/mpeg", "mp3"],
  ["audio/mp4", "m4a"],
  ["audio/aac", "aac"],
  ["application/pdf", "pdf"],
]);

const bareType = (mimetype: string): string => (mimetype.split(";")[0] ?? "").trim().toLowerCase();

function nameOf({ kind, name, mimetype }: Media): string {
  const clean = name === undefined ? undefined : cleanFileName(name);
  if (clean !== undefined) return clean;
  const ending = ENDINGS.get(bareType(mimetype));
  return ending === undefined ? unnamed[kind] : `${unnamed[kind]}.${ending}`;
}

/** The event of a file that is not at the homeserver yet, and the pieces of a caption that is too long for it. */
export function mediaEvents({ media, caption }: MediaPart): readonly EncodedEvent[] {
  const type = "m.room.message";
  const filename = nameOf(media);
  const bareContent = { msgtype: msgtypes[media.kind], filename };
  const captioned = { ...bareContent, ...(caption && captionOf(caption, filename)) };
  const whole = caption !== undefined && fits(captioned, 40_000);
  const content = whole ? captioned : { ...bareContent, body: filename, "m.mentions": {} };
  const rest = caption === undefined || whole ? [] : textContents({ style: "text", body: caption });
  return [{ type, content, media }, ...rest.map((text) => ({ type, content: text }))];
}

/** The caption as body; clients take one that equals the file name for the name, so it gets a space. */
function captionOf(caption: NonNullable<MediaPart["caption"]>, filename: string) {
  const body = encodeRichBody(caption);
  return body.body === filename ? { ...body, body: `${body.body} ` } : body;
}

/** Adds the file's address and what the media tools found it to be. */
export const attach: MatrixEncoder["attach"] = (content, media, at, found) => {
  const kind = shownAs(media.kind, found);
  const duration = milliseconds(found.seconds ?? media.seconds);
  const lasts = kind !== "image" && kind !== "file" && duration !== undefined;
  const visual = kind === "image" || kind === "video" || kind === "gif";
  const info = {
    mimetype: bareType(found.mimetype),
    size: at.size,
    ...(visual ? sizes(media, found) : {}),
    ...(lasts ? { duration } : {}),
    ...(visual ? previewInfo(at.thumbnail, found) : {}),
    ...(kind === "gif" ? LOOPS : {}),
  };
  const recording = kind === "voice" || kind === "audio" ? audioInfo(media, found, duration) : {};
  const voice = kind === "voice" ? { "org.matrix.msc3245.voice": {} } : {};
  return { ...content, msgtype: msgtypes[kind], ...addressOf(at), info, ...recording, ...voice };
};

const LOOPS = {
  "fi.mau.gif": true,
  "fi.mau.loop": true,
  "fi.mau.autoplay": true,
  "fi.mau.hide_controls": true,
  "fi.mau.no_audio": true,
} as const;

/** The kind to show it as: a file whose bytes are of another type than its kind is a plain file, which no client plays. */
function shownAs(kind: MediaKind, { mimetype }: Found): MediaKind {
  const type = bareType(mimetype);
  switch (kind) {
    case "image":
      return type.startsWith("image/") && type !== "image/svg+xml" ? kind : "file";
    case "video":
    case "gif":
      return type.startsWith("video/") ? kind : "file";
    case "voice":
    case "audio":
      return type.startsWith("audio/") || type === "application/ogg" ? kind : "file";
    case "file":
      return kind;
  }
}

function sizes(media: Media, found: Found): object {
  const [w, h] = [pixels(found.width ?? media.width), pixels(found.height ?? media.height)];
  return w === undefined || h === undefined ? {} : { w, h };
}

const addressOf = ({ uri, key }: HomeserverFile): object =>
  key === undefined ? { url: uri } : { file: encryptedFile(uri, key) };

function thumbnailAt({ uri, key }: HomeserverFile): object {
  return key === undefined ? { thumbnail_url: uri } : { thumbnail_file: encryptedFile(uri, key) };
}

function previewInfo(at: HomeserverFile | undefined, { thumbnail, blurhash }: Found): object {
  const shown =
    at === undefined || thumbnail === undefined
      ? {}
      : {
          ...thumbnailAt(at),
          thumbnail_info: {
            w: thumbnail.width,
            h: thumbnail.height,
            mimetype: "image/jpeg",
            size: thumbnail.size,
          },
        };
  return { ...shown, ...(blurhash === undefined ? {} : { "xyz.amorgan.blurhash": blurhash }) };
}

/** MSC1767 and MSC3246 as clients read them. */
function audioInfo(media: Media, found: Found, duration: number | undefined): object {
  const waveform = found.waveform ?? media.waveform;
  return {
    "org.matrix.msc1767.audio": {
      ...(duration === undefined ? {} : { duration }),
      ...(waveform === undefined || waveform.length === 0 ? {} : { waveform: fromPercent(waveform) }),
    },
  };
}

const pixels = (value: number | undefined): number | undefined =>
  value !== undefined && Number.isSafeInteger(value) && value > 0 ? value : undefined;

const milliseconds = (seconds: number | undefined): number | undefined =>
  seconds !== undefined && Number.isFinite(seconds) && seconds >= 0 ? Math.round(seconds * 1000) : undefined;
