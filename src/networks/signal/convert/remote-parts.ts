import type { LinkPreview, Message, Part, Quoted } from "../../../core/model/content.ts";
import { cutText, shortened } from "../../../core/model/cut-text.ts";
import { plainText, type RichText } from "../../../core/model/rich-text.ts";
import { messageIdOf, personOf } from "../ids.ts";
import type { AttachmentPointer, Preview } from "../wire/attachment.ts";
import type { ContactCard, DataPayload, Quote, Target } from "../wire/data-message.ts";
import { isLongText, LONGEST_TEXT, withRestBehind, withWholeBehind } from "./long-text.ts";
import { type OwnPerson, type ReadMention, readMentions } from "./mentions.ts";
import { readRanges } from "./read-ranges.ts";
import { attachedFile, kindOf, mediaOf, mimetypeOf } from "./remote-media.ts";
import { nameOfCard, writeVcard } from "./write-vcard.ts";

type Payload<Kind extends DataPayload["kind"]> = Extract<DataPayload, { readonly kind: Kind }>;

const EXCERPT = 200;
/** The most files, contacts and choices of one message that are shown; Signal's apps send fewer. */
const MOST = 32;
const MOST_PREVIEWS = 5;
/** Bytes of the picture of a link. */
const LARGEST_PICTURE = 5 * 1024 * 1024;
/** UTF-16 units. */
const LONGEST_TITLE = 300;
const LONGEST_CHOICE = 200;
const LONGEST_NAME = 1_000;

/** What a conversion needs to know beside the message. */
export interface ReadContext extends OwnPerson {
  /** Of {@link peopleIn}, those that are known. */
  readonly names: Parameters<typeof readMentions>[1];
  /** The text of {@link longTextOf}'s file, where it could be had. */
  readonly wholeText?: string | undefined;
}

/** What somebody wrote or sent, with what it answers. */
export function shownMessage(
  payload: Payload<"message" | "sticker" | "contacts">,
  context: ReadContext,
): Message {
  const { quote } = payload;
  const replyTo = quote && quoted(quote, context);
  return { parts: partsOf(payload, context), ...(replyTo && { replyTo }) };
}

/** The words of an edit: a message's files stay as they are. */
export const editedText = (payload: Payload<"message">, context: ReadContext): Message => ({
  parts: textParts(payload, context),
});

function partsOf(
  payload: Payload<"message" | "sticker" | "contacts">,
  context: ReadContext,
): readonly Part[] {
  switch (payload.kind) {
    case "sticker": {
      const { data, emoji } = payload.sticker;
      if (data !== undefined) return [attachedFile({ contentType: "image/webp", ...data })];
      return [textPart(`(A sticker that cannot be fetched${emoji === undefined ? "" : `: ${emoji}`})`)];
    }
    case "contacts":
      return few(payload.contacts, "contacts", (card) => cardPart(card));
    case "message":
      return messageParts(payload, context);
  }
}

/** Files, the first with the words, which an edit then finds there. */
function messageParts(payload: Payload<"message">, context: ReadContext): readonly Part[] {
  const files = payload.attachments.filter((file) => !isLongText(file));
  const texts = textParts(payload, context);
  const [words, ...more] = texts;
  const [first] = files;
  if (first === undefined) return texts.length === 0 ? [textPart("")] : texts;
  const isCaption = words?.kind === "text" && more.length === 0 && !first.voice;
  const shown = few(files, "files", (file) =>
    file === first && isCaption ? attachedFile(file, words.body) : attachedFile(file),
  );
  return isCaption ? shown : [...shown, ...texts];
}

function textParts(payload: Payload<"message">, context: ReadContext): readonly Part[] {
  const { body, ranges, previews, attachments } = payload;
  const file = attachments.find(isLongText);
  const text = file === undefined ? body : (context.wholeText ?? body);
  if (text === "" && file === undefined) return [];
  if (text.length > LONGEST_TEXT) return withWholeBehind(text);
  const rich = readRanges(text, ranges, readMentions(context, context.names));
  if (file !== undefined && context.wholeText === undefined) return withRestBehind(rich, file);
  const shown = previewsOf(rich, previews);
  return [{ kind: "text", style: "text", body: rich, ...(shown.length > 0 && { previews: shown }) }];
}

/** Only of links that are in the text: a preview of another would lead where its reader did not see. */
function previewsOf({ text }: RichText, previews: readonly Preview[]) {
  return previews
    .slice(0, MOST_PREVIEWS)
    .filter(({ url }) => url !== "" && text.includes(url))
    .map(({ url, title, description, image }) => ({
      url,
      ...(title !== undefined && { title: shortened(title, LONGEST_TITLE) }),
      ...(description !== undefined && { description: shortened(description, LONGEST_NAME) }),
      ...pictureOf(image),
    }));
}

/** One that is larger than Signal's apps make them is left out: the text waits for it. */
function pictureOf(image: AttachmentPointer | undefined): Pick<LinkPreview, "image"> {
  const media = image && image.size <= LARGEST_PICTURE ? mediaOf(image) : undefined;
  return media?.kind === "image" ? { image: media } : {};
}

const cardPart = (card: ContactCard): Part => ({
  kind: "contact",
  name: cutText(nameOfCard(card), LONGEST_NAME),
  vcard: writeVcard(card),
});

/** The poll as text: it cannot be voted in from a room. */
export function pollMessage({ question, options, multiple }: Payload<"poll">): Message {
  const choices = options
    .slice(0, MOST)
    .map((option, index) => `${index + 1}. ${shortened(option, LONGEST_CHOICE)}`);
  const lines = [
    `📊 Poll: ${shortened(question, LONGEST_NAME)}`,
    ...choices,
    ...left(options.length, "choices"),
    multiple ? "(Several answers may be chosen.)" : "(One answer.)",
    "This is a poll. It cannot be voted in from here; answer with a message.",
  ];
  return { parts: [textPart(lines.join("\n"))] };
}

/** A vote, as an answer to the poll, whose choices its text numbers from 1. */
export function voteMessage({ options, target }: Payload<"pollVote">, context: OwnPerson): Message {
  const chosen = [...new Set(options.slice(0, MOST))].sort((a, b) => a - b).map((option) => option + 1);
  const words =
    chosen.length === 0
      ? "took back their vote."
      : `voted for ${chosen.length === 1 ? "answer" : "answers"} ${chosen.join(", ")}.`;
  return aboutMessage(words, target, context);
}

/** Words about a message, as an answer to it. */
export function aboutMessage(words: string, target: Target, context: OwnPerson): Message {
  const about = refOf(target, context);
  const part: Part = { kind: "text", style: "emote", body: plainText(words) };
  return { parts: [part], ...(about && { replyTo: about }) };
}

export const textPart = (words: string): Part => ({ kind: "text", style: "text", body: plainText(words) });

/** Each item as a part, and words in the place of those that are too many. */
function few<Item>(items: readonly Item[], what: string, partOf: (item: Item) => Part): readonly Part[] {
  return [...items.slice(0, MOST).map(partOf), ...left(items.length, what).map(textPart)];
}

const left = (count: number, what: string): readonly string[] =>
  count <= MOST ? [] : [`(${count - MOST} more ${what} than Signal's apps send are not shown.)`];

function quoted(quote: Quote, context: ReadContext): Quoted | undefined {
  const about = refOf(quote.target, context);
  const excerpt = excerptOf(quote, readMentions(context, context.names));
  return about && { ...about, ...(excerpt !== undefined && { excerpt }) };
}

function refOf({ author, timestamp }: Target, { own }: OwnPerson): Quoted | undefined {
  const person = personOf(author);
  return person && { id: messageIdOf({ author: person, timestamp }), own: person === own };
}

function excerptOf({ text, ranges, attachments }: Quote, readMention: ReadMention): string | undefined {
  const words = readRanges(cutText(text, EXCERPT * 10), ranges, readMention).text.trim();
  const [file] = attachments;
  const shown = words === "" && file !== undefined ? fileWords(file) : words;
  return shown === "" ? undefined : shortened(shown, EXCERPT);
}

function fileWords(file: Pick<AttachmentPointer, "contentType" | "fileName">): string {
  switch (kindOf({ voice: false, gif: false }, mimetypeOf(file))) {
    case "image":
      return "Picture";
    case "video":
    case "gif":
      return "Video";
    case "audio":
    case "voice":
      return "Audio";
    case "file":
      return file.fileName ?? "File";
  }
}
