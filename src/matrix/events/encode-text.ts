import type { Part } from "../../core/model/content.ts";
import { shortened } from "../../core/model/cut-text.ts";
import { plainText, type RichText } from "../../core/model/rich-text.ts";
import type { EncodedEvent } from "../../core/ports/homeserver.ts";
import { encodeMessageText } from "../../translate/message-text.ts";
import { concat, split } from "../../translate/rich-text.ts";

type TextPart = Extract<Part, { kind: "text" }>;
type Said = Pick<TextPart, "style" | "body">;
type Content = EncodedEvent["content"];

/**
 * Bytes of content; an event has 65,535 with all that servers add (spec: Size limits). And bytes of text a piece of
 * what does not fit into one event, and of one where that would make too many.
 */
interface Room {
  readonly content: number;
  readonly piece: number;
  readonly largestPiece: number;
  /** Events that one text makes; what is longer still, its connector sends as a file. */
  readonly events: number;
}
const MESSAGE: Room = { content: 56_000, piece: 20_000, largestPiece: 48_000, events: 10 };
/** An edit has its content twice. */
export const EDIT: Room = { content: 24_000, piece: 10_000, largestPiece: 20_000, events: 24 };
const SMALLEST = 500;
const LONGEST_EXCERPT = 300;
const TOO_LONG = " … (too long to be shown whole)";

const sizeOf = (content: object): number => Buffer.byteLength(JSON.stringify(content));

export const fits = (content: object, most: number = MESSAGE.content): boolean => sizeOf(content) <= most;

/** Bytes of a UTF-16 unit in JSON, of half a pair half of them. */
function inJson(unit: number): number {
  if (unit < 0x20) return unit === 0x0a || unit === 0x0d || unit === 0x09 ? 2 : 6;
  if (unit < 0x80) return unit === 0x22 || unit === 0x5c ? 2 : 1;
  if (unit < 0x800) return 2;
  return unit >= 0xd800 && unit < 0xe000 ? 2 : 3;
}

/** One content a piece, each small enough for an event; text that fits is one piece. At most `room.events`. */
export function textContents(said: Said, room: Room = MESSAGE): readonly Content[] {
  // A text of more cannot be in one event, which has it twice.
  const half = room.content / 2;
  const limit = Buffer.byteLength(said.body.text) <= half ? half : room.piece;
  const styled = said.body.spans.length === 0 ? undefined : styledContents(said, limit, room);
  return styled === undefined || styled.length > room.events ? plainContents(said, room) : styled;
}

/** Undefined where the styles weigh more than any text. */
function styledContents({ style, body }: Said, limit: number, room: Room): readonly Content[] | undefined {
  if (limit < SMALLEST) return undefined;
  const out: Content[] = [];
  for (const piece of split(body, limit, inJson)) {
    if (out.length > room.events) return undefined;
    const content: Content = { ...encodeMessageText({ style, body: piece }) };
    const size = sizeOf(content);
    const smaller = Math.min(limit / 2, (limit * room.content) / size);
    const contents = size <= room.content ? [content] : styledContents({ style, body: piece }, smaller, room);
    if (contents === undefined) return undefined;
    for (const each of contents) out.push(each);
  }
  return out;
}

function plainContents({ style, body: { text } }: Said, room: Room): readonly Content[] {
  const whole: Content = { ...encodeMessageText({ style, body: plainText(text) }) };
  const size = sizeOf(whole);
  if (size <= room.content) return [whole];
  const limit = Math.min(room.largestPiece, Math.max(room.piece, (1.5 * size) / room.events));
  const pieces = split(plainText(text), limit, inJson);
  const most = pieces.slice(0, room.events).map((piece) => piece.text);
  if (pieces.length > room.events) most.push(`${most.pop() ?? ""}${TOO_LONG}`);
  return most.map((piece) => ({ ...encodeMessageText({ style, body: plainText(piece) }) }));
}

/** The text as one content of at most so many bytes: without its styles, and shortened, where it must be. */
export function textContent({ style, body }: Said, most: number): Content {
  const fitting = body.text.length > most ? [] : [body, plainText(body.text)];
  for (const given of fitting) {
    const content: Content = { ...encodeMessageText({ style, body: given }) };
    if (fits(content, most)) return content;
  }
  const [start = plainText("")] = split(plainText(body.text), Math.floor(most / 8), inJson);
  return { ...encodeMessageText({ style, body: plainText(`${start.text}${TOO_LONG}`) }) };
}

/** The text below a quote of what it answers, for an answer to something that is not in the room. */
export function quoting(excerpt: string, body: RichText): RichText {
  const shown = shortened(excerpt.trim().replaceAll(/\r\n?/g, "\n"), LONGEST_EXCERPT);
  if (shown === "") return body;
  const quote: RichText = {
    text: body.text === "" ? shown : `${shown}\n`,
    spans: [{ start: 0, end: shown.length, style: { kind: "quote" } }],
  };
  return concat([quote, body]);
}
