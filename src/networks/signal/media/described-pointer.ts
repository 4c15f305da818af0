import { randomUUID } from "node:crypto";
import type { Inspected, Media, MediaKind } from "../../../core/model/media.ts";
import type { AttachmentPointer } from "../wire/attachment.ts";
import type { Uploaded } from "./upload.ts";

/** An uploaded file as the message describes it: by what was found in the file, not by what its sender said. */
export function describedPointer(
  uploaded: Uploaded,
  kind: MediaKind,
  { name }: Pick<Media, "name">,
  { mimetype, width, height, blurhash }: Inspected,
): AttachmentPointer {
  const isShown = kind === "image" || kind === "video" || kind === "gif";
  const hasSides = isShown && width !== undefined && height !== undefined;
  return {
    ...uploaded,
    contentType: mimetype,
    // Pictures and videos have no name in Signal's apps, and their sender's may tell what it should not.
    ...(name !== undefined && (kind === "file" || kind === "audio") && { fileName: name }),
    ...(hasSides && { width, height }),
    ...(isShown && blurhash !== undefined && { blurHash: blurhash }),
    voice: kind === "voice",
    gif: kind === "gif",
    borderless: false,
    clientUuid: Uint8Array.from(Buffer.from(randomUUID().replaceAll("-", ""), "hex")),
  };
}
