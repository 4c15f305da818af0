import { usableId } from "./attributes.ts";
import type { ConsumerApplication_Image, ConsumerApplication_Video } from "./gen/consumer-application_pb.js";
import {
  type ConsumerApplication_Content,
  ConsumerApplicationSchema,
} from "./gen/consumer-application_pb.js";
import {
  type MessageApplication_Metadata_QuotedMessage,
  type MessageApplication_Payload,
  MessageApplicationSchema,
} from "./gen/msg-application_pb.js";
import type { MessageText } from "./gen/msg-common_pb.js";
import {
  AudioTransportSchema,
  ContactTransportSchema,
  DocumentTransportSchema,
  ImageTransportSchema,
  StickerTransportSchema,
  VideoTransportSchema,
} from "./gen/msg-media_pb.js";
import { type MessageTransport_Protocol, MessageTransportSchema } from "./gen/msg-transport_pb.js";
import { fileOfTransport, thumbnailOf, unwrap } from "./messenger-media.ts";
import {
  few,
  mostItems,
  numberFrom,
  optional,
  placeFrom,
  readable,
  refFrom,
  refuse,
} from "./plaintext-fields.ts";
import type {
  ContentPlaintext,
  ImagePlaintext,
  Plaintext,
  Quoted,
  SenderKey,
  VideoPlaintext,
} from "./plaintext-kinds.ts";
import { decodeProtobuf } from "./protobuf.ts";

type Content = ConsumerApplication_Content["content"];

/** Reads the three layers of a Messenger plaintext. Throws `protobuf`. */
export function decodeMessenger(bytes: Uint8Array): Plaintext {
  const { payload, protocol } = decodeProtobuf(MessageTransportSchema, bytes);
  if (payload?.applicationPayload === undefined) {
    const key = senderKeyOf(protocol);
    if (!key) throw refuse("a transport without a message");
    return { kind: "senderKey", ...key };
  }
  const application = unwrap(MessageApplicationSchema, payload.applicationPayload);
  const quoted = quotedOf(application.metadata?.quotedMessage);
  const setting = application.metadata?.chatEphemeralSetting;
  const inner = consumerOf(application.payload);
  if (setting === undefined) return inner === undefined ? { kind: "unknown" } : plaintextOf(inner, quoted);
  const seconds = setting.ephemeralExpiration;
  if (inner?.content === undefined) return { kind: "disappearing", seconds };
  const content = contentOf(inner.content.content, quoted);
  if (seconds === 0 || content === undefined) return plaintextOf(inner, quoted);
  return { kind: "disappearing", seconds, content };
}

/** The sender key of a Messenger plaintext. Throws `protobuf`. */
export const senderKeyInMessenger = (bytes: Uint8Array): SenderKey | undefined =>
  senderKeyOf(decodeProtobuf(MessageTransportSchema, bytes).protocol);

function senderKeyOf(protocol: MessageTransport_Protocol | undefined): SenderKey | undefined {
  const skdm = protocol?.ancillary?.skdm;
  if (skdm === undefined || skdm.groupId === "") return undefined;
  return { group: skdm.groupId, distribution: skdm.axolotlSenderKeyDistributionMessage };
}

const consumerOf = (payload: MessageApplication_Payload | undefined) => {
  const layer = payload?.subProtocol?.consumerMessage;
  return layer === undefined ? undefined : unwrap(ConsumerApplicationSchema, layer).payload;
};

type Inner = NonNullable<ReturnType<typeof consumerOf>>;

function plaintextOf({ content, applicationData }: Inner, quoted: Answer): Plaintext {
  const revoke = applicationData?.revoke;
  if (revoke !== undefined) return { kind: "revoke", target: refFrom(revoke.key) };
  const held = content?.content;
  if (held?.case === "reactionMessage") {
    const { key, text, senderTimestampMs } = held.value;
    return {
      kind: "reaction",
      target: refFrom(key),
      emoji: text,
      ...optional("at", numberFrom(senderTimestampMs)),
    };
  }
  if (held?.case === "editMessage") {
    const { key, message, timestampMs } = held.value;
    if (message === undefined) throw refuse("an edit without a new text");
    const at = optional("at", numberFrom(timestampMs));
    return { kind: "edit", target: refFrom(key), text: message.text, ...mentionsOf(message), ...at };
  }
  if (held?.case === "statusTextMessage") return { kind: "status", text: held.value.text?.text?.text ?? "" };
  if (held?.case === "viewOnceMessage") {
    const { imageMessage, videoMessage } = held.value;
    if (imageMessage !== undefined) return { kind: "viewOnce", content: imageOf(imageMessage, {}) };
    if (videoMessage !== undefined) return { kind: "viewOnce", content: videoOf(videoMessage, {}) };
    return { kind: "unknown" };
  }
  return (held && contentOf(held, quoted)) ?? { kind: "unknown" };
}

function contentOf(content: Content, quoted: Answer): ContentPlaintext | undefined {
  if (content.case === "messageText") {
    return { kind: "text", text: content.value.text, ...mentionsOf(content.value), ...quoted };
  }
  if (content.case === "extendedTextMessage") {
    const { text } = content.value;
    return { kind: "text", text: text?.text ?? "", ...mentionsOf(text), ...quoted };
  }
  if (content.case === "locationMessage") {
    const { location, address } = content.value;
    const named = { ...optional("name", location?.name), ...optional("address", address) };
    return placeFrom(location, { live: false, ...named }, quoted);
  }
  if (content.case === "liveLocationMessage") {
    const { location } = content.value;
    return placeFrom(location, { live: true, ...optional("name", location?.name) }, quoted);
  }
  if (content.case === "contactMessage") {
    return { kind: "contact", contacts: [cardOf(content.value)], ...quoted };
  }
  if (content.case === "contactsArrayMessage") {
    const { contacts } = content.value;
    return contacts.length === 0
      ? undefined
      : { kind: "contact", contacts: few(contacts).map(cardOf), ...quoted };
  }
  if (content.case === "pollCreationMessage") {
    const { name: question, options, selectableOptionsCount: selectable } = content.value;
    return {
      kind: "poll",
      question,
      options: few(options).map(({ optionName }) => optionName),
      selectable,
      ...quoted,
    };
  }
  if (content.case === "imageMessage") return imageOf(content.value, quoted);
  if (content.case === "videoMessage") return videoOf(content.value, quoted);
  return otherFileOf(content, quoted);
}

function otherFileOf(content: Content, quoted: Answer): ContentPlaintext | undefined {
  if (content.case === "audioMessage") {
    const { integral, ancillary } = unwrap(AudioTransportSchema, content.value.audio);
    const played = {
      ...optional("seconds", ancillary?.seconds),
      ...optional("waveform", ancillary?.waveform),
    };
    return {
      kind: "audio",
      media: fileOfTransport(integral),
      voice: content.value.ptt,
      ...played,
      ...quoted,
    };
  }
  if (content.case === "documentMessage") {
    const { integral, ancillary } = unwrap(DocumentTransportSchema, content.value.document);
    const named = {
      ...optional("fileName", content.value.fileName),
      ...optional("caption", ancillary?.caption),
    };
    return { kind: "document", media: fileOfTransport(integral), ...named, ...quoted };
  }
  if (content.case === "stickerMessage") {
    const { integral, ancillary } = unwrap(StickerTransportSchema, content.value.sticker);
    const animated = integral?.isAnimated ?? false;
    return { kind: "sticker", media: fileOfTransport(integral), animated, ...sizeOf(ancillary), ...quoted };
  }
  return undefined;
}

function imageOf(message: ConsumerApplication_Image, quoted: Answer): ImagePlaintext {
  const { integral, ancillary } = unwrap(ImageTransportSchema, message.image);
  const shown = { ...sizeOf(ancillary), ...thumbnailOf(integral), ...captioned(message.caption) };
  return { kind: "image", media: fileOfTransport(integral), ...shown, ...quoted };
}

function videoOf(message: ConsumerApplication_Video, quoted: Answer): VideoPlaintext {
  const { integral, ancillary } = unwrap(VideoTransportSchema, message.video);
  const shown = { ...sizeOf(ancillary), ...thumbnailOf(integral), ...captioned(message.caption) };
  const played = { gif: ancillary?.gifPlayback ?? false, ...optional("seconds", ancillary?.seconds) };
  return { kind: "video", media: fileOfTransport(integral), ...played, ...shown, ...quoted };
}

function cardOf({ contact }: { readonly contact?: Parameters<typeof unwrap>[1] }) {
  const { integral, ancillary } = unwrap(ContactTransportSchema, contact);
  return { name: ancillary?.displayName ?? "", vcard: integral?.vcard ?? "" };
}

const sizeOf = (ancillary: { readonly width: number; readonly height: number } | undefined) => ({
  ...optional("width", ancillary?.width),
  ...optional("height", ancillary?.height),
});

const captioned = (caption: MessageText | undefined) => ({
  ...optional("caption", caption?.text),
  ...mentionsOf(caption),
});

const mentionsOf = (text: MessageText | undefined): { readonly mentions?: readonly string[] } =>
  text === undefined || text.mentionedJid.length === 0
    ? {}
    : { mentions: text.mentionedJid.slice(0, mostItems) };

interface Answer {
  readonly quoted?: Quoted;
}

function quotedOf(message: MessageApplication_Metadata_QuotedMessage | undefined): Answer {
  const id = usableId(message?.stanzaId);
  if (message === undefined || id === undefined) return {};
  const content = readable(() => {
    const held = consumerOf(message.payload)?.content?.content;
    return held && contentOf(held, {});
  });
  return {
    quoted: { id, ...optional("sender", message.participant), ...(content && { content }) },
  };
}
