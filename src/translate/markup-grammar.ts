import type { InlineStyle } from "../core/model/rich-text.ts";

/*
 * The markup of WhatsApp and Messenger, as we read and write it (WhatsApp's help page names the marks; how they
 * pair is not published, so the rules here are ours and both directions share them):
 * - *bold* _italic_ ~strike~ on one line; a mark opens after the start or a character that is no letter or digit
 *   and before one that is no space; it closes the other way round. Marks in between do not count for that. Inside
 *   one pair its mark does not open again, and nothing opens directly where another ended.
 * - `code`; ```code``` on lines of its own, or across lines, is a code block. Nothing is read inside.
 * - "> " begins a line of a quote; then, or instead, "- ", "* " or "1. " an item.
 * - Web addresses are taken as they are: no mark counts inside them.
 * - Escape: U+2060 (word joiner, invisible) directly after a mark, or after the ">", "-" or "1." of a line, makes it
 *   literal. Reading takes one away; writing adds one wherever the text would otherwise be read as markup.
 */

export const ESCAPE = "\u2060";

export type EmphasisMark = "*" | "_" | "~";

export const emphasisStyles: Readonly<Record<EmphasisMark, InlineStyle>> = {
  "*": { kind: "bold" },
  _: { kind: "italic" },
  "~": { kind: "strike" },
};

export function isEmphasisMark(char: string | undefined): char is EmphasisMark {
  return char === "*" || char === "_" || char === "~";
}

export function isSpace(char: string): boolean {
  return /\s/.test(char);
}

const word = /[\p{L}\p{N}\p{M}]/u;

/** For each offset of a line: whether a letter or digit stands before it, and after it, apart from marks. */
export interface Edges {
  readonly wordBefore: Uint8Array;
  readonly wordAfter: Uint8Array;
}

const OTHER = 0;
const WORD = 1;
const MARK = 2;
const ascii = Uint8Array.from({ length: 128 }, (_, code) =>
  /[0-9A-Za-z]/.test(String.fromCharCode(code)) ? WORD : OTHER,
);
for (const mark of "*_~") ascii[mark.charCodeAt(0)] = MARK;

function kindOf(point: number): number {
  if (point < 128) return ascii[point] ?? OTHER;
  const char = String.fromCodePoint(point);
  return char === ESCAPE ? MARK : word.test(char) ? WORD : OTHER;
}

export function edges(line: string): Edges {
  const wordBefore = new Uint8Array(line.length + 1);
  const wordAfter = new Uint8Array(line.length + 1);
  const kinds = new Uint8Array(line.length);
  for (let i = 0; i < line.length; ) {
    const point = line.codePointAt(i) ?? 0;
    const units = point > 0xffff ? 2 : 1;
    kinds.fill(kindOf(point), i, i + units);
    i += units;
  }
  for (let i = 0; i < line.length; i += 1) {
    wordBefore[i + 1] = kinds[i] === MARK ? (wordBefore[i] ?? 0) : (kinds[i] ?? 0);
  }
  for (let i = line.length - 1; i >= 0; i -= 1) {
    wordAfter[i] = kinds[i] === MARK ? (wordAfter[i + 1] ?? 0) : (kinds[i] ?? 0);
  }
  return { wordBefore, wordAfter };
}

export interface Range {
  readonly start: number;
  readonly end: number;
}

const address = /https?:\/\/[^\s<>"`]+/gi;
const trailing = new Set(`*_~.,;:!?'")]}${ESCAPE}`);

/** Web addresses in a line, without the punctuation and marks after them; in order. */
export function addresses(line: string): Range[] {
  if (!line.includes("://")) return [];
  return [...line.matchAll(address)].map((match) => {
    let end = match.index + match[0].length;
    while (trailing.has(line.charAt(end - 1))) end -= 1;
    return { start: match.index, end };
  });
}

/** Beginnings of a line: of an item, of one that is escaped, and of one that must be escaped to be literal. */
export const itemPrefix = /^(?:[-*]|(\d{1,9})\.) (?=.)/s;
export const escapedPrefix = /^(?:[>-]|\d{1,9}\.)\u2060/;
export const literalPrefix = /^(?:[>-]|\d{1,9}\.)(?=[ \u2060])|^\*(?= )/;

/** Whether there is anything in the text to read or to escape. */
export const anyMarkup = /[*_~`\u2060]|(?:^|\n)(?:[>-]|\d{1,9}\.) /;
