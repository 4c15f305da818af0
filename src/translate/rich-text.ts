import type { RichText } from "../core/rich-text.ts";
import { canonical } from "./canonical.ts";

/** The part from `start` up to `end` (UTF-16 offsets), styles cut with it. */
export function slice(rich: RichText, start: number, end: number = rich.text.length): RichText {
  const from = Math.min(Math.max(start, 0), rich.text.length);
  const text = rich.text.slice(from, end);
  if (rich.spans.length === 0) return { text, spans: [] };
  return canonical({
    text,
    spans: rich.spans.map((span) => ({ ...span, start: span.start - from, end: span.end - from })),
  });
}

/** The parts one after the other, as if written at once. */
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
 * Pieces of at most `limit` each as `size` counts (default UTF-16 units), cut after a line, else a word, else
 * anywhere between characters. A text within the limit is returned as it is.
 */
export function split(
  rich: RichText,
  limit: number,
  size: (text: string) => number = (text) => text.length,
): RichText[] {
  const out: RichText[] = [];
  let from = 0;
  while (size(rich.text.slice(from, from + limit + 1)) > limit || rich.text.length - from > limit) {
    const longest = fitting(rich.text, from, limit, size);
    const to = from + (breakAt(rich.text.slice(from, from + longest + 1)) ?? longest);
    out.push(trimmed(slice(rich, from, to)));
    from = to;
  }
  const rest = from === 0 ? rich : slice(rich, from);
  return out.length > 0 && rest.text.trim() === "" ? out : [...out, rest];
}

function trimmed(rich: RichText): RichText {
  const text = rich.text.replace(/[ \n]$/, "");
  return text.length === rich.text.length ? rich : slice(rich, 0, text.length);
}

/** How many units from `from` on fit, on a whole code point; at least one. */
function fitting(text: string, from: number, limit: number, size: (text: string) => number): number {
  let [low, high] = [1, Math.min(limit, text.length - from)];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (size(text.slice(from, from + middle)) <= limit) low = middle;
    else high = middle - 1;
  }
  const pair = text.codePointAt(from + low - 1) ?? 0;
  if (pair <= 0xffff) return low;
  return low > 1 ? low - 1 : 2;
}

/** The end of the last line or word in the second half of what fits; the window holds one unit more. */
function breakAt(window: string): number | undefined {
  const at = [window.lastIndexOf("\n"), window.lastIndexOf(" ")].find((found) => found > window.length / 2);
  return at === undefined ? undefined : at + 1;
}
