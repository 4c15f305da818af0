import type { Part } from "../../core/model/content.ts";
import { shortened } from "../../core/model/cut-text.ts";
import { plainText, type RichText } from "../../core/model/rich-text.ts";
import type { EncodedEvent } from "../../core/ports/homeserver.ts";
import { encodeMessageText } from "../../translate/message-text.ts";
import { concat, split } from "../../translate/rich-text.ts";

type TextPart = Extract<Part, { kind: "text" }>;
type TextBody = Pick<TextPart, "style" | "body">;
type Content = EncodedEvent["content"];

/** Sizes in bytes. */
interface TextLimits {
  /** Of an event's content; the whole event has at most 65,535 with what servers add (spec: Size limits). */
  readonly content: number;
  /** Of the text in one of several events. */
  readonly piece: number;
  /** Of the text in one event where pieces of the usual size would make too many events. */
  readonly largestPiece: number;
  /** The most events of one text; connectors send a longer one as a file. */
  readonly events: number;
}
const MESSAGE: TextLimits = { content: 56_000, piece: 20_000, largestPiece: 48_000, events: 10 };
/** An edit has its content twice. */
export const EDIT: TextLimits = { content: 24_000, piece: 10_000, largestPiece: 20_000, events: 24 };
const SMALLEST = 500;
const LONGEST_EXCERPT = 300;
const TOO_LONG = " … (too long to be shown whole)";

const sizeOf = (content: object): number => Buffer.byteLength(JSON.stringify(content));

export const fits = (content: object, most: number = MESSAGE.content): boolean => sizeOf(content) <= most;

/** Bytes of a UTF-16 unit in JSON; a surrogate counts for half of its pair. */
function inJson(unit: number): number {
  if (unit < 0x20) return unit === 0x0a || unit === 0x0d || unit === 0x09 ? 2 : 6;
  if (unit < 0x80) return unit === 0x22 || unit === 0x5c ? 2 : 1;
  if (unit < 0x800) return 2;
  return unit >= 0xd800 && unit < 0xe000 ? 2 : 3;
}

/** The text in one content, or in several small enough for an event each; at most `limits.events`. */
export function textContents(given: TextBody, limits: TextLimits = MESSAGE): readonly Content[] {
  // Content has the text twice, in plain text and HTML, so one event takes half of its size.
  const half = limits.content / 2;
  const limit = Buffer.byteLength(given.body.text) <= half ? half : limits.piece;
  const styled = given.body.spans.length === 0 ? undefined : styledContents(given, limit, limits);
  return styled === undefined || styled.length > limits.events ? plainContents(given, limits) : styled;
}

/** The contents with styles; undefined where the styles take more room than the text may. */
function styledContents(
  { style, body }: TextBody,
  limit: number,
  limits: TextLimits,
): readonly Content[] | undefined {
  if (limit < SMALLEST) return undefined;
  const out: Content[] = [];
  for (const piece of split(body, limit, inJson)) {
    if (out.length > limits.events) return undefined;
    const content: Content = { ...encodeMessageText({ style, body: piece }) };
    const size = sizeOf(content);
    const smaller = Math.min(limit / 2, (limit * limits.content) / size);
    const contents =
      size <= limits.content ? [content] : styledContents({ style, body: piece }, smaller, limits);
    if (contents === undefined) return undefined;
    for (const each of contents) out.push(each);
  }
  return out;
}

function plainContents({ style, body: { text } }: TextBody, limits: TextLimits): readonly Content[] {
  const whole: Content = { ...encodeMessageText({ style, body: plainText(text) }) };
  const size = sizeOf(whole);
  if (size <= limits.content) return [whole];
  const limit = Math.min(limits.largestPiece, Math.max(limits.piece, (1.5 * size) / limits.events));
  const pieces = split(plainText(text), limit, inJson);
  const most = pieces.slice(0, limits.events).map((piece) => piece.text);
  if (pieces.length > limits.events) most.push(`${most.pop() ?? ""}${TOO_LONG}`);
  return most.map((piece) => ({ ...encodeMessageText({ style, body: plainText(piece) }) }));
}

/** The text as one content of at most `most` bytes: where it must be, without styles and shortened. */
export function textContent({ style, body }: TextBody, most: number): Content {
  const fitting = body.text.length > most ? [] : [body, plainText(body.text)];
  for (const given of fitting) {
    const content: Content = { ...encodeMessageText({ style, body: given }) };
    if (fits(content, most)) return content;
  }
  const [start = plainText("")] = split(plainText(body.text), Math.floor(most / 8), inJson);
  return { ...encodeMessageText({ style, body: plainText(`${start.text}${TOO_LONG}`) }) };
}

/** The text below a quote of the message it answers, for an answer to a message that is not in the room. */
export function quoting(excerpt: string, body: RichText): RichText {
  const shown = shortened(excerpt.trim().replaceAll(/\r\n?/g, "\n"), LONGEST_EXCERPT);
  if (shown === "") return body;
  const quote: RichText = {
    text: body.text === "" ? shown : `${shown}\n`,
    spans: [{ start: 0, end: shown.length, style: { kind: "quote" } }],
  };
  return concat([quote, body]);
}
