import type { BlockStyle, Span } from "../core/model/rich-text.ts";
import { bySpan, styleKey } from "./styles.ts";

export interface BlockSpan extends Span {
  readonly style: BlockStyle;
}

/** HTML allows 100 levels, and a list item takes two of them. */
export const MAX_BLOCK_DEPTH = 32;

const MAX_ITEM_NUMBER = 999_999_999;
const language = /^[A-Za-z0-9_+#.-]{1,32}$/;

interface Block {
  span: BlockSpan;
  children: Block[];
}

/** Block spans widened to whole lines, nested without crossing, quotes in a row joined; in canonical order. */
export function canonicalBlocks(text: string, spans: readonly BlockSpan[]): BlockSpan[] {
  if (spans.length === 0) return [];
  const lines = lineStarts(text);
  const whole = spans
    .map(({ start, end, style }) => ({ ...widen(text, lines, start, end), style: normalizeStyle(style) }))
    .filter(({ start, end }) => start < end)
    .sort(bySpan);
  const roots = tree(clip(whole).sort(bySpan));
  const out: BlockSpan[] = [];
  flatten(joinQuotes(roots, undefined), out);
  return out.sort(bySpan);
}

function normalizeStyle(style: BlockStyle): BlockStyle {
  if (style.kind === "numberedItem") {
    const number = Number.isInteger(style.number) ? style.number : 1;
    return { kind: "numberedItem", number: Math.min(Math.max(number, 0), MAX_ITEM_NUMBER) };
  }
  if (style.kind !== "codeBlock") return style;
  return style.language !== undefined && language.test(style.language) ? style : { kind: "codeBlock" };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

function widen(
  text: string,
  lines: readonly number[],
  start: number,
  end: number,
): { start: number; end: number } {
  const last = lineOf(lines, end);
  const lineEnd = (lines[last + 1] ?? text.length + 1) - 1;
  // An end just after a "\n" belongs to the line before, unless that end is an empty line's.
  const justAfter = end === lines[last] && end < lineEnd;
  return { start: lines[lineOf(lines, start)] ?? 0, end: justAfter ? end - 1 : lineEnd };
}

/** Index of the line that holds the offset; a line's "\n" is its own. */
function lineOf(lines: readonly number[], offset: number): number {
  let [low, high] = [0, lines.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lines[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Ends each block at the latest with the block in which it starts. */
function clip(sorted: readonly BlockSpan[]): BlockSpan[] {
  const open: number[] = [];
  return sorted.flatMap((span) => {
    // Of an empty line the start equals the end, so an open block ends only before the next start.
    while (open.length > 0 && (open.at(-1) ?? 0) < span.start) open.pop();
    const end = Math.min(span.end, open.at(-1) ?? span.end);
    if (span.start >= end) return [];
    open.push(end);
    return [{ ...span, end }];
  });
}

function tree(sorted: readonly BlockSpan[]): Block[] {
  const roots: Block[] = [];
  const open: Block[] = [];
  for (const span of sorted) {
    while (open.length > 0 && (open.at(-1)?.span.end ?? 0) < span.start) open.pop();
    const parent = open.at(-1);
    const leaf = parent?.span.style.kind === "heading" || parent?.span.style.kind === "codeBlock";
    if (leaf || open.length >= MAX_BLOCK_DEPTH || open.some((outer) => sameBlock(outer.span, span))) continue;
    const block: Block = { span, children: [] };
    (parent?.children ?? roots).push(block);
    open.push(block);
  }
  return roots;
}

function sameBlock(a: BlockSpan, b: BlockSpan): boolean {
  return a.start === b.start && a.end === b.end && styleKey(a.style) === styleKey(b.style);
}

function joinQuotes(blocks: readonly Block[], parent: BlockSpan | undefined): Block[] {
  const joined: Block[] = [];
  for (const block of blocks) {
    const last = joined.at(-1);
    const touch = last?.span.style.kind === "quote" && last.span.end + 1 === block.span.start;
    if (last !== undefined && touch && block.span.style.kind === "quote") {
      last.span = { ...last.span, end: block.span.end };
      for (const child of block.children) last.children.push(child);
    } else joined.push({ span: block.span, children: [...block.children] });
  }
  return joined.flatMap((block) => {
    const children = joinQuotes(block.children, block.span);
    return parent !== undefined && sameBlock(block.span, parent)
      ? children
      : [{ span: block.span, children }];
  });
}

function flatten(blocks: readonly Block[], out: BlockSpan[]): void {
  for (const { span, children } of blocks) {
    out.push(span);
    flatten(children, out);
  }
}
