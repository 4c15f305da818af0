import { type InlineStyle, plainText, type RichText, type Span } from "../../../core/model/rich-text.ts";
import { canonical } from "../../../translate/canonical.ts";
import { MOST_STYLES } from "../../../translate/styles.ts";
import type { BodyRange } from "../wire/attachment.ts";
import { MOST_MENTIONS, type ReadMention } from "./mentions.ts";

type RangeStyle = Extract<BodyRange["mark"], { readonly style: unknown }>["style"];

const STYLES: Readonly<Record<RangeStyle, InlineStyle>> = {
  bold: { kind: "bold" },
  italic: { kind: "italic" },
  spoiler: { kind: "spoiler" },
  strikethrough: { kind: "strike" },
  monospace: { kind: "code" },
};

/** Something of the body in whose place something else is shown. */
interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly style?: InlineStyle;
}

/** The most lines of a text that has styles, each of which is styled by itself. */
const MOST_LINES = MOST_STYLES;

/**
 * Reads the body of a message of Signal's. A mention has one sign of the body, usually U+FFFC, in whose place the name is
 * shown; one of more stays over what it has, so that it hides nothing. What is outside the body styles nothing, and
 * neither does anything where it is more than {@link MOST_STYLES}. Line ends become "\n". Takes time n log n.
 */
export function readRanges(body: string, ranges: readonly BodyRange[], readMention: ReadMention): RichText {
  if (ranges.length === 0 || ranges.length > MOST_STYLES || hasTooManyLines(body))
    return plainText(body.replaceAll(/\r\n?/g, "\n"));
  const replaced = replacements(body, ranges, readMention);
  const moved = mapping(replaced);
  const spans: Span[] = replaced.flatMap(({ start, text, style }) => {
    const at = moved(start);
    return style ? [{ start: at, end: at + text.length, style }] : [];
  });
  for (const { start, length, mark } of ranges) {
    const style =
      "style" in mark ? STYLES[mark.style] : length > 1 ? readMention(mark.mention)?.style : undefined;
    const end = Math.min(start + length, body.length);
    if (style !== undefined && start < end) spans.push({ start: moved(start), end: moved(end), style });
  }
  return canonical({ text: withReplacements(body, replaced), spans });
}

function hasTooManyLines(body: string): boolean {
  let lines = 0;
  for (let at = 0; at < body.length && lines <= MOST_LINES; at += 1) {
    const unit = body.charCodeAt(at);
    if (unit === 0x0a || unit === 0x0d) lines += 1;
  }
  return lines > MOST_LINES;
}

/** In order and without overlap. */
function replacements(
  body: string,
  ranges: readonly BodyRange[],
  readMention: ReadMention,
): readonly Replacement[] {
  const out: Replacement[] = [];
  if (body.includes("\r")) {
    for (const { index, 0: found } of body.matchAll(/\r\n?/g))
      out.push({ start: index, end: index + found.length, text: "\n" });
  }
  let mentions = 0;
  for (const { start, length, mark } of ranges) {
    if (!("mention" in mark) || length !== 1 || start >= body.length || isHalf(body, start)) continue;
    const mention = readMention(mark.mention);
    if (mention === undefined || ++mentions > MOST_MENTIONS) continue;
    out.push({ start, end: start + 1, text: mention.label, style: mention.style });
  }
  let occupied = 0;
  return out
    .sort((a, b) => a.start - b.start)
    .filter(({ start, end }) => {
      if (start < occupied) return false;
      occupied = end;
      return true;
    });
}

/** Half of a character that has two UTF-16 units, or a line end. */
const isHalf = (body: string, at: number): boolean => /[\ud800-\udfff\r\n]/.test(body[at] ?? "");

function withReplacements(body: string, replaced: readonly Replacement[]): string {
  let at = 0;
  const pieces = replaced.map(({ start, end, text }) => {
    const piece = body.slice(at, start) + text;
    at = end;
    return piece;
  });
  return pieces.join("") + body.slice(at);
}

/** Where an offset of the body is in the text that is shown; one inside something replaced is at its end. */
function mapping(replaced: readonly Replacement[]): (offset: number) => number {
  let moved = 0;
  const ends = replaced.map(({ start, end, text }) => {
    moved += text.length - (end - start);
    return { start, end, moved };
  });
  return (offset) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle]?.start ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    const last = ends[low - 1];
    return last === undefined ? offset : Math.max(offset, last.end) + last.moved;
  };
}
