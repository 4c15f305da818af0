import type { MessageInitShape } from "@bufbuild/protobuf";
import type { AttachmentPointer, BodyRange } from "./attachment.ts";
import { contactFields } from "./contact-card.ts";
import type { DataMessage, DataPayload, Quote } from "./data-message.ts";
import { optional } from "./fields.ts";
import type { AttachmentPointerSchema, BodyRangeSchema, PreviewSchema } from "./gen/attachment_pb.js";
import type { DataMessageSchema, DataMessage_QuoteSchema as QuoteSchema } from "./gen/data-message_pb.js";
import { ATTACHMENT_FLAG, DATA_FLAG, PROTOCOL, STYLE } from "./numbers.ts";
import { serviceIdBytes } from "./service-id.ts";

type Data = Exclude<MessageInitShape<typeof DataMessageSchema>, { $typeName: string }>;

/** What the bridge says in a chat. */
export type SentPayload = Extract<
  DataPayload,
  {
    readonly kind:
      | "message"
      | "contacts"
      | "reaction"
      | "delete"
      | "adminDelete"
      | "timer"
      | "profileKey"
      | "nothing";
  }
>;

/** A message of ours, in the chat's state. */
export interface SentMessage extends Omit<DataMessage, "payload"> {
  readonly payload: SentPayload;
}

export const dataFields = ({ timestamp, timer, profileKey, group, payload }: SentMessage): Data => ({
  timestamp: BigInt(timestamp),
  ...optional("groupV2", group && groupFields(group)),
  expireTimer: timer.seconds,
  ...optional("expireTimerVersion", timer.version),
  ...optional("profileKey", profileKey),
  ...payloadFields(payload),
});

function payloadFields(payload: SentPayload): Data {
  switch (payload.kind) {
    case "message": {
      const { body, ranges, attachments, previews, quote } = payload;
      const mentions = [...ranges, ...(quote?.ranges ?? [])].some(({ mark }) => "mention" in mark);
      return {
        ...optional("body", body),
        bodyRanges: ranges.map(rangeFields),
        attachments: attachments.map(attachmentFields),
        preview: previews.map(
          ({ url, title, description, image }): MessageInitShape<typeof PreviewSchema> => ({
            url,
            ...optional("title", title),
            ...optional("description", description),
            ...optional("image", image && attachmentFields(image)),
          }),
        ),
        ...optional("quote", quote && quoteFields(quote)),
        ...(mentions ? { requiredProtocolVersion: PROTOCOL.mentions } : {}),
      };
    }
    case "contacts": {
      const { contacts, quote } = payload;
      return { contact: contacts.map(contactFields), ...optional("quote", quote && quoteFields(quote)) };
    }
    case "reaction": {
      const { emoji, remove, target } = payload;
      return {
        reaction: {
          emoji,
          remove,
          targetSentTimestamp: BigInt(target.timestamp),
          targetAuthorAci: target.author,
          targetAuthorAciBinary: serviceIdBytes(target.author),
        },
        requiredProtocolVersion: PROTOCOL.reactions,
      };
    }
    case "delete":
      return { delete: { targetSentTimestamp: BigInt(payload.target) } };
    case "adminDelete": {
      const { author, timestamp } = payload.target;
      const target = {
        targetSentTimestamp: BigInt(timestamp),
        targetAuthorAciBinary: serviceIdBytes(author),
      };
      return { adminDelete: target };
    }
    case "timer":
      return { flags: DATA_FLAG.timer };
    case "profileKey":
      return { flags: DATA_FLAG.profileKey };
    case "nothing":
      return {};
  }
}

const groupFields = ({
  masterKey,
  revision,
  change,
}: NonNullable<DataMessage["group"]>): NonNullable<Data["groupV2"]> => ({
  masterKey,
  revision,
  ...optional("groupChange", change),
});

const quoteFields = ({ target, text, ranges, attachments }: Quote): MessageInitShape<typeof QuoteSchema> => ({
  id: BigInt(target.timestamp),
  authorAci: target.author,
  authorAciBinary: serviceIdBytes(target.author),
  text,
  bodyRanges: ranges.map(rangeFields),
  attachments: attachments.map(({ contentType, fileName, thumbnail }) => ({
    ...optional("contentType", contentType),
    ...optional("fileName", fileName),
    ...optional("thumbnail", thumbnail && attachmentFields(thumbnail)),
  })),
  type: 0,
});

const rangeFields = ({ start, length, mark }: BodyRange): MessageInitShape<typeof BodyRangeSchema> => ({
  start,
  length,
  ...("mention" in mark
    ? { mentionAci: mark.mention, mentionAciBinary: serviceIdBytes(mark.mention) }
    : { style: STYLE.numberOf[mark.style] }),
});

function attachmentFields({
  cdn,
  voice,
  gif,
  borderless,
  uploadedAt,
  ...pointer
}: AttachmentPointer): MessageInitShape<typeof AttachmentPointerSchema> {
  const bits =
    (voice ? ATTACHMENT_FLAG.voice : 0) |
    (gif ? ATTACHMENT_FLAG.gif : 0) |
    (borderless ? ATTACHMENT_FLAG.borderless : 0);
  return {
    ...pointer,
    cdnNumber: cdn,
    ...optional("flags", bits),
    ...(uploadedAt === undefined ? {} : { uploadTimestamp: BigInt(uploadedAt) }),
  };
}
