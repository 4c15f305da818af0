import type { AttachmentPointer, BodyRange, Preview } from "./attachment.ts";
import { optional, timeFrom } from "./fields.ts";
import type {
  AttachmentPointer as AttachmentPointerMessage,
  BodyRange as BodyRangeMessage,
  Preview as PreviewMessage,
} from "./gen/attachment_pb.js";
import { ATTACHMENT_FLAG, STYLE } from "./numbers.ts";
import { readAci } from "./service-id.ts";

export function attachmentFrom(message: AttachmentPointerMessage): AttachmentPointer {
  const { flags, cdnId } = message;
  return {
    cdn: message.cdnNumber,
    ...optional("cdnKey", message.cdnKey || (cdnId === 0n ? "" : cdnId.toString())),
    ...optional("key", message.key),
    ...optional("digest", message.digest),
    size: message.size,
    ...optional("incrementalMac", message.incrementalMac),
    ...optional("chunkSize", message.chunkSize),
    ...optional("contentType", message.contentType),
    ...optional("fileName", message.fileName),
    ...optional("caption", message.caption),
    ...optional("blurHash", message.blurHash),
    ...optional("width", message.width),
    ...optional("height", message.height),
    voice: (flags & ATTACHMENT_FLAG.voice) !== 0,
    gif: (flags & ATTACHMENT_FLAG.gif) !== 0,
    borderless: (flags & ATTACHMENT_FLAG.borderless) !== 0,
    ...optional("uploadedAt", timeFrom(message.uploadTimestamp)),
    ...optional("clientUuid", message.clientUuid),
  };
}

/** Without those that say nothing we know. */
export function rangesFrom(messages: readonly BodyRangeMessage[]): BodyRange[] {
  return messages.flatMap(({ start, length, ...message }) => {
    const mention = readAci(message.mentionAci, message.mentionAciBinary);
    const style = STYLE.nameOf(message.style);
    const mark = mention === undefined ? style && { style } : { mention };
    return mark === undefined ? [] : [{ start, length, mark }];
  });
}

export const previewsFrom = (messages: readonly PreviewMessage[]): Preview[] =>
  messages.map(({ url, title, description, image }) => ({
    url,
    ...optional("title", title),
    ...optional("description", description),
    ...optional("image", image && attachmentFrom(image)),
  }));
