import { endBefore } from "../core/model/cut-text.ts";
import type { RichText, Span } from "../core/model/rich-text.ts";
import { canonical } from "./canonical.ts";

interface Range {
  readonly start: number;
  readonly end: number;
}

/** The part from `start` up to `end` (UTF-16 offsets), styles cut with it. */
export function slice(rich: RichText, start: number, end: number = rich.text.length): RichText {
  const from = Math.min(Math.max(start, 0), rich.text.length);
  const [part = rich] = slices(rich, [{ start: from, end: Math.max(from, Math.min(end, rich.text.length)) }]);
  return part;
}

/** Joins parts into one text. */
export function concat(parts: readonly RichText[]): RichText {
  let offset = 0;
  const spans = parts.flatMap((part) => {
    const moved = part.spans.map((span) => ({ ...span, start: span.start + offset, end: span.end + offset }));
    offset += part.text.length;
    return moved;
  });
  return canonical({ text: parts.map(({ text }) => text).join(""), spans });
}

/**
 * Pieces of at most `limit` each, where a UTF-16 unit counts as `weigh` says (default 1), cut after a line, else a word,
 * else anywhere between characters. A text within the limit is returned as it is. Takes linear time.
 */
export function split(rich: RichText, limit: number, weigh: (unit: number) => number = () => 1): RichText[] {
  const { text } = rich;
  const ranges: Range[] = [];
  let start = 0;
  let weight = 0;
  for (let at = 0; at < text.length; at += 1) {
    weight += weigh(text.charCodeAt(at));
    if (weight <= limit) continue;
    const next = breakBefore(text, start, at);
    ranges.push({ start, end: withoutBreak(text, start, next) });
    start = next;
    at = next - 1;
    weight = 0;
  }
  if (ranges.length === 0) return [rich];
  if (text.slice(start).trim() !== "") ranges.push({ start, end: text.length });
  return slices(rich, ranges);
}

/** The text of each range, in one pass over the spans; ranges are in order and without overlap. */
function slices({ text, spans }: RichText, ranges: readonly Range[]): RichText[] {
  const sorted = [...spans].sort((a, b) => a.start - b.start);
  let next = 0;
  let open: Span[] = [];
  return ranges.map(({ start, end }) => {
    for (let span = sorted[next]; span !== undefined && span.start < end; span = sorted[next]) {
      open.push(span);
      next += 1;
    }
    open = open.filter((span) => span.end > start);
    const moved = open.map((span) => ({ ...span, start: span.start - start, end: span.end - start }));
    return canonical({ text: text.slice(start, end), spans: moved });
  });
}

/** Where to end a piece that may reach up to `at`: in its second half after a line, else after a word, else at a character. */
function breakBefore(text: string, start: number, at: number): number {
  const window = text.slice(start, at + 1);
  const found = [window.lastIndexOf("\n"), window.lastIndexOf(" ")].find(
    (place) => place > window.length / 2,
  );
  if (found !== undefined) return start + found + 1;
  const end = endBefore(text, at);
  return end > start ? end : start + ((text.codePointAt(start) ?? 0) > 0xffff ? 2 : 1);
}

/** The piece's end without the space or line end at which it was cut. */
function withoutBreak(text: string, start: number, end: number): number {
  const last = text[end - 1];
  return end - 1 > start && (last === " " || last === "\n") ? end - 1 : end;
}
