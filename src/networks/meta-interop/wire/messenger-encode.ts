import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  type ConsumerApplication_ContentSchema,
  ConsumerApplicationSchema,
} from "./gen/consumer-application_pb.js";
import {
  type MessageApplication_MetadataSchema,
  MessageApplicationSchema,
} from "./gen/msg-application_pb.js";
import {
  AudioTransportSchema,
  ContactTransportSchema,
  DocumentTransportSchema,
  ImageTransportSchema,
  StickerTransportSchema,
  VideoTransportSchema,
} from "./gen/msg-media_pb.js";
import { MessageTransportSchema } from "./gen/msg-transport_pb.js";
import { transportOf, wrap } from "./messenger-media.ts";
import { isContent, keyFrom, optional, withoutQuote } from "./plaintext-fields.ts";
import type {
  ContentPlaintext,
  ImagePlaintext,
  Plaintext,
  Quoted,
  VideoPlaintext,
} from "./plaintext-kinds.ts";

type Plain<T> = Exclude<T, { $typeName: string }>;
type Content = NonNullable<Plain<MessageInitShape<typeof ConsumerApplication_ContentSchema>>["content"]>;
type Metadata = Plain<MessageInitShape<typeof MessageApplication_MetadataSchema>>;

const consumerVersion = 1;
const applicationVersion = 2;
/** Field 1 (payload), in it field 1 (content), in it field 1000: a kind that nobody knows. */
const unheardOf = Uint8Array.of(0x0a, 5, 0x0a, 3, 0xc2, 0x3e, 0);

/** A Messenger plaintext in its three layers. */
export function encodeMessenger(plaintext: Plaintext): Uint8Array<ArrayBuffer> {
  if (isContent(plaintext)) return layered(consumer(contentOf(plaintext)), quoting(plaintext.quoted));
  switch (plaintext.kind) {
    case "senderKey": {
      const skdm = { groupId: plaintext.group, axolotlSenderKeyDistributionMessage: plaintext.distribution };
      return transport({ protocol: { ancillary: { skdm } } });
    }
    case "unknown":
      return layered({ payload: unheardOf, version: consumerVersion });
    case "revoke":
      return layered(
        wrap(ConsumerApplicationSchema, {
          payload: { applicationData: { revoke: { key: keyFrom(plaintext.target) } } },
        }),
      );
    case "disappearing": {
      const { seconds, content } = plaintext;
      const metadata = {
        ...quoting(content?.quoted),
        chatEphemeralSetting: { ephemeralExpiration: seconds },
      };
      return layered(content && consumer(contentOf(content)), metadata);
    }
    case "reaction":
    case "edit":
    case "viewOnce":
    case "status":
      return layered(consumer(contentOf(plaintext)));
  }
}

function transport(fields: MessageInitShape<typeof MessageTransportSchema>): Uint8Array<ArrayBuffer> {
  return toBinary(MessageTransportSchema, create(MessageTransportSchema, fields));
}

type Layer = ReturnType<typeof wrap>;

function layered(consumerMessage: Layer | undefined, metadata?: Metadata): Uint8Array<ArrayBuffer> {
  const payload = consumerMessage && { subProtocol: { consumerMessage } };
  const fields = { ...(payload && { payload }), ...(metadata && { metadata }) };
  return transport({
    payload: { applicationPayload: wrap(MessageApplicationSchema, fields, applicationVersion) },
  });
}

const consumer = (content: Content): Layer =>
  wrap(ConsumerApplicationSchema, { payload: { content: { content } } }, consumerVersion);

function quoting(quoted: Quoted | undefined): Metadata | undefined {
  if (quoted === undefined) return undefined;
  const { id, sender, content } = quoted;
  const payload = content && { subProtocol: { consumerMessage: consumer(contentOf(withoutQuote(content))) } };
  return { quotedMessage: { stanzaId: id, ...optional("participant", sender), ...(payload && { payload }) } };
}

type Layered = Exclude<Plaintext, { kind: "unknown" | "senderKey" | "revoke" | "disappearing" }>;

function contentOf(plaintext: Layered): Content {
  if ("media" in plaintext) return fileContentOf(plaintext);
  switch (plaintext.kind) {
    case "text":
      return { case: "messageText", value: worded(plaintext.text, plaintext.mentions) };
    case "status":
      return { case: "statusTextMessage", value: { text: { text: { text: plaintext.text } } } };
    case "reaction": {
      const at = plaintext.at === undefined ? {} : { senderTimestampMs: BigInt(plaintext.at) };
      return {
        case: "reactionMessage",
        value: { key: keyFrom(plaintext.target), text: plaintext.emoji, ...at },
      };
    }
    case "edit": {
      const at = plaintext.at === undefined ? {} : { timestampMs: BigInt(plaintext.at) };
      const message = worded(plaintext.text, plaintext.mentions);
      return { case: "editMessage", value: { key: keyFrom(plaintext.target), message, ...at } };
    }
    case "viewOnce":
      return {
        case: "viewOnceMessage",
        value:
          plaintext.content.kind === "image"
            ? { imageMessage: imageOf(plaintext.content) }
            : { videoMessage: videoOf(plaintext.content) },
      };
    case "location": {
      const { latitude, longitude, name, address, live } = plaintext;
      const location = { degreesLatitude: latitude, degreesLongitude: longitude, ...optional("name", name) };
      return live
        ? { case: "liveLocationMessage", value: { location } }
        : { case: "locationMessage", value: { location, ...optional("address", address) } };
    }
    case "poll": {
      const options = plaintext.options.map((optionName) => ({ optionName }));
      const selectable = { selectableOptionsCount: plaintext.selectable };
      return { case: "pollCreationMessage", value: { name: plaintext.question, options, ...selectable } };
    }
    case "contact":
      return contactsOf(plaintext.contacts);
  }
}

function contactsOf(contacts: readonly { readonly name: string; readonly vcard: string }[]): Content {
  const cards = contacts.map(({ name, vcard }) => ({
    contact: wrap(ContactTransportSchema, { integral: { vcard }, ancillary: { displayName: name } }),
  }));
  const [only, ...more] = cards;
  return only !== undefined && more.length === 0
    ? { case: "contactMessage", value: only }
    : { case: "contactsArrayMessage", value: { displayName: `${cards.length} contacts`, contacts: cards } };
}

function fileContentOf(plaintext: Extract<ContentPlaintext, { media: unknown }>): Content {
  switch (plaintext.kind) {
    case "image":
      return { case: "imageMessage", value: imageOf(plaintext) };
    case "video":
      return { case: "videoMessage", value: videoOf(plaintext) };
    case "audio": {
      const ancillary = {
        ...optional("seconds", plaintext.seconds),
        ...optional("waveform", plaintext.waveform),
      };
      const audio = wrap(AudioTransportSchema, { integral: transportOf(plaintext.media), ancillary });
      return { case: "audioMessage", value: { audio, ptt: plaintext.voice } };
    }
    case "document": {
      const ancillary = optional("caption", plaintext.caption);
      const document = wrap(DocumentTransportSchema, { integral: transportOf(plaintext.media), ancillary });
      return { case: "documentMessage", value: { document, ...optional("fileName", plaintext.fileName) } };
    }
    case "sticker": {
      const integral = { ...transportOf(plaintext.media), isAnimated: plaintext.animated };
      return {
        case: "stickerMessage",
        value: { sticker: wrap(StickerTransportSchema, { integral, ancillary: size(plaintext) }) },
      };
    }
  }
}

function imageOf(image: ImagePlaintext) {
  const integral = transportOf(image.media, image.thumbnail);
  return { image: wrap(ImageTransportSchema, { integral, ancillary: size(image) }), ...captionOf(image) };
}

function videoOf(video: VideoPlaintext) {
  const integral = transportOf(video.media, video.thumbnail);
  const ancillary = { ...size(video), ...optional("seconds", video.seconds), gifPlayback: video.gif };
  return { video: wrap(VideoTransportSchema, { integral, ancillary }), ...captionOf(video) };
}

const size = ({ width, height }: { readonly width?: number; readonly height?: number }) => ({
  ...optional("width", width),
  ...optional("height", height),
});

const captionOf = ({ caption = "", mentions }: ImagePlaintext | VideoPlaintext) =>
  caption === "" && mentions === undefined ? {} : { caption: worded(caption, mentions) };

const worded = (text: string, mentions: readonly string[] = []) => ({ text, mentionedJid: [...mentions] });
