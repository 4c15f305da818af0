import type { Part } from "../../core/model/content.ts";
import type { HomeserverFile, Media, MediaKind } from "../../core/model/media.ts";
import { cleanFileName } from "../../core/model/names.ts";
import { decodeRichBody } from "../../translate/message-text.ts";
import { fieldOf } from "../http/json.ts";
import { parseMxc } from "../http/mxc.ts";
import { encryptedFileIn } from "./encrypted-file.ts";
import { toPercent } from "./waveform.ts";

export type DecodedPart =
  | { readonly kind: "part"; readonly part: Part }
  | { readonly kind: "unsupported"; readonly what: string };

type Content = Readonly<Record<string, unknown>>;

const MIMETYPE =
  /^[a-z0-9][a-z0-9.+-]{0,63}\/[a-z0-9][a-z0-9.+-]{0,63}(?:; *[a-z0-9.+-]{1,32}=[a-z0-9.+"-]{1,64}){0,3}$/;
const LONGEST_SECONDS = 7 * 86_400;
const VOICE = ["org.matrix.msc3245.voice", "org.matrix.msc3245.voice.v2", "m.voice"] as const;

const kinds: ReadonlyMap<unknown, MediaKind> = new Map([
  ["m.image", "image"],
  ["m.video", "video"],
  ["m.audio", "audio"],
  ["m.file", "file"],
] as const);

/** The file of an `m.image`, `m.video`, `m.audio` or `m.file`; undefined where the content is of another msgtype. */
export function decodeMedia(content: Content): DecodedPart | undefined {
  const plain = kinds.get(content["msgtype"]);
  return plain === undefined ? undefined : decodeFile(content, plain);
}

/** The file of any content with a `url` or `file`, of the kind that its msgtype and markers ask for. */
export function decodeFile(content: Content, plain: MediaKind): DecodedPart {
  const kind = kindOf(plain, content);
  const named = typeof content["filename"] === "string" ? content["filename"] : undefined;
  const body = typeof content["body"] === "string" ? content["body"] : "";
  const media = mediaOf(content, kind, named ?? body);
  if (typeof media === "string") return { kind: "unsupported", what: media };
  const caption = captionOf(content, kind, named, body);
  return { kind: "part", part: { kind: "media", media, ...(caption ? { caption } : {}) } };
}

/** An `m.sticker` (spec: Stickers) as an image; its body describes it and is no file name. */
export function decodeSticker(content: Content): DecodedPart {
  const media = mediaOf(content, "image", "");
  return typeof media === "string"
    ? { kind: "unsupported", what: media }
    : { kind: "part", part: { kind: "media", media } };
}

function kindOf(plain: MediaKind, content: Content): MediaKind {
  if (plain === "audio" && VOICE.some((key) => Object.hasOwn(content, key))) return "voice";
  const info = fieldOf(content, "info");
  const loops = fieldOf(info, "fi.mau.gif") === true || fieldOf(info, "fi.mau.loop") === true;
  return plain === "video" && loops ? "gif" : plain;
}

/** The body, where it differs from the file name and so is a caption (MSC2530). */
function captionOf(content: Content, kind: MediaKind, named: string | undefined, body: string) {
  if (named === undefined || body === named || body.trim() === "") return undefined;
  // Some clients write “Voice message” into the body, where others write the file name.
  if (kind === "voice" && /^voice message\b/i.test(body)) return undefined;
  const caption = decodeRichBody(content, body);
  return caption.text.trim() === "" ? undefined : caption;
}

/** The file that clients show, or what of it cannot be used, in words. */
function fileIn(content: Content): HomeserverFile | string {
  const [uri, encrypted] = [fieldOf(content, "url"), fieldOf(content, "file")];
  const isEncrypted = typeof encrypted === "object" && encrypted !== null;
  const file = isEncrypted ? encryptedFileIn(encrypted) : "a file without an address";
  return typeof file === "string" && parseMxc(uri) !== undefined ? { uri: uri as string } : file;
}

function mediaOf(content: Content, kind: MediaKind, name: string): Media | string {
  const file = fileIn(content);
  if (typeof file === "string") return file;
  const info = fieldOf(content, "info");
  const audio = fieldOf(content, "org.matrix.msc1767.audio") ?? fieldOf(content, "m.audio");
  const waveform = kind === "voice" || kind === "audio" ? toPercent(fieldOf(audio, "waveform")) : undefined;
  return {
    kind,
    source: { at: "homeserver", ...file },
    mimetype: mimetypeOf(fieldOf(info, "mimetype")),
    ...optional("name", cleanFileName(name)),
    ...optional("size", count(fieldOf(info, "size"), 0)),
    ...optional("width", count(fieldOf(info, "w"), 1)),
    ...optional("height", count(fieldOf(info, "h"), 1)),
    ...optional("seconds", seconds(fieldOf(info, "duration") ?? fieldOf(audio, "duration"))),
    ...optional("waveform", waveform),
  };
}

function optional<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, V>);
}

const count = (value: unknown, least: number): number | undefined =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= least ? value : undefined;

/** A duration in milliseconds as whole seconds, at least one. */
function seconds(ms: unknown): number | undefined {
  if (typeof ms !== "number" || !Number.isFinite(ms) || ms <= 0) return undefined;
  return Math.min(LONGEST_SECONDS, Math.max(1, Math.round(ms / 1000)));
}

function mimetypeOf(value: unknown): string {
  const type = typeof value === "string" && value.length <= 200 ? value.trim().toLowerCase() : "";
  return MIMETYPE.test(type) ? type : "application/octet-stream";
}
