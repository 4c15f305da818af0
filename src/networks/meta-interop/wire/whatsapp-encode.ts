import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { MessageSchema, type MessageSchema as Schema } from "./gen/wa-message_pb.js";
import { isContent, keyFrom, optional, protocolType, withoutQuote } from "./plaintext-fields.ts";
import type {
  ContactPlaintext,
  ContentPlaintext,
  LocationPlaintext,
  MediaFile,
  Plaintext,
  Quoted,
} from "./plaintext-kinds.ts";

type Fields = Exclude<MessageInitShape<typeof Schema>, { $typeName: string }>;

/** Field 1000 with an empty message: a kind that nobody knows. */
const unheardOf = Uint8Array.of(0xc2, 0x3e, 0);
/** What tells a status update from a text: it has a background. */
const statusBackground = 0xff00_8069;

/** A WhatsApp Message, before padding. */
export function encodeWhatsapp(plaintext: Plaintext): Uint8Array<ArrayBuffer> {
  if (plaintext.kind === "unknown") return unheardOf.slice();
  return toBinary(MessageSchema, create(MessageSchema, fieldsOf(plaintext)));
}

function fieldsOf(plaintext: Exclude<Plaintext, { kind: "unknown" }>): Fields {
  if (isContent(plaintext)) return contentFields(plaintext);
  switch (plaintext.kind) {
    case "reaction": {
      const { target, emoji, at } = plaintext;
      return {
        reactionMessage: { key: keyFrom(target), text: emoji, ...milliseconds("senderTimestampMs", at) },
      };
    }
    case "edit": {
      const { target, text, mentions, at } = plaintext;
      const editedMessage = textFields(text, contextOf(undefined, mentions));
      const type = protocolType.messageEdit;
      return {
        protocolMessage: { type, key: keyFrom(target), editedMessage, ...milliseconds("timestampMs", at) },
      };
    }
    case "revoke":
      return { protocolMessage: { type: protocolType.revoke, key: keyFrom(plaintext.target) } };
    case "viewOnce":
      return { viewOnceMessageV2: { message: contentFields(plaintext.content) } };
    case "disappearing":
      return plaintext.content === undefined
        ? {
            protocolMessage: {
              type: protocolType.ephemeralSetting,
              ephemeralExpiration: plaintext.seconds,
            },
          }
        : { ephemeralMessage: { message: contentFields(plaintext.content, plaintext.seconds) } };
    case "status":
      return { extendedTextMessage: { text: plaintext.text, backgroundArgb: statusBackground } };
    case "senderKey":
      return {
        senderKeyDistributionMessage: {
          groupId: plaintext.group,
          axolotlSenderKeyDistributionMessage: plaintext.distribution,
        },
      };
  }
}

function contentFields(content: ContentPlaintext, expiration?: number): Fields {
  const context = contextOf(content.quoted, "mentions" in content ? content.mentions : undefined, expiration);
  switch (content.kind) {
    case "text":
      return textFields(content.text, context);
    case "image": {
      const { media, caption, width, height, thumbnail } = content;
      const shown = {
        ...optional("width", width),
        ...optional("height", height),
        ...optional("caption", caption),
      };
      return {
        imageMessage: { ...fileOf(media), ...shown, ...optional("jpegThumbnail", thumbnail), ...context },
      };
    }
    case "video": {
      const { media, caption, width, height, thumbnail, seconds, gif } = content;
      const shown = {
        ...optional("width", width),
        ...optional("height", height),
        ...optional("caption", caption),
      };
      const played = { ...optional("seconds", seconds), gifPlayback: gif };
      return {
        videoMessage: {
          ...fileOf(media),
          ...shown,
          ...played,
          ...optional("jpegThumbnail", thumbnail),
          ...context,
        },
      };
    }
    case "audio": {
      const { media, seconds, voice, waveform } = content;
      const played = { ...optional("seconds", seconds), ...optional("waveform", waveform), ptt: voice };
      return { audioMessage: { ...fileOf(media), ...played, ...context } };
    }
    case "document": {
      const { media, fileName, caption } = content;
      const named = { ...optional("fileName", fileName), ...optional("title", fileName) };
      return { documentMessage: { ...fileOf(media), ...named, ...optional("caption", caption), ...context } };
    }
    case "sticker": {
      const { media, width, height, animated } = content;
      const shown = { ...optional("width", width), ...optional("height", height), isAnimated: animated };
      return { stickerMessage: { ...fileOf(media), ...shown, ...context } };
    }
    case "location":
      return locationFields(content, context);
    case "contact":
      return contactFields(content, context);
    case "poll": {
      const options = content.options.map((optionName) => ({ optionName }));
      const selectable = { selectableOptionsCount: content.selectable };
      return { pollCreationMessageV3: { name: content.question, options, ...selectable, ...context } };
    }
  }
}

type Context = Pick<NonNullable<Fields["imageMessage"]>, "contextInfo">;

/** A text without context is the shorter `conversation`. */
function textFields(text: string, context: Context): Fields {
  return context.contextInfo === undefined
    ? { conversation: text }
    : { extendedTextMessage: { text, ...context } };
}

function locationFields(content: LocationPlaintext, context: Context): Fields {
  const place = { degreesLatitude: content.latitude, degreesLongitude: content.longitude, ...context };
  if (content.live) return { liveLocationMessage: { ...place, ...optional("caption", content.name) } };
  return {
    locationMessage: { ...place, ...optional("name", content.name), ...optional("address", content.address) },
  };
}

function contactFields({ contacts }: ContactPlaintext, context: Context): Fields {
  const cards = contacts.map(({ name, vcard }) => ({ displayName: name, vcard }));
  const [only, ...more] = cards;
  if (only !== undefined && more.length === 0) return { contactMessage: { ...only, ...context } };
  return { contactsArrayMessage: { displayName: `${cards.length} contacts`, contacts: cards, ...context } };
}

function contextOf(quoted?: Quoted, mentions: readonly string[] = [], expiration = 0): Context {
  if (quoted === undefined && mentions.length === 0 && expiration === 0) return {};
  return {
    contextInfo: {
      ...(quoted === undefined ? {} : quotedFields(quoted)),
      mentionedJid: [...mentions],
      ...optional("expiration", expiration),
    },
  };
}

/** Clients show no quote without an enclosed message, and a quote within a quote is left out. */
function quotedFields({ id, sender, content }: Quoted) {
  const quotedMessage = content === undefined ? { conversation: "" } : contentFields(withoutQuote(content));
  return { stanzaId: id, ...optional("participant", sender), quotedMessage };
}

function fileOf({ fileLength, mediaKeyTimestamp, ...file }: MediaFile) {
  return {
    ...file,
    fileLength: BigInt(fileLength),
    ...(mediaKeyTimestamp === undefined ? {} : { mediaKeyTimestamp: BigInt(mediaKeyTimestamp) }),
  };
}

const milliseconds = <K extends string>(key: K, at: number | undefined) =>
  optional(key, at === undefined ? undefined : BigInt(at));
