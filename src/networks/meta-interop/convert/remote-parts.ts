import type { Message, Part, Quoted } from "../../../core/model/content.ts";
import { cutText, shortened } from "../../../core/model/cut-text.ts";
import { plainText } from "../../../core/model/rich-text.ts";
import { fromMarkup } from "../../../translate/markup.ts";
import { messageId } from "../ids.ts";
import type { ContentPlaintext } from "../wire/plaintext-kinds.ts";
import { textFile, wordsOf } from "./long-text.ts";
import { readMentions, type Two } from "./mentions.ts";
import { remoteMedia } from "./remote-media.ts";

const EXCERPT = 200;

/** Contact cards of one message that are shown each by itself, and the longest that are. */
const MOST_CARDS = 10;
const LONGEST_CARD = 16_384;
/** UTF-16 units of a place's or contact's name. */
const LONGEST_NAME = 1_000;

/** In which chat something was written, and by whom. */
export interface Written {
  readonly two: Two;
  readonly senderName: string | undefined;
  /** UTF-16 units of the network's longest text. */
  readonly most: number;
}

/** What a contact says at once. */
export function remoteMessage(content: ContentPlaintext, written: Written): Message {
  const { quoted } = content;
  const parts = partsOf(content, written);
  if (quoted === undefined) return { parts };
  const excerpt = quoted.content && excerptOf(quoted.content);
  const replyTo: Quoted = {
    id: messageId(quoted.id),
    own: quoted.sender !== undefined && quoted.sender.replace(/:\d+@/, "@") === written.two.own,
    ...(excerpt === undefined ? {} : { excerpt }),
  };
  return { parts, replyTo };
}

/** Text in the network's markup; `mentions` are the JIDs it names. */
export function textParts(
  text: string,
  { two, senderName, most }: Written,
  mentions: readonly string[] | undefined,
): readonly Part[] {
  const read = (words: string) => fromMarkup(words, readMentions(two, senderName, mentions));
  const { shown, file } = wordsOf(text, most, "Message.txt", read);
  return [{ kind: "text", style: "text", body: shown }, ...file];
}

function partsOf(content: ContentPlaintext, written: Written): readonly Part[] {
  switch (content.kind) {
    case "text":
      return textParts(content.text, written, content.mentions);
    case "image":
    case "video":
      return mediaParts(content, written, content.mentions);
    case "document":
      return mediaParts(content, written, undefined);
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
      return pollParts(content, written);
  }
}

function mediaParts(
  content: Extract<ContentPlaintext, { kind: "image" | "video" | "document" }>,
  { two, senderName, most }: Written,
  mentions: readonly string[] | undefined,
): readonly Part[] {
  const media = remoteMedia(content);
  if (content.caption === undefined) return [{ kind: "media", media }];
  const read = (words: string) => fromMarkup(words, readMentions(two, senderName, mentions));
  const { shown, file } = wordsOf(content.caption, most, "Caption.txt", read);
  return [{ kind: "media", media, caption: shown }, ...file];
}

/** What cannot be shown card by card follows as one file that any address book takes. */
function cardParts(contacts: readonly { readonly name: string; readonly vcard: string }[]): readonly Part[] {
  const shown = contacts
    .slice(0, MOST_CARDS)
    .map(({ name, vcard }): Part => ({ kind: "contact", name: cutText(name, LONGEST_NAME), vcard }));
  const all = contacts.map(({ vcard }) => vcard);
  if (contacts.length <= MOST_CARDS && all.every(({ length }) => length <= LONGEST_CARD)) return shown;
  return [...shown, textFile("Contacts.vcf", "text/vcard", all.join("\r\n"))];
}

function pollParts(
  { question, options, selectable }: Extract<ContentPlaintext, { kind: "poll" }>,
  { most }: Written,
): readonly Part[] {
  const lines = [
    `📊 Poll: ${question}`,
    ...options.map((option, index) => `${index + 1}. ${option}`),
    selectable === 1 ? "(One answer.)" : "(Several answers may be chosen.)",
    "This is a poll. It cannot be voted in from here; answer with a message.",
  ];
  const { shown, file } = wordsOf(lines.join("\n"), most, "Poll.txt", plainText);
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
