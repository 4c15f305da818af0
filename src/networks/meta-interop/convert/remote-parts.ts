import type { Message, Part, Quoted } from "../../../core/model/content.ts";
import { cutText, shortened } from "../../../core/model/cut-text.ts";
import { plainText } from "../../../core/model/rich-text.ts";
import { fromMarkup } from "../../../translate/markup.ts";
import { messageId } from "../ids.ts";
import type { ContentPlaintext } from "../wire/plaintext-kinds.ts";
import { longText, textFile } from "./long-text.ts";
import { type ChatPair, readMentions } from "./mentions.ts";
import { remoteMedia } from "./remote-media.ts";

const EXCERPT = 200;

/** The most contact cards of one message that are shown one by one, and the longest such card in characters. */
const MAX_CARDS = 10;
const LONGEST_CARD = 16_384;
/** The longest name of a place or contact, in UTF-16 units. */
const LONGEST_NAME = 1_000;

/** The chat and sender of the content that is read. */
export interface ReadContext {
  readonly pair: ChatPair;
  readonly senderName: string | undefined;
  /** The network's longest text, in UTF-16 units. */
  readonly longest: number;
}

/** A contact's content as a message. */
export function remoteMessage(content: ContentPlaintext, context: ReadContext): Message {
  const { quoted } = content;
  const parts = partsOf(content, context);
  if (quoted === undefined) return { parts };
  const excerpt = quoted.content && excerptOf(quoted.content);
  const replyTo: Quoted = {
    id: messageId(quoted.id),
    own: isOwn(quoted.sender, context.pair.own),
    ...(excerpt === undefined ? {} : { excerpt }),
  };
  return { parts, replyTo };
}

/** Whether a JID, with a device or without, is our person's. */
export const isOwn = (jid: string | undefined, own: string): boolean =>
  jid !== undefined && jid.replace(/:\d+@/, "@") === own;

/** Text in the network's markup; `mentions` are the JIDs it names. */
export function textParts(
  text: string,
  { pair, senderName, longest }: ReadContext,
  mentions: readonly string[] | undefined,
): readonly Part[] {
  const read = (words: string) => fromMarkup(words, readMentions(pair, senderName, mentions));
  const { shown, file } = longText(text, longest, "Message.txt", read);
  return [{ kind: "text", style: "text", body: shown }, ...file];
}

function partsOf(content: ContentPlaintext, context: ReadContext): readonly Part[] {
  switch (content.kind) {
    case "text":
      return textParts(content.text, context, content.mentions);
    case "image":
    case "video":
      return mediaParts(content, context, content.mentions);
    case "document":
      return mediaParts(content, context, undefined);
    case "audio":
    case "sticker":
      return [{ kind: "media", media: remoteMedia(content) }];
    case "location": {
      const { latitude, longitude, name, address, live } = content;
      const words = [live ? "Live location, where it was when shared" : undefined, name, address];
      const named = words.filter((word) => word !== undefined && word !== "").join(", ");
      const place = named === "" ? {} : { name: shortened(named, LONGEST_NAME) };
      return [{ kind: "location", latitude, longitude, ...place }];
    }
    case "contact":
      return cardParts(content.contacts);
    case "poll":
      return pollParts(content, context);
  }
}

function mediaParts(
  content: Extract<ContentPlaintext, { kind: "image" | "video" | "document" }>,
  { pair, senderName, longest }: ReadContext,
  mentions: readonly string[] | undefined,
): readonly Part[] {
  const media = remoteMedia(content);
  if (content.caption === undefined) return [{ kind: "media", media }];
  const read = (words: string) => fromMarkup(words, readMentions(pair, senderName, mentions));
  const { shown, file } = longText(content.caption, longest, "Caption.txt", read);
  return [{ kind: "media", media, caption: shown }, ...file];
}

/**
 * The cards one by one; where some are too many or too long, all of them also as one file that address books can read.
 */
function cardParts(contacts: readonly { readonly name: string; readonly vcard: string }[]): readonly Part[] {
  const shown = contacts
    .slice(0, MAX_CARDS)
    .map(({ name, vcard }): Part => ({ kind: "contact", name: cutText(name, LONGEST_NAME), vcard }));
  const all = contacts.map(({ vcard }) => vcard);
  if (contacts.length <= MAX_CARDS && all.every(({ length }) => length <= LONGEST_CARD)) return shown;
  return [...shown, textFile("Contacts.vcf", "text/vcard", all.join("\r\n"))];
}

function pollParts(
  { question, options, selectable }: Extract<ContentPlaintext, { kind: "poll" }>,
  { longest }: ReadContext,
): readonly Part[] {
  const lines = [
    `📊 Poll: ${question}`,
    ...options.map((option, index) => `${index + 1}. ${option}`),
    selectable === 1 ? "(One answer.)" : "(Several answers may be chosen.)",
    "This is a poll. It cannot be voted in from here; answer with a message.",
  ];
  const { shown, file } = longText(lines.join("\n"), longest, "Poll.txt", plainText);
  return [{ kind: "text", style: "text", body: shown }, ...file];
}

function excerptOf(content: ContentPlaintext): string | undefined {
  const words = excerptWords(content).trim();
  return words === "" ? undefined : shortened(words, EXCERPT);
}

function excerptWords(content: ContentPlaintext): string {
  switch (content.kind) {
    case "text":
      return content.text;
    case "image":
      return content.caption ?? "Picture";
    case "video":
      return content.caption ?? (content.gif ? "GIF" : "Video");
    case "audio":
      return content.voice ? "Voice message" : "Audio";
    case "document":
      return content.caption ?? content.fileName ?? "File";
    case "sticker":
      return "Sticker";
    case "location":
      return content.name ?? "Location";
    case "contact":
      return content.contacts.map(({ name }) => name).join(", ");
    case "poll":
      return content.question;
  }
}
