import type { Message, Part } from "../../core/model/content.ts";
import { shortened } from "../../core/model/cut-text.ts";
import { LONGEST_REACTION } from "../../core/model/limits.ts";
import { plainText } from "../../core/model/rich-text.ts";
import type { EncodedEvent, MatrixEncoder, Relation, Reply } from "../../core/ports/homeserver.ts";
import { canonicalEmoji } from "../../translate/emoji.ts";
import { answerContent } from "./encode-answer.ts";
import { commandDescription } from "./encode-command.ts";
import { replacement, revised } from "./encode-edit.ts";
import { attach, mediaEvents } from "./encode-media.ts";
import { contactContent, locationContent } from "./encode-place.ts";
import { statusEvent } from "./encode-status.ts";
import { quoting, textContent, textContents } from "./encode-text.ts";
import { withPicture, withPreviews } from "./link-previews.ts";
import { roomFeatures } from "./room-features.ts";

type Content = EncodedEvent["content"];

const MESSAGE = "m.room.message";
const LARGEST_NOTICE = 48_000;

/** A reply without the fallback quote, which the specification no longer has (MSC2781). */
const answering = (target: Relation): object =>
  target === undefined ? {} : { "m.relates_to": { "m.in_reply_to": { event_id: target } } };

/**
 * Buttons in the shape that mautrix and Beeper's clients have for them (`com.beeper.action_hints`, after MSC1485): a
 * click sends `event`, which is the message a person could type.
 */
const buttons = (replies: readonly Reply[] = []): object =>
  replies.length === 0
    ? {}
    : {
        "com.beeper.action_hints": {
          exclusive: true,
          hints: replies.map(({ label, text }) => ({
            body: label,
            event_type: MESSAGE,
            event: { msgtype: "m.text", body: text },
          })),
        },
      };

const plainEvent = (content: Content): EncodedEvent => ({ type: MESSAGE, content });

/** Where the caption of a file or place goes: inside its event, or into a separate event for clients that show none. */
export type Captions = "inside" | "separate";

function eventsOf(part: Part): readonly EncodedEvent[] {
  switch (part.kind) {
    case "text":
      return withPreviews(textContents(part).map(plainEvent), part);
    case "media":
      return mediaEvents(part);
    case "location":
      return [plainEvent(locationContent(part))];
    case "contact":
      return [plainEvent(contactContent(part))];
  }
}

function separateEventsOf(part: Part): readonly EncodedEvent[] {
  if (part.kind === "location") {
    const place = locationContent(part);
    return [plainEvent(place), plainEvent({ msgtype: "m.text", body: place.body, "m.mentions": {} })];
  }
  if (part.kind !== "media" || part.caption === undefined) return eventsOf(part);
  const { caption, ...bare } = part;
  return [...eventsOf(bare), ...eventsOf({ kind: "text", style: "text", body: caption })];
}

/** The parts with a quote of the message they answer, for one that is not in the room. */
function withQuote({ parts, replyTo }: Message): readonly Part[] {
  const [first, ...rest] = parts;
  const excerpt = replyTo?.excerpt ?? "";
  if (first === undefined || excerpt.trim() === "") return parts;
  switch (first.kind) {
    case "text":
      return [{ ...first, body: quoting(excerpt, first.body) }, ...rest];
    case "media":
      return [{ ...first, caption: quoting(excerpt, first.caption ?? plainText("")) }, ...rest];
    case "location":
    case "contact":
      return [{ kind: "text", style: "text", body: quoting(excerpt, plainText("")) }, ...parts];
  }
}

/** Encodes messages for any Matrix client. Only the first event of a message carries the reply. */
export const matrixEncoderWith = (captions: Captions): MatrixEncoder => ({
  message: (message, replyTo) =>
    (replyTo === undefined ? withQuote(message) : message.parts)
      .flatMap(captions === "separate" ? separateEventsOf : eventsOf)
      .map((event, index) =>
        index === 0 ? { ...event, content: { ...event.content, ...answering(replyTo) } } : event,
      ),
  attach: (content, media, at, found) => withPicture(content, at, found) ?? attach(content, media, at, found),
  wordsApart: captions === "separate",
  roomFeatures,
  commandDescription,
  revised,
  replacement,
  reaction: (emoji, target) => ({
    type: "m.reaction",
    content: {
      "m.relates_to": {
        rel_type: "m.annotation",
        event_id: target,
        key: canonicalEmoji(shortened(emoji, LONGEST_REACTION)),
      },
    },
  }),
  redaction: (target, reason) => ({
    type: "m.room.redaction",
    content: { redacts: target, ...(reason === undefined ? {} : { reason }) },
  }),
  status: statusEvent,
  answer: (text, replies) => plainEvent({ ...answerContent(text, LARGEST_NOTICE), ...buttons(replies) }),
  notice: (text, replyTo) =>
    plainEvent({
      ...textContent({ style: "notice", body: plainText(text) }, LARGEST_NOTICE),
      ...answering(replyTo),
    }),
});

export const matrixEncoder: MatrixEncoder = matrixEncoderWith("inside");
