import {
  type Edges,
  type EmphasisMark,
  ESCAPE,
  edges,
  isEmphasisMark,
  isSpace,
  type Range,
} from "./markup-grammar.ts";
import type { Emphasis, Skeleton } from "./markup-skeleton.ts";

/** Writes the marks that can be read back, and escapes after literal text that looks like marks. */
export function writeMarks({ text, emphasis, opaque }: Skeleton): string {
  if (emphasis.length === 0 && !anyMark.test(text)) return text;
  const around = edges(text);
  const pairs = nestPairs(text, around, opaque, emphasis);
  const marks = new Map<number, string>();
  // Outer pairs come first: they open before inner ones, and close after; what closes goes before what opens.
  for (const { start, mark } of pairs) marks.set(start, (marks.get(start) ?? "") + mark);
  for (const { end, mark } of pairs) marks.set(end, mark + (marks.get(end) ?? ""));
  for (const offset of escapes(text, around, opaque, pairs, new Set(marks.keys()))) {
    marks.set(offset + 1, ESCAPE + (marks.get(offset + 1) ?? ""));
  }
  let out = "";
  let at = 0;
  for (const [offset, written] of [...marks].sort(([a], [b]) => a - b)) {
    out += text.slice(at, offset) + written;
    at = offset;
  }
  return out + text.slice(at);
}

const anyMark = /[*_~`]/;

/** The pairs that the grammar allows, in the order they open: trimmed, at word edges, nested, none touching another. */
function nestPairs(
  text: string,
  around: Edges,
  opaque: readonly Range[],
  wanted: readonly Emphasis[],
): Emphasis[] {
  const queues = (["*", "_", "~"] as const).map((mark) => wanted.filter((one) => one.mark === mark).values());
  const heads = queues.map((queue) => queue.next().value);
  const out: Emphasis[] = [];
  const ends = new Set<number>();
  const open: Emphasis[] = [];
  const inside = coverage(text.length, opaque);
  for (;;) {
    const next = heads.reduce(
      (best, head) => (head !== undefined && opensFirst(head, best) ? head : best),
      undefined,
    );
    if (next === undefined) return out;
    const pick = heads.indexOf(next);
    while ((open.at(-1)?.end ?? text.length + 1) <= next.start) open.pop();
    const limit = open.at(-1)?.end ?? next.end;
    heads[pick] = limit < next.end ? trim(text, { ...next, start: limit }) : queues[pick]?.next().value;
    const pair = trim(text, { ...next, end: Math.min(limit, next.end) });
    if (ends.has(pair.start) || !readable(text, around, inside, pair)) continue;
    out.push(pair);
    open.push(pair);
    ends.add(pair.end);
  }
}

function opensFirst(one: Emphasis, other: Emphasis | undefined): boolean {
  return other === undefined || one.start < other.start || (one.start === other.start && one.end > other.end);
}

function trim(text: string, { start, end, mark }: Emphasis): Emphasis {
  let [from, to] = [start, end];
  while (from < to && isSpace(text.charAt(from))) from += 1;
  while (from < to && isSpace(text.charAt(to - 1))) to -= 1;
  return { start: from, end: to, mark };
}

function readable(text: string, around: Edges, inside: Uint8Array, { start, end }: Emphasis): boolean {
  if (start >= end || inside[start] === 1 || inside[end] === 1) return false;
  if (text[start] === ESCAPE || text[end] === ESCAPE) return false;
  return around.wordBefore[start] === 0 && around.wordAfter[end] === 0;
}

/** 1 for offsets between two characters of one opaque range. */
function coverage(length: number, opaque: readonly Range[]): Uint8Array {
  const inside = new Uint8Array(length + 1);
  for (const { start, end } of opaque) inside.fill(1, start + 1, end);
  return inside;
}

/** Offsets of literal marks that need an escape; where it is unclear, they get one. */
function escapes(
  text: string,
  around: Edges,
  opaque: readonly Range[],
  pairs: readonly Emphasis[],
  marked: ReadonlySet<number>,
): ReadonlySet<number> {
  const out = new Set<number>();
  const literal: number[] = [];
  let ticks = 0;
  let range = 0;
  for (let i = 0; i < text.length; i += 1) {
    while ((opaque[range]?.end ?? text.length + 1) <= i) range += 1;
    if ((opaque[range]?.start ?? text.length) <= i) {
      i = (opaque[range]?.end ?? i + 1) - 1;
      if (text[i] !== "`") continue;
      ticks += 2;
      // Two code spans with nothing but a mark between them are not read as two.
      if (isEmphasisMark(text[i + 1])) out.add(i + 1);
    } else if (text[i] === "`" || isEmphasisMark(text[i])) {
      literal.push(i);
      if (text[i] === "`") ticks += 1;
    }
  }
  const firstOpen = new Map<EmphasisMark, number>();
  const lastClose = new Map<EmphasisMark, number>();
  for (const { start, end, mark } of pairs) {
    if (!firstOpen.has(mark)) firstOpen.set(mark, start);
    lastClose.set(mark, Math.max(lastClose.get(mark) ?? 0, end));
  }
  const spaceAt = (offset: number): boolean => isSpace(text[offset] ?? " ");
  for (const i of literal.toReversed()) {
    const mark = text[i];
    if (text[i + 1] === ESCAPE || (mark === "`" && ticks > 1)) out.add(i);
    if (!isEmphasisMark(mark)) continue;
    const opens = around.wordBefore[i] === 0 && (marked.has(i + 1) || !spaceAt(i + 1));
    const closes = around.wordAfter[i + 1] === 0 && (marked.has(i) || !spaceAt(i - 1));
    if (opens && (lastClose.get(mark) ?? -1) > i) out.add(i);
    if (closes && (firstOpen.get(mark) ?? text.length) <= i) out.add(i);
    if (closes) lastClose.set(mark, Math.max(lastClose.get(mark) ?? -1, i));
  }
  return out;
}
