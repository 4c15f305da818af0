import type { Proto } from "@signalapp/mock-server";
import { EMPTY_DATA_MESSAGE, proto } from "./mock-server.ts";

type Content = Proto.Content.Params;
type Bytes = Uint8Array<ArrayBuffer>;
export type DataMessage = Partial<Proto.DataMessage.Params>;
type SyncMessage = Proto.SyncMessage.Params;
export type RequestAnswer = "ACCEPT" | "DELETE" | "BLOCK" | "BLOCK_AND_DELETE" | "SPAM" | "BLOCK_AND_SPAM";

const rest = { pniSignatureMessage: null, senderKeyDistributionMessage: null };

const dataMessage = (fields: DataMessage): Proto.DataMessage.Params => ({ ...EMPTY_DATA_MESSAGE, ...fields });

const editMessage = (target: number, fields: DataMessage): Proto.EditMessage.Params => ({
  targetSentTimestamp: BigInt(target),
  dataMessage: dataMessage(fields),
});

export const dataContent = (fields: DataMessage): Content => ({
  ...rest,
  content: { dataMessage: dataMessage(fields) },
});

export const editContent = (target: number, fields: DataMessage): Content => ({
  ...rest,
  content: { editMessage: editMessage(target, fields) },
});

export const typingContent = (timestamp: number, started: boolean, groupId: Bytes | null = null): Content => {
  const { STARTED, STOPPED } = proto.TypingMessage.Action;
  const action = started ? STARTED : STOPPED;
  return { ...rest, content: { typingMessage: { timestamp: BigInt(timestamp), action, groupId } } };
};

/** A story, without its picture. */
export const storyContent = (): Content => ({
  ...rest,
  content: {
    storyMessage: { profileKey: null, group: null, attachment: null, allowsReplies: true, bodyRanges: null },
  },
});

/** By which a device reads what is encrypted with the sender's key from then on. */
export const senderKeyContent = (distribution: Bytes): Content => ({
  ...rest,
  senderKeyDistributionMessage: distribution,
  content: null,
});

/** That a call begins. */
export const callContent = (id: bigint): Content => ({
  ...rest,
  content: {
    callMessage: {
      offer: { id, type: proto.CallMessage.Offer.Type.OFFER_AUDIO_CALL, opaque: new Uint8Array(1) },
      answer: null,
      iceUpdate: null,
      hangup: null,
      busy: null,
      opaque: null,
      destinationDeviceId: null,
    },
  },
});

export const receiptContent = (
  kind: "delivered" | "read" | "viewed",
  timestamps: readonly number[],
): Content => {
  const { DELIVERY, READ, VIEWED } = proto.ReceiptMessage.Type;
  const type = { delivered: DELIVERY, read: READ, viewed: VIEWED }[kind];
  return { ...rest, content: { receiptMessage: { type, timestamp: timestamps.map(BigInt) } } };
};

/** What a phone tells the other devices of its own account. */
const syncContent = (fields: Partial<SyncMessage>): Content => ({
  ...rest,
  content: {
    syncMessage: {
      content: null,
      stickerPackOperation: null,
      read: null,
      viewed: null,
      padding: null,
      ...fields,
    },
  },
});

/** That the phone sent a message, or an edit of one, to this service id; to a group: to none. */
export const sentContent = (
  to: Bytes | null,
  timestamp: number,
  { message, editOf }: { readonly message: DataMessage; readonly editOf?: number | undefined },
  expirationStart?: number,
): Content =>
  syncContent({
    content: {
      sent: {
        destinationServiceIdBinary: to,
        timestamp: BigInt(timestamp),
        message: editOf === undefined ? dataMessage(message) : null,
        editMessage: editOf === undefined ? null : editMessage(editOf, message),
        expirationStartTimestamp: expirationStart === undefined ? null : BigInt(expirationStart),
        destinationE164: null,
        unidentifiedStatus: null,
        isRecipientUpdate: null,
        storyMessage: null,
        storyMessageRecipients: null,
        destinationServiceId: null,
      },
    },
  });

export const readContent = (
  messages: readonly { readonly author: Bytes; readonly timestamp: number }[],
): Content =>
  syncContent({
    read: messages.map(({ author, timestamp }) => ({
      senderAciBinary: author,
      timestamp: BigInt(timestamp),
      senderAci: null,
    })),
  });

/** `thread`: whose request it was; `group`: the id of the group of which it was an invitation. */
export const requestAnswerContent = (
  thread: Bytes | null,
  answer: RequestAnswer,
  group: Bytes | null = null,
): Content =>
  syncContent({
    content: {
      messageRequestResponse: {
        threadAciBinary: thread,
        type: proto.SyncMessage.MessageRequestResponse.Type[answer],
        threadAci: null,
        groupId: group,
      },
    },
  });

/** What the person chose on the phone, of what their devices tell others. */
export const settingsContent = (typingIndicators: boolean, readReceipts: boolean): Content =>
  syncContent({
    content: {
      configuration: {
        typingIndicators,
        readReceipts,
        unidentifiedDeliveryIndicators: null,
        linkPreviews: null,
      },
    },
  });

export const storageChangedContent = (): Content =>
  syncContent({
    content: { fetchLatest: { type: proto.SyncMessage.FetchLatest.Type.STORAGE_MANIFEST } },
  });

export const deletedContent = (
  thread: Bytes,
  messages: readonly { readonly author: Bytes; readonly timestamp: number }[],
): Content =>
  syncContent({
    content: {
      deleteForMe: {
        messageDeletes: [
          {
            conversation: { identifier: { threadServiceIdBinary: thread } },
            messages: messages.map(({ author, timestamp }) => ({
              author: { authorServiceIdBinary: author },
              sentTimestamp: BigInt(timestamp),
            })),
          },
        ],
        conversationDeletes: null,
        localOnlyConversationDeletes: null,
        attachmentDeletes: null,
      },
    },
  });

export const reactionTo = (
  author: Bytes,
  timestamp: number,
  emoji: string,
  remove: boolean,
): Proto.DataMessage.Reaction.Params => ({
  emoji,
  remove,
  targetAuthorAciBinary: author,
  targetSentTimestamp: BigInt(timestamp),
  targetAuthorAci: null,
});

export const quoteOf = (author: Bytes, timestamp: number, text: string): Proto.DataMessage.Quote.Params => ({
  id: BigInt(timestamp),
  authorAciBinary: author,
  text,
  attachments: null,
  bodyRanges: null,
  type: proto.DataMessage.Quote.Type.NORMAL,
  authorAci: null,
});
