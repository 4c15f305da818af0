import type { LinkPreview, Message, Part, Quoted } from "../../../core/model/content.ts";
import { BridgeError } from "../../../core/model/errors.ts";
import type { Outgoing } from "../../../core/model/events.ts";
import type { MessageId, PersonId, UserId } from "../../../core/model/ids.ts";
import type { Media } from "../../../core/model/media.ts";
import type { RichText, Span } from "../../../core/model/rich-text.ts";
import { canonicalEmoji, isEmoji } from "../../../translate/emoji.ts";
import { concat } from "../../../translate/rich-text.ts";
import { messageNameOf, serviceIdOf } from "../ids.ts";
import type { AttachmentPointer, BodyRange, Preview } from "../wire/attachment.ts";
import type { Quote, Target } from "../wire/data-message.ts";
import type { SentPayload } from "../wire/encode-data.ts";
import { beginningOf, LONG_TEXT } from "./long-text.ts";
import { type OwnPerson, writeMentions } from "./mentions.ts";
import { readVcard } from "./read-vcard.ts";
import { writeRanges } from "./write-ranges.ts";

/** What a conversion needs to know beside the message. */
export interface WriteContext extends OwnPerson {
  /** The people of {@link usersIn}'s Matrix ids that are ghosts. */
  readonly ghosts: ReadonlyMap<UserId, PersonId>;
}

/** What must be at Signal's hosts before the message can go. */
export type Upload =
  | { readonly kind: "media"; readonly media: Media }
  /** The picture of a link; the message goes without it where it cannot be brought. */
  | { readonly kind: "picture"; readonly media: Media }
  /** UTF-8; the pointer's type is {@link LONG_TEXT}. */
  | { readonly kind: "text"; readonly text: string; readonly contentType: typeof LONG_TEXT };

/** Android's app takes no reaction back that names no emoji, whichever it was. */
const ANY_EMOJI = "❤️";

/** What is to be uploaded for a message, in order. */
export function uploadsOf(outgoing: Outgoing, context: WriteContext): readonly Upload[] {
  if (outgoing.kind !== "message" && outgoing.kind !== "edit") return [];
  const { parts } = outgoing.message;
  const media = parts.flatMap((part): Upload[] =>
    part.kind === "media" ? [{ kind: "media", media: part.media }] : [],
  );
  const { body } = bodyOf(parts, context);
  const beginning = beginningOf(body);
  const pictures = shownPreviews(parts, beginning).flatMap(({ image }): Upload[] =>
    image ? [{ kind: "picture", media: image }] : [],
  );
  const text: readonly Upload[] =
    beginning === body ? [] : [{ kind: "text", text: body, contentType: LONG_TEXT }];
  return [...media, ...text, ...pictures];
}

const shownPreviews = (parts: readonly Part[], beginning: string): readonly LinkPreview[] =>
  parts
    .flatMap((part) => (part.kind === "text" ? (part.previews ?? []) : []))
    .filter(({ url }) => beginning.includes(url));

/**
 * What a message of ours is for Signal. `files`: where each of {@link uploadsOf} is, in its order. Throws BridgeError
 * where Signal cannot carry it.
 */
export function fromBridge(
  outgoing: Outgoing,
  context: WriteContext,
  files: readonly AttachmentPointer[],
): SentPayload {
  switch (outgoing.kind) {
    case "message":
    case "edit":
      return contentOf(outgoing.message, context, files);
    case "group-change":
      if (outgoing.change.kind === "timer") return { kind: "timer" };
      throw unsupported("A change of a group is no message.");
    case "delete": {
      const target = targetOf(outgoing.target);
      // Of a group's admin.
      if (target.author !== serviceIdOf(context.own)) return { kind: "adminDelete", target };
      return { kind: "delete", target: target.timestamp };
    }
    case "reaction": {
      const target = targetOf(outgoing.target);
      const emoji = canonicalEmoji(outgoing.emoji);
      if (emoji === "")
        return { kind: "reaction", emoji: canonicalEmoji(outgoing.was ?? ANY_EMOJI), remove: true, target };
      if (!isEmoji(emoji))
        throw unsupported(
          "Signal takes a single emoji as a reaction, and nothing else. Write it as a message.",
        );
      return { kind: "reaction", emoji, remove: false, target };
    }
  }
}

function contentOf(
  { parts, replyTo }: Message,
  context: WriteContext,
  files: readonly AttachmentPointer[],
): SentPayload {
  const quote = replyTo && quoteOf(replyTo);
  const cards = parts.flatMap((part) => (part.kind === "contact" ? [readVcard(part.vcard, part.name)] : []));
  if (cards.length > 0) {
    if (cards.length < parts.length)
      throw unsupported("Signal takes contacts in a message of their own. Send them apart.");
    return { kind: "contacts", contacts: cards, ...(quote && { quote }) };
  }
  const { body, ranges } = bodyOf(parts, context);
  const beginning = beginningOf(body);
  const shown = shownPreviews(parts, beginning);
  const pictures = [...files].splice(files.length - shown.filter(({ image }) => image).length);
  const attachments = files.slice(0, files.length - pictures.length);
  const previews = shown.map(({ image, ...preview }): Preview => {
    const picture = image && pictures.shift();
    return { ...preview, ...(picture?.key && { image: picture }) };
  });
  return { kind: "message", body: beginning, ranges, attachments, previews, ...(quote && { quote }) };
}

/** All words of a message, and captions, in lines. */
function bodyOf(
  parts: readonly Part[],
  context: WriteContext,
): { body: string; ranges: readonly BodyRange[] } {
  const texts = parts.flatMap((part): RichText[] => {
    switch (part.kind) {
      case "text":
        return [part.style === "emote" ? inItalics(part.body) : part.body];
      case "media":
        return part.caption ? [part.caption] : [];
      case "location":
        return [placeText(part)];
      case "contact":
        return [];
    }
  });
  const lines = texts.flatMap((text, index) => (index === 0 ? [text] : [lineEnd, text]));
  return writeRanges(
    lines.length === 1 ? (lines[0] ?? lineEnd) : concat(lines),
    writeMentions(context, context.ghosts),
  );
}

const lineEnd: RichText = { text: "\n", spans: [] };

/** An emote: Signal has none, and “* text” would look like an item of a list. */
function inItalics({ text, spans }: RichText): RichText {
  const italic: Span = { start: 0, end: text.length, style: { kind: "italic" } };
  return { text, spans: [...spans, italic] };
}

/** A place as Signal's apps share it: a link, which the receiver's app opens in a map. */
function placeText({ latitude, longitude, name }: Extract<Part, { readonly kind: "location" }>): RichText {
  const link = `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}`;
  return { text: `📍 ${name === undefined ? "" : `${name}\n`}${link}`, spans: [] };
}

function quoteOf({ id, excerpt, file }: Quoted): Quote {
  const attachments = file
    ? [{ contentType: file.mimetype, ...(file.name !== undefined && { fileName: file.name }) }]
    : [];
  return { target: targetOf(id), text: excerpt ?? "", ranges: [], attachments };
}

function targetOf(id: MessageId): Target {
  const name = messageNameOf(id);
  if (name === undefined)
    throw unsupported(
      "Signal does not know the message that this is about. Write it as a message of its own.",
    );
  return { author: serviceIdOf(name.author), timestamp: name.timestamp };
}

function unsupported(words: string): BridgeError {
  return new BridgeError("unsupported", { words, certain: true });
}
