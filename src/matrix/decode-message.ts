import type { Message } from "../core/content.ts";
import type { EventId } from "../core/ids.ts";
import { decodeMessageText } from "../translate/message-text.ts";
import { fieldOf } from "./fault.ts";

type Decoded =
  | { readonly kind: "message"; readonly message: Message; readonly replyTo?: EventId }
  | { readonly kind: "unsupported"; readonly what: string };

const TEXTS: ReadonlySet<unknown> = new Set(["m.text", "m.emote", "m.notice"]);

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
  if (typeof content !== "object" || content === null) return unsupported("a message without content");
  const relation = fieldOf(content, "m.relates_to");
  if (fieldOf(relation, "rel_type") === "m.replace") return unsupported("an edit");
  const text = decodeMessageText(content as Readonly<Record<string, unknown>>);
  if (text === undefined) {
    const msgtype = fieldOf(content, "msgtype");
    return unsupported(
      TEXTS.has(msgtype) ? "a message without text" : (UNCARRIED.get(msgtype) ?? "this kind of message"),
    );
  }
  if (text.body.text.trim() === "") return unsupported("an empty message");
  const replyTo = repliedTo(relation);
  return { kind: "message", message: { parts: [text] }, ...(replyTo === undefined ? {} : { replyTo }) };
}

const unsupported = (what: string): Decoded => ({ kind: "unsupported", what });

/** In a thread the reply may be there only for clients without threads. */
function repliedTo(relation: unknown): EventId | undefined {
  if (fieldOf(relation, "is_falling_back") === true) return undefined;
  const target = fieldOf(fieldOf(relation, "m.in_reply_to"), "event_id");
  return typeof target === "string" && target.startsWith("$") && target.length <= 255
    ? (target as EventId)
    : undefined;
}
