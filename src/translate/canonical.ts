import type { InlineStyle, RichText, Span } from "../core/model/rich-text.ts";
import { type BlockSpan, canonicalBlocks } from "./canonical-blocks.ts";
import { safeHref } from "./href.ts";
import { bySpan, isBlock, isMention, styleKey } from "./styles.ts";

interface InlineSpan extends Span {
  readonly style: InlineStyle;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** The same text with its spans in canonical form (see core/rich-text.ts). Never throws; time n log n. */
export function canonical(rich: RichText): RichText {
  if (rich.spans.length === 0) return rich;
  const blocks: BlockSpan[] = [];
  const inline: InlineSpan[] = [];
  for (const { start, end, style } of rich.spans) {
    const range = clampRange(rich.text, start, end);
    if (range === undefined) continue;
    if (isBlock(style)) blocks.push({ ...range, style });
    else inline.push({ ...range, style });
  }
  const lines = canonicalBlocks(rich.text, blocks);
  const code = lines.filter(({ style }) => style.kind === "codeBlock");
  return { text: rich.text, spans: [...lines, ...canonicalInline(rich.text, inline, code)].sort(bySpan) };
}

/** The range, cut to the text and widened to whole code points; undefined when it is empty. */
function clampRange(text: string, start: number, end: number): Range | undefined {
  const from = Math.max(0, Math.trunc(start));
  const to = Math.min(text.length, Math.trunc(end));
  if (!(from < to)) return undefined;
  return { start: splitsPair(text, from) ? from - 1 : from, end: splitsPair(text, to) ? to + 1 : to };
}

function splitsPair(text: string, offset: number): boolean {
  const [high, low] = [text.charCodeAt(offset - 1), text.charCodeAt(offset)];
  return high >= 0xd800 && high < 0xdc00 && low >= 0xdc00 && low < 0xe000;
}

function canonicalInline(text: string, spans: readonly InlineSpan[], code: readonly Range[]): InlineSpan[] {
  if (spans.length === 0) return [];
  const mentions = withoutOverlap(spans.filter(({ style }) => isMention(style)))
    .map((span) => ({ ...span, ...splitAtLines(text, [span])[0] }))
    .filter(
      (span) => !text.slice(span.start, span.end).includes("\n") && rangeAt(code, span.start) === undefined,
    );
  const links = withoutOverlap(spans.flatMap(readableLink));
  const out: InlineSpan[] = [...mentions];
  const groups = Map.groupBy(
    [...links, ...spans.filter(({ style }) => style.kind !== "link" && !isMention(style))],
    ({ style }) => styleKey(style),
  );
  for (const group of groups.values()) {
    const style = group[0]?.style;
    if (style === undefined) continue;
    const ranges = subtract(splitAtLines(text, union(group)), code);
    const kept =
      style.kind === "link"
        ? subtract(ranges, mentions)
        : union(ranges.map((range) => growToMentions(range, mentions)));
    for (const range of kept) out.push({ ...range, style });
  }
  return out;
}

function readableLink(span: InlineSpan): InlineSpan[] {
  if (span.style.kind !== "link") return [];
  const href = safeHref(span.style.href);
  return href === undefined ? [] : [{ ...span, style: { kind: "link", href } }];
}

/** Spans without overlap: the first keeps its range, a later one loses what overlaps. */
function withoutOverlap(spans: readonly InlineSpan[]): InlineSpan[] {
  let occupied = 0;
  return [...spans].sort(bySpan).flatMap((span) => {
    const start = Math.max(span.start, occupied);
    if (start >= span.end || (isMention(span.style) && start > span.start)) return [];
    occupied = span.end;
    return [{ ...span, start }];
  });
}

function union(ranges: readonly Range[]): Range[] {
  const out: { start: number; end: number }[] = [];
  for (const { start, end } of [...ranges].sort((a, b) => a.start - b.start)) {
    const last = out.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else out.push({ start, end });
  }
  return out;
}

/** The ranges cut at line ends. */
function splitAtLines(text: string, ranges: readonly Range[]): Range[] {
  return ranges.flatMap(({ start, end }) => {
    const out: Range[] = [];
    for (let from = start; from < end; ) {
      const newline = text.indexOf("\n", from);
      const to = newline === -1 || newline > end ? end : newline;
      if (from < to) out.push({ start: from, end: to });
      from = to + 1;
    }
    return out;
  });
}

/** The ranges without the holes; both lists are in order and without overlap. */
function subtract(ranges: readonly Range[], holes: readonly Range[]): Range[] {
  if (holes.length === 0) return [...ranges];
  const out: Range[] = [];
  let hole = 0;
  for (const range of ranges) {
    while ((holes[hole]?.end ?? Number.POSITIVE_INFINITY) <= range.start) hole += 1;
    let from = range.start;
    for (let next = hole; (holes[next]?.start ?? Number.POSITIVE_INFINITY) < range.end; next += 1) {
      const { start, end } = holes[next] ?? range;
      if (from < start) out.push({ start: from, end: start });
      from = Math.max(from, end);
    }
    if (from < range.end) out.push({ start: from, end: range.end });
  }
  return out;
}

/** The range, widened to hold whole mentions. */
function growToMentions(range: Range, mentions: readonly Range[]): Range {
  const first = rangeAt(mentions, range.start);
  const last = rangeAt(mentions, range.end - 1);
  return { start: first?.start ?? range.start, end: last?.end ?? range.end };
}

/** The range that holds the offset; the ranges are in order and without overlap. */
function rangeAt(ranges: readonly Range[], offset: number): Range | undefined {
  let [low, high] = [0, ranges.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const range = ranges[middle];
    if (range === undefined) return undefined;
    if (range.end <= offset) low = middle + 1;
    else if (range.start > offset) high = middle - 1;
    else return range;
  }
  return undefined;
}
