import type { Part } from "../core/model/content.ts";
import type { UserId } from "../core/model/ids.ts";
import type { RichText, Span } from "../core/model/rich-text.ts";
import { canonical } from "./canonical.ts";
import { fromMatrixHtml, type MentionOf } from "./from-matrix-html.ts";
import { isUserId } from "./matrix-uri.ts";
import { toPlainBody, withoutReplyFallback } from "./plain-body.ts";
import { toMatrixHtml, type UserOf } from "./to-matrix-html.ts";

type TextPart = Extract<Part, { kind: "text" }>;

const HTML_FORMAT = "org.matrix.custom.html";
const MAX_MENTIONS = 50;
const styles: ReadonlyMap<unknown, TextPart["style"]> = new Map([
  ["m.text", "text"],
  ["m.emote", "emote"],
  ["m.notice", "notice"],
] as const);

/** The text content of an `m.room.message`. `m.mentions` is always set, so that no word of the body notifies anybody. */
export interface TextContent {
  readonly msgtype: "m.text" | "m.emote" | "m.notice";
  readonly body: string;
  readonly format?: typeof HTML_FORMAT;
  readonly formatted_body?: string;
  readonly "m.mentions": { readonly user_ids?: readonly UserId[]; readonly room?: true };
}

/**
 * The text of an untrusted `m.room.message` content, or undefined when it is none (another msgtype, no body).
 * With `m.mentions` only the users in it are mentioned; pills of others become plain text.
 */
export function decodeMessageText(
  content: Readonly<Record<string, unknown>>,
  mentionOf: MentionOf = (user) => ({ kind: "mentionUser", user }),
): TextPart | undefined {
  const style = styles.get(content["msgtype"]);
  const body = content["body"];
  if (style === undefined || typeof body !== "string") return undefined;
  return { kind: "text", style, body: decodeRichBody(content, body, mentionOf) };
}

/** The rich text of any content with a `body` and perhaps a `formatted_body`, such as a caption. */
export function decodeRichBody(
  content: Readonly<Record<string, unknown>>,
  body: string,
  mentionOf: MentionOf = (user) => ({ kind: "mentionUser", user }),
): RichText {
  const mentions = record(content["m.mentions"]);
  const listed = mentions === undefined ? undefined : userIds(mentions["user_ids"]);
  const html = content["formatted_body"];
  if (content["format"] === HTML_FORMAT && typeof html === "string") {
    const rich = fromMatrixHtml(html, (user) =>
      listed === undefined || listed.has(user) ? mentionOf(user) : undefined,
    );
    // For HTML with too many styles the plain body is used, which has marks for lists and quotes.
    if (body.trim() === "" || (rich.text.trim() !== "" && !rich.unstyled)) {
      return withRoom({ text: rich.text, spans: rich.spans }, mentions);
    }
  }
  const isReply = record(record(content["m.relates_to"])?.["m.in_reply_to"]) !== undefined;
  const text = (isReply ? withoutReplyFallback(body) : body).replaceAll(/\r\n?/g, "\n");
  return withRoom(withUsers(text, listed, mentionOf), mentions);
}

export function encodeMessageText(
  { style, body }: Pick<TextPart, "style" | "body">,
  userOf?: UserOf,
): TextContent {
  return { msgtype: `m.${style}`, ...encodeRichBody(body, userOf) };
}

/** `body`, `m.mentions` and, only where there is something to style, `formatted_body`. */
export function encodeRichBody(
  rich: RichText,
  userOf: UserOf = () => undefined,
): Omit<TextContent, "msgtype"> {
  if (rich.spans.length === 0) return { body: rich.text, "m.mentions": {} };
  const canonicalText = canonical(rich);
  const plain = { body: toPlainBody(canonicalText), "m.mentions": mentionsOf(canonicalText, userOf) };
  const shown = canonicalText.spans.some(({ style }) => {
    if (style.kind === "mentionPerson") return userOf(style.person) !== undefined;
    return style.kind !== "mentionRoom";
  });
  return shown
    ? { ...plain, format: HTML_FORMAT, formatted_body: toMatrixHtml(canonicalText, userOf) }
    : plain;
}

function mentionsOf({ spans }: RichText, userOf: UserOf): TextContent["m.mentions"] {
  const users = new Set<UserId>();
  let room = false;
  for (const { style } of spans) {
    if (style.kind === "mentionRoom") room = true;
    const user =
      style.kind === "mentionUser"
        ? style.user
        : style.kind === "mentionPerson"
          ? userOf(style.person)
          : undefined;
    if (user !== undefined) users.add(user);
  }
  return { ...(users.size > 0 ? { user_ids: [...users] } : {}), ...(room ? { room: true } : {}) };
}

/** In plain text a written user id is a mention if `m.mentions` lists the user. */
function withUsers(text: string, listed: ReadonlySet<UserId> | undefined, mentionOf: MentionOf): RichText {
  const spans: Span[] = [];
  for (const user of listed ?? []) {
    const start = text.indexOf(user);
    const style = start === -1 ? undefined : mentionOf(user);
    if (style !== undefined) spans.push({ start, end: start + user.length, style });
  }
  return canonical({ text, spans });
}

const wholeRoom = /(?<![\p{L}\p{N}])@room(?![\p{L}\p{N}])/gu;

function withRoom(rich: RichText, mentions: Readonly<Record<string, unknown>> | undefined): RichText {
  if (mentions?.["room"] !== true) return rich;
  const spans = [...rich.text.matchAll(wholeRoom)].map(
    ({ index }): Span => ({ start: index, end: index + 5, style: { kind: "mentionRoom" } }),
  );
  return canonical({ text: rich.text, spans: [...rich.spans, ...spans] });
}

function userIds(value: unknown): ReadonlySet<UserId> {
  if (!Array.isArray(value)) return new Set();
  const ids: readonly unknown[] = value.slice(0, MAX_MENTIONS);
  return new Set(ids.filter((id): id is UserId => typeof id === "string" && isUserId(id)));
}

function record(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}
