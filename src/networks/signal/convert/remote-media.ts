import type { Part } from "../../../core/model/content.ts";
import type { Media, MediaKind } from "../../../core/model/media.ts";
import { cleanFileName } from "../../../core/model/names.ts";
import type { RichText } from "../../../core/model/rich-text.ts";
import { attachmentRef } from "../media/media-ref.ts";
import type { AttachmentPointer } from "../wire/attachment.ts";

const LARGEST_SIDE = 65_535;
const MIMETYPE = /^[a-z0-9!#$&^_.+-]{1,64}\/[a-z0-9!#$&^_.+-]{1,64}/i;
const BINARY = "application/octet-stream";

/** A file as its sender described it, within bounds; words in its place where it cannot be fetched by what they sent. */
export function attachedFile(pointer: AttachmentPointer, caption?: RichText): Part {
  const media = mediaOf(pointer);
  if (media !== undefined) return { kind: "media", media, ...(caption && { caption }) };
  const words = "(There was a file here that cannot be fetched: its sender's app did not say where it is.)";
  const text = caption === undefined ? words : `${caption.text}\n${words}`;
  return { kind: "text", style: "text", body: { text, spans: caption?.spans ?? [] } };
}

/** A file as its sender described it; undefined where it cannot be fetched by what they sent. */
export function mediaOf(pointer: AttachmentPointer): Media | undefined {
  const ref = attachmentRef(pointer);
  if (ref === undefined) return undefined;
  const { width, height, fileName, size } = pointer;
  const mimetype = mimetypeOf(pointer);
  const kind = kindOf(pointer, mimetype);
  const name = fileName === undefined ? undefined : cleanFileName(fileName);
  const isShown = kind === "image" || kind === "video" || kind === "gif";
  return {
    kind,
    source: { at: "network", ref },
    mimetype,
    size,
    ...(name !== undefined && { name }),
    ...(isShown && isSide(width) && isSide(height) && { width, height }),
  };
}

export function mimetypeOf({ contentType }: Pick<AttachmentPointer, "contentType">): string {
  return (MIMETYPE.exec(contentType ?? "")?.[0] ?? BINARY).toLowerCase();
}

export function kindOf(
  { voice, gif }: Pick<AttachmentPointer, "voice" | "gif">,
  mimetype: string,
): MediaKind {
  const [type] = mimetype.split("/");
  if (type === "audio") return voice ? "voice" : "audio";
  if (type === "video") return gif ? "gif" : "video";
  return type === "image" ? "image" : "file";
}

function isSide(pixels: number | undefined): pixels is number {
  return pixels !== undefined && pixels > 0 && pixels <= LARGEST_SIDE;
}
