import type { BodyRange } from "./attachment.ts";
import { contactFrom } from "./contact-card.ts";
import type { DataMessage, DataPayload, Quote, Sticker, Target } from "./data-message.ts";
import { attachmentFrom, previewsFrom, rangesFrom } from "./decode-attachment.ts";
import { optional, required, requiredTime, timeFrom } from "./fields.ts";
import type {
  DataMessage as DataMessageMessage,
  DataMessage_Quote as QuoteMessage,
  DataMessage_Sticker as StickerMessage,
} from "./gen/data-message_pb.js";
import { DATA_FLAG, PROTOCOL } from "./numbers.ts";
import { readAci } from "./service-id.ts";

/** Throws `malformed` for a message without a time, and for a reaction, deletion or vote without a target. */
export function dataMessageFrom(message: DataMessageMessage): DataMessage {
  const { groupV2: group } = message;
  return {
    timestamp: requiredTime(message.timestamp, "a data message"),
    timer: { seconds: message.expireTimer, version: message.expireTimerVersion },
    ...optional("profileKey", message.profileKey),
    ...optional(
      "group",
      group && {
        masterKey: group.masterKey,
        revision: group.revision,
        ...optional("change", group.groupChange),
      },
    ),
    payload: payloadFrom(message),
  };
}

function payloadFrom(message: DataMessageMessage): DataPayload {
  if (message.requiredProtocolVersion > PROTOCOL.newest) return { kind: "unknown" };
  return flagged(message) ?? aboutAnother(message) ?? withoutContent(message) ?? contentFrom(message);
}

function flagged({ flags }: DataMessageMessage): DataPayload | undefined {
  if ((flags & DATA_FLAG.timer) !== 0) return { kind: "timer" };
  if ((flags & DATA_FLAG.profileKey) !== 0) return { kind: "profileKey" };
  if ((flags & DATA_FLAG.endSession) !== 0) return { kind: "endSession" };
  return undefined;
}

function aboutAnother(message: DataMessageMessage): DataPayload | undefined {
  const { reaction, pollVote: vote, pinMessage, unpinMessage, adminDelete, storyContext } = message;
  if (storyContext !== undefined) return { kind: "storyReply", body: reaction?.emoji ?? message.body };
  if (reaction !== undefined) {
    const { emoji, remove, targetAuthorAci, targetAuthorAciBinary, targetSentTimestamp } = reaction;
    const target = targetFrom(targetSentTimestamp, targetAuthorAciBinary, targetAuthorAci);
    return { kind: "reaction", emoji, remove, target: required(target, "a reaction's target") };
  }
  if (message.delete !== undefined)
    return { kind: "delete", target: requiredTime(message.delete.targetSentTimestamp, "a deletion") };
  if (vote !== undefined) {
    const target = targetFrom(vote.targetSentTimestamp, vote.targetAuthorAciBinary);
    const chosen = { options: vote.optionIndexes, count: vote.voteCount };
    return { kind: "pollVote", target: required(target, "a vote's poll"), ...chosen };
  }
  if (message.pollTerminate !== undefined)
    return {
      kind: "pollEnd",
      target: requiredTime(message.pollTerminate.targetSentTimestamp, "a poll's end"),
    };
  const pin = pinMessage ?? unpinMessage;
  if (pin !== undefined) {
    const target = targetFrom(pin.targetSentTimestamp, pin.targetAuthorAciBinary);
    return { kind: "pin", pinned: pinMessage !== undefined, target: required(target, "a pinned message") };
  }
  if (adminDelete === undefined) return undefined;
  const target = targetFrom(adminDelete.targetSentTimestamp, adminDelete.targetAuthorAciBinary);
  return { kind: "adminDelete", target: required(target, "a deletion's target") };
}

function withoutContent(message: DataMessageMessage): DataPayload | undefined {
  if (message.groupCallUpdate !== undefined) return { kind: "groupCall" };
  if (message.payment !== undefined)
    return { kind: "payment", ...optional("note", message.payment.notification?.note) };
  if (message.giftBadge !== undefined) return { kind: "gift" };
  return message.isViewOnce ? { kind: "viewOnce" } : undefined;
}

function contentFrom(message: DataMessageMessage): DataPayload {
  const { body, sticker, contact, pollCreate: poll } = message;
  const quote = optional("quote", message.quote && quoteFrom(message.quote));
  if (sticker !== undefined) return { kind: "sticker", sticker: stickerFrom(sticker), ...quote };
  if (contact.length > 0) return { kind: "contacts", contacts: contact.map(contactFrom), ...quote };
  if (poll !== undefined)
    return { kind: "poll", question: poll.question, multiple: poll.allowMultiple, options: poll.options };
  const ranges: BodyRange[] = rangesFrom(message.bodyRanges);
  const attachments = message.attachments.map(attachmentFrom);
  const previews = previewsFrom(message.preview);
  if (body === "" && attachments.length === 0 && previews.length === 0 && quote.quote === undefined)
    return { kind: message.$unknown ? "unknown" : "nothing" };
  return { kind: "message", body, ranges, attachments, previews, ...quote };
}

const stickerFrom = ({ packId, packKey, stickerId, data, emoji }: StickerMessage): Sticker => ({
  packId,
  packKey,
  stickerId,
  ...optional("data", data && attachmentFrom(data)),
  ...optional("emoji", emoji),
});

/** Undefined where it does not say what it quotes. */
function quoteFrom(quote: QuoteMessage): Quote | undefined {
  const target = targetFrom(quote.id, quote.authorAciBinary, quote.authorAci);
  if (target === undefined) return undefined;
  return {
    target,
    text: quote.text,
    ranges: rangesFrom(quote.bodyRanges),
    attachments: quote.attachments.map(({ contentType, fileName, thumbnail }) => ({
      ...optional("contentType", contentType),
      ...optional("fileName", fileName),
      ...optional("thumbnail", thumbnail && attachmentFrom(thumbnail)),
    })),
  };
}

/** Undefined where the author or the time is missing. */
export function targetFrom(sentAt: bigint, binary: Uint8Array, text?: string): Target | undefined {
  const author = readAci(text, binary);
  const timestamp = timeFrom(sentAt);
  return author === undefined || timestamp === undefined ? undefined : { author, timestamp };
}
