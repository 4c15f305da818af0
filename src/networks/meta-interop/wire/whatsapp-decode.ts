import { isFieldSet } from "@bufbuild/protobuf";
import { usableId } from "./attributes.ts";
import {
  type ContextInfo,
  type Message,
  MessageSchema,
  type ProtocolMessage,
  ProtocolMessageSchema,
} from "./gen/wa-message_pb.js";
import {
  few,
  fileFrom,
  mostItems,
  numberFrom,
  optional,
  placeFrom,
  protocolType,
  readable,
  refFrom,
  refuse,
  withoutQuote,
} from "./plaintext-fields.ts";
import type { ContentPlaintext, Plaintext, Quoted, SenderKey } from "./plaintext-kinds.ts";
import { decodeProtobuf } from "./protobuf.ts";

/** Reads a WhatsApp Message, after padding is off. Throws `protobuf`. */
export const decodeWhatsapp = (bytes: Uint8Array): Plaintext =>
  plaintextOf(decodeProtobuf(MessageSchema, bytes));

function plaintextOf(message: Message): Plaintext {
  const { reactionMessage: reaction, protocolMessage: protocol, extendedTextMessage: extended } = message;
  if (reaction !== undefined) {
    const at = optional("at", numberFrom(reaction.senderTimestampMs));
    return { kind: "reaction", target: refFrom(reaction.key), emoji: reaction.text, ...at };
  }
  if (protocol !== undefined) return protocolOf(protocol);
  const edited = message.editedMessage?.message?.protocolMessage;
  if (edited !== undefined) return protocolOf(edited);
  const once = (message.viewOnceMessageV2 ?? message.viewOnceMessage)?.message;
  if (once !== undefined) return viewOnce(once);
  const passing = message.ephemeralMessage?.message;
  if (passing !== undefined) return disappearing(passing);
  if (extended?.backgroundArgb) return { kind: "status", text: extended.text };
  if ((message.imageMessage ?? message.videoMessage)?.viewOnce === true) return viewOnce(message);
  if ((contextOf(message)?.expiration ?? 0) > 0) return disappearing(message);
  return contentOf(message) ?? remaining(message);
}

/** A sender key may ride with any message; it is a message of its own only when nothing else is there. */
function remaining(message: Message): Plaintext {
  const key = senderKeyOf(message);
  return key ? { kind: "senderKey", ...key } : { kind: "unknown" };
}

/** The sender key of a WhatsApp Message. Throws `protobuf`. */
export const senderKeyInWhatsapp = (bytes: Uint8Array): SenderKey | undefined =>
  senderKeyOf(decodeProtobuf(MessageSchema, bytes));

function senderKeyOf({ senderKeyDistributionMessage: key }: Message): SenderKey | undefined {
  if (key === undefined || key.groupId === "") return undefined;
  return { group: key.groupId, distribution: key.axolotlSenderKeyDistributionMessage };
}

function protocolOf(protocol: ProtocolMessage): Plaintext {
  const { type, key, editedMessage, ephemeralExpiration, timestampMs } = protocol;
  if (!isFieldSet(protocol, ProtocolMessageSchema.field.type)) return { kind: "unknown" };
  switch (type) {
    case protocolType.revoke:
      return { kind: "revoke", target: refFrom(key) };
    case protocolType.messageEdit: {
      if (editedMessage === undefined) throw refuse("an edit without a new text");
      const text =
        editedMessage.extendedTextMessage?.text ?? captionOf(editedMessage) ?? editedMessage.conversation;
      const mentions = mentionsOf(contextOf(editedMessage));
      return {
        kind: "edit",
        target: refFrom(key),
        text,
        ...mentions,
        ...optional("at", numberFrom(timestampMs)),
      };
    }
    case protocolType.ephemeralSetting:
      return { kind: "disappearing", seconds: ephemeralExpiration };
    default:
      return { kind: "unknown" };
  }
}

function viewOnce(message: Message): Plaintext {
  const content = contentOf(message);
  return content?.kind === "image" || content?.kind === "video"
    ? { kind: "viewOnce", content }
    : { kind: "unknown" };
}

function disappearing(message: Message): Plaintext {
  const seconds = contextOf(message)?.expiration ?? 0;
  const content = contentOf(message);
  return content === undefined ? { kind: "unknown" } : { kind: "disappearing", seconds, content };
}

function contentOf(outer: Message): ContentPlaintext | undefined {
  const message = outer.documentWithCaptionMessage?.message ?? outer;
  const context = contextOf(message);
  const answer = quotedOf(context);
  if (isFieldSet(message, MessageSchema.field.conversation)) {
    return { kind: "text", text: message.conversation, ...answer };
  }
  const { extendedTextMessage: extended, locationMessage: place, liveLocationMessage: live } = message;
  if (extended !== undefined) return { kind: "text", text: extended.text, ...mentionsOf(context), ...answer };
  if (place !== undefined) {
    const named = { ...optional("name", place.name), ...optional("address", place.address) };
    return placeFrom(place, { live: place.isLive, ...named }, answer);
  }
  if (live !== undefined) {
    return placeFrom(live, { live: true, ...optional("name", live.caption) }, answer);
  }
  return cardsOf(message, answer) ?? filesOf(message, answer);
}

function cardsOf(message: Message, answer: Answer): ContentPlaintext | undefined {
  const cards =
    message.contactsArrayMessage?.contacts ?? (message.contactMessage ? [message.contactMessage] : []);
  if (cards.length > 0) {
    return {
      kind: "contact",
      contacts: few(cards).map(({ displayName: name, vcard }) => ({ name, vcard })),
      ...answer,
    };
  }
  const poll = pollOf(message);
  if (poll === undefined) return undefined;
  const options = few(poll.options).map(({ optionName }) => optionName);
  return { kind: "poll", question: poll.name, options, selectable: poll.selectableOptionsCount, ...answer };
}

function filesOf(message: Message, answer: Answer): ContentPlaintext | undefined {
  const {
    imageMessage: image,
    audioMessage: audio,
    documentMessage: document,
    stickerMessage: sticker,
  } = message;
  const video = message.videoMessage ?? message.ptvMessage;
  if (image !== undefined) {
    return { kind: "image", media: fileFrom(image), ...shown(image), ...captioned(image), ...answer };
  }
  if (video !== undefined) {
    const played = { gif: video.gifPlayback, ...optional("seconds", video.seconds) };
    return {
      kind: "video",
      media: fileFrom(video),
      ...played,
      ...shown(video),
      ...captioned(video),
      ...answer,
    };
  }
  if (audio !== undefined) {
    const played = { ...optional("seconds", audio.seconds), ...optional("waveform", audio.waveform) };
    return { kind: "audio", media: fileFrom(audio), voice: audio.ptt, ...played, ...answer };
  }
  if (document !== undefined) {
    const fileName = optional("fileName", document.fileName || document.title);
    return {
      kind: "document",
      media: fileFrom(document),
      ...fileName,
      ...optional("caption", document.caption),
      ...answer,
    };
  }
  if (sticker === undefined) return undefined;
  const size = { ...optional("width", sticker.width), ...optional("height", sticker.height) };
  return { kind: "sticker", media: fileFrom(sticker), animated: sticker.isAnimated, ...size, ...answer };
}

type Answer = ReturnType<typeof quotedOf>;

const pollOf = (message: Message) =>
  message.pollCreationMessageV3 ?? message.pollCreationMessageV2 ?? message.pollCreationMessage;

const captionOf = (message: Message): string | undefined =>
  (message.imageMessage ?? message.videoMessage ?? message.documentMessage)?.caption;

const shown = (picture: {
  readonly width: number;
  readonly height: number;
  readonly jpegThumbnail: Uint8Array;
}) => ({
  ...optional("width", picture.width),
  ...optional("height", picture.height),
  ...optional("thumbnail", picture.jpegThumbnail),
});

const captioned = (picture: {
  readonly caption: string;
  readonly contextInfo?: ContextInfo | undefined;
}) => ({
  ...optional("caption", picture.caption),
  ...mentionsOf(picture.contextInfo),
});

function contextOf(message: Message): ContextInfo | undefined {
  const carrier =
    message.extendedTextMessage ??
    message.imageMessage ??
    message.videoMessage ??
    message.audioMessage ??
    message.documentMessage ??
    message.stickerMessage ??
    message.locationMessage ??
    message.liveLocationMessage ??
    message.contactMessage ??
    message.contactsArrayMessage ??
    pollOf(message);
  return carrier?.contextInfo;
}

const mentionsOf = (context: ContextInfo | undefined): { readonly mentions?: readonly string[] } =>
  context === undefined || context.mentionedJid.length === 0
    ? {}
    : { mentions: context.mentionedJid.slice(0, mostItems) };

function quotedOf(context: ContextInfo | undefined): { readonly quoted?: Quoted } {
  const id = usableId(context?.stanzaId);
  if (context === undefined || id === undefined) return {};
  const { participant, quotedMessage } = context;
  const content = quotedMessage && readable(() => contentOf(quotedMessage));
  return { quoted: { id, ...optional("sender", participant), ...enclosed(content) } };
}

const enclosed = (content: ContentPlaintext | undefined): { readonly content?: ContentPlaintext } =>
  content === undefined || (content.kind === "text" && content.text === "")
    ? {}
    : { content: withoutQuote(content) };
