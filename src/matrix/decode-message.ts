import type { Message } from "../core/content.ts";
import type { EventId } from "../core/ids.ts";
import { plainText, type RichText } from "../core/rich-text.ts";
import { fieldOf } from "./fault.ts";

type Decoded =
  | { readonly kind: "message"; readonly message: Message; readonly replyTo?: EventId }
  | { readonly kind: "unsupported"; readonly what: string };

const STYLES = new Map([
  ["m.text", "text"],
  ["m.emote", "emote"],
  ["m.notice", "notice"],
] as const);

/** Kinds of `m.room.message` that do not cross, as people call them. */
const UNCARRIED: ReadonlyMap<unknown, string> = new Map([
  ["m.image", "an image"],
  ["m.video", "a video"],
  ["m.audio", "an audio message"],
  ["m.file", "a file"],
  ["m.location", "a location"],
  ["m.key.verification.request", "a verification request"],
]);

/** The content of an `m.room.message` (spec: Instant Messaging). What cannot be read is said, never dropped. */
export function decodeMessage(content: unknown): Decoded {
  const relation = fieldOf(content, "m.relates_to");
  if (fieldOf(relation, "rel_type") === "m.replace") return { kind: "unsupported", what: "an edit" };
  const msgtype = fieldOf(content, "msgtype");
  const style = typeof msgtype === "string" ? styleOf(msgtype) : undefined;
  if (style === undefined) {
    return { kind: "unsupported", what: UNCARRIED.get(msgtype) ?? "this kind of message" };
  }
  const body = fieldOf(content, "body");
  if (typeof body !== "string") return { kind: "unsupported", what: "a message without readable text" };
  const replyTo = repliedTo(relation);
  const message: Message = { parts: [{ kind: "text", style, body: textOf(content, body, replyTo) }] };
  return { kind: "message", message, ...(replyTo === undefined ? {} : { replyTo }) };
}

function styleOf(msgtype: string): "text" | "emote" | "notice" | undefined {
  return (STYLES as ReadonlyMap<string, "text" | "emote" | "notice">).get(msgtype);
}

/** In a thread the reply may be there only for clients without threads. */
function repliedTo(relation: unknown): EventId | undefined {
  if (fieldOf(relation, "is_falling_back") === true) return undefined;
  const target = fieldOf(fieldOf(relation, "m.in_reply_to"), "event_id");
  return typeof target === "string" && target.startsWith("$") && target.length <= 255
    ? (target as EventId)
    : undefined;
}

function textOf(_content: unknown, body: string, _replyTo: EventId | undefined): RichText {
  return plainText(body);
}
