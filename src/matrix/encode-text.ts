import type { Part } from "../core/content.ts";
import { shortened } from "../core/cut-text.ts";
import type { EncodedEvent } from "../core/homeserver.ts";
import { plainText, type RichText } from "../core/rich-text.ts";
import { encodeMessageText } from "../translate/message-text.ts";
import { concat, split } from "../translate/rich-text.ts";

type TextPart = Extract<Part, { kind: "text" }>;
type Content = EncodedEvent["content"];

/** Bytes of content; an event has 65,535 with all that servers add (spec: Size limits). */
const LARGEST = 56_000;
/** Bytes of text a piece of what does not fit into one event. */
const PIECE = 20_000;
const SMALLEST = 500;
const LONGEST_EXCERPT = 300;

const bytes = (text: string): number => Buffer.byteLength(text);

export const fits = (content: object, most: number = LARGEST): boolean =>
  bytes(JSON.stringify(content)) <= most;

/** One content a piece, each small enough for an event; text that fits is one piece. */
export function textContents(part: Pick<TextPart, "style" | "body">): readonly Content[] {
  return pieces(part, PIECE, false);
}

function pieces({ style, body }: Pick<TextPart, "style" | "body">, limit: number, cut: boolean): Content[] {
  const content: Content = { ...encodeMessageText({ style, body }) };
  if (fits(content)) return [content];
  // Styles can weigh more than any text; below this they are given up.
  if (limit < SMALLEST) return pieces({ style, body: plainText(body.text) }, PIECE, false);
  const parts = split(body, limit, bytes);
  const next = cut || parts.length === 1 ? limit / 2 : limit;
  return parts.flatMap((piece) => pieces({ style, body: piece }, next, true));
}

/** The text as one content of at most so many bytes: without its styles, and shortened, where it must be. */
export function textContent(part: Pick<TextPart, "style" | "body">, most: number): Content {
  const { style, body } = part;
  for (const given of [body, plainText(body.text)]) {
    const content: Content = { ...encodeMessageText({ style, body: given }) };
    if (fits(content, most)) return content;
  }
  const [start = plainText("")] = split(plainText(body.text), Math.floor(most / 8), bytes);
  return { ...encodeMessageText({ style, body: plainText(`${start.text} … (too long to be shown whole)`) }) };
}

/** The text below a quote of what it answers, for an answer to something that is not in the room. */
export function quoting(excerpt: string, body: RichText): RichText {
  const words = excerpt.trim().replaceAll(/\r\n?/g, "\n");
  const shown = shortened(words, LONGEST_EXCERPT);
  if (shown === "") return body;
  const quote: RichText = {
    text: body.text === "" ? shown : `${shown}\n`,
    spans: [{ start: 0, end: shown.length, style: { kind: "quote" } }],
  };
  return concat([quote, body]);
}
