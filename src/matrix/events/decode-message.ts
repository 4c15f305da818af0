import type { Message, Part } from "../../core/model/content.ts";
import type { EventId } from "../../core/model/ids.ts";
import { decodeMessageText } from "../../translate/message-text.ts";
import { isEventId } from "../http/identifier.ts";
import { fieldOf } from "../http/json.ts";
import { decodeGallery, GALLERIES } from "./decode-gallery.ts";
import { decodeLocation } from "./decode-location.ts";
import { type DecodedPart, decodeFile, decodeMedia, decodeSticker } from "./decode-media.ts";
import { decodePoll } from "./decode-poll.ts";
import { previewsIn } from "./link-previews.ts";

interface Unsupported {
  readonly kind: "unsupported";
  readonly what: string;
}

type Decoded =
  | {
      readonly kind: "message";
      readonly message: Message;
      readonly replyTo?: EventId;
      readonly note?: string;
    }
  | { readonly kind: "edit"; readonly target: EventId; readonly message: Message }
  | Unsupported;

const TEXTS: ReadonlySet<unknown> = new Set(["m.text", "m.emote", "m.notice"]);
const FILES: ReadonlySet<unknown> = new Set(["m.image", "m.video", "m.audio", "m.file"]);

const POLLS = ["m.poll", "m.poll.start", "org.matrix.msc3381.poll.start"];

const NOTES = {
  thread: "There are no threads on that side, so it was sent into the chat itself.",
  emotes: "Custom emotes were sent by their names.",
  notice: "Notices are plain messages on that side.",
  sticker: "There are no stickers of this kind on that side, so it was sent as an image.",
  unknownText: "It is of a kind that does not cross, so only its text was sent.",
  unknownFile: "It is of a kind that does not cross, so it was sent as a file.",
  poll: "Polls do not cross, so it was sent as text; nobody there can vote on it.",
} as const;

const unsupported = (what: string): Unsupported => ({ kind: "unsupported", what });

/** The content of an `m.room.message` (spec: Instant Messaging); `unsupported` names what the bridge cannot carry. */
export function decodeMessage(content: unknown): Decoded {
  if (typeof content !== "object" || content === null) return unsupported("a message without content");
  const relation = fieldOf(content, "m.relates_to");
  if (fieldOf(relation, "rel_type") === "m.replace") return edited(content, fieldOf(relation, "event_id"));
  if (GALLERIES.has(fieldOf(content, "msgtype"))) {
    const gallery = decodeGallery(content as Readonly<Record<string, unknown>>);
    return gallery ? messageOf(gallery.parts, content, [gallery.note]) : unsupported("an empty gallery");
  }
  const decoded = partOf(content as Readonly<Record<string, unknown>>);
  if (decoded.kind === "unsupported") return decoded;
  return messageOf([decoded.part], content, [
    fieldOf(content, "msgtype") === "m.notice" ? NOTES.notice : "",
    unknownKind(content, decoded.part),
    hasEmotes(content) ? NOTES.emotes : "",
  ]);
}

export function decodeStickerEvent(content: unknown): Decoded {
  if (typeof content !== "object" || content === null) return unsupported("a sticker without content");
  const decoded = decodeSticker(content as Readonly<Record<string, unknown>>);
  return decoded.kind === "part" ? messageOf([decoded.part], content, [NOTES.sticker]) : decoded;
}

export function decodePollStart(content: unknown): Decoded {
  const relation = fieldOf(content, "m.relates_to");
  if (typeof content === "object" && content !== null && fieldOf(relation, "rel_type") === "m.replace") {
    return edited(content, fieldOf(relation, "event_id"));
  }
  const part = decodePoll(content);
  return part === undefined
    ? unsupported("a poll without a question")
    : messageOf([part], content, [NOTES.poll]);
}

function messageOf(parts: readonly Part[], content: unknown, notes: readonly string[]): Decoded {
  const relation = fieldOf(content, "m.relates_to");
  const replyTo = repliedTo(relation);
  const thread = fieldOf(relation, "rel_type") === "m.thread" ? NOTES.thread : "";
  const note = [...notes, thread].filter((words) => words !== "").join(" ");
  return {
    kind: "message",
    message: { parts },
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(note === "" ? {} : { note }),
    ...retryIn(content),
  };
}

/** As mautrix-go's `BeeperRetryMetadata`. */
function retryIn(content: unknown): { readonly retryOf?: EventId } {
  const original = fieldOf(fieldOf(content, "com.beeper.message_send_retry"), "original_event_id");
  return isEventId(original) ? { retryOf: original } : {};
}

/** An edit, by its `m.new_content` (spec: Event replacements); the rest of its content is for clients without edits. */
function edited(content: object, target: unknown): Decoded {
  if (!isEventId(target)) return unsupported("an edit of nothing");
  const newContent = fieldOf(content, "m.new_content") ?? unmarked(content);
  if (typeof newContent !== "object" || newContent === null)
    return unsupported("an edit without its new text");
  const decoded = editedParts(newContent as Readonly<Record<string, unknown>>);
  if (decoded.kind === "unsupported") return unsupported(`an edit to ${decoded.what}`);
  return { kind: "edit", target, message: { parts: decoded.parts } };
}

/** The new content of an edit without `m.new_content`: its fallback without the leading asterisk. */
function unmarked(content: object): object {
  const { body, formatted_body: html } = content as Readonly<Record<string, unknown>>;
  const without = (text: unknown): unknown =>
    typeof text === "string" && text.startsWith("* ") ? text.slice(2) : text;
  return {
    ...content,
    body: without(body),
    ...(html === undefined ? {} : { formatted_body: without(html) }),
  };
}

type EditedParts = { readonly kind: "parts"; readonly parts: readonly Part[] } | Unsupported;

function editedParts(newContent: Readonly<Record<string, unknown>>): EditedParts {
  const poll = POLLS.some((type) => Object.hasOwn(newContent, type)) ? decodePoll(newContent) : undefined;
  if (poll) return { kind: "parts", parts: [poll] };
  if (GALLERIES.has(newContent["msgtype"])) {
    const gallery = decodeGallery(newContent);
    return gallery ? { kind: "parts", parts: gallery.parts } : unsupported("an empty gallery");
  }
  const decoded = partOf(newContent);
  return decoded.kind === "part" ? { kind: "parts", parts: [decoded.part] } : decoded;
}

function partOf(content: Readonly<Record<string, unknown>>): DecodedPart {
  const msgtype = content["msgtype"];
  if (msgtype === "m.location") return decodeLocation(content);
  const media = decodeMedia(content);
  if (media !== undefined) return media;
  if (msgtype === "m.key.verification.request") return unsupported("a verification request");
  if (!TEXTS.has(msgtype) && (Object.hasOwn(content, "url") || Object.hasOwn(content, "file"))) {
    return decodeFile(content, "file");
  }
  // Clients have msgtypes of their own, mostly for effects; the body holds their text.
  const text = decodeMessageText(TEXTS.has(msgtype) ? content : { ...content, msgtype: "m.text" });
  if (text === undefined) {
    return unsupported(TEXTS.has(msgtype) ? "a message without text" : "this kind of message");
  }
  if (text.body.text.trim() === "") return unsupported("an empty message");
  return { kind: "part", part: { ...text, ...previewsIn(content, text.body.text) } };
}

/** The note for the sender of a msgtype that the specification does not name; else empty. */
function unknownKind(content: unknown, { kind }: Part): string {
  const msgtype = fieldOf(content, "msgtype");
  if (TEXTS.has(msgtype) || FILES.has(msgtype) || msgtype === "m.location") return "";
  return kind === "media" ? NOTES.unknownFile : NOTES.unknownText;
}

/** Whether the HTML has custom emotes, which are images (MSC2545). */
function hasEmotes(content: unknown): boolean {
  const html = fieldOf(content, "formatted_body");
  return typeof html === "string" && /<img\b[^<>]*\sdata-mx-emoticon\b/i.test(html);
}

/** The event a message replies to; a reply that a thread has only for clients without threads does not count. */
function repliedTo(relation: unknown): EventId | undefined {
  if (fieldOf(relation, "is_falling_back") === true) return undefined;
  const target = fieldOf(fieldOf(relation, "m.in_reply_to"), "event_id");
  return isEventId(target) ? target : undefined;
}
