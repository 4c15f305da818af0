import type { MentionStyle, RichText } from "../core/model/rich-text.ts";
import type { Line } from "./block-tree.ts";
import type { InlineSpan } from "./inline-by-line.ts";
import { escapeTicks } from "./markup-fences.ts";
import { addresses, type EmphasisMark, ESCAPE, emphasisStyles, type Range } from "./markup-grammar.ts";
import { addressBeside } from "./plain-body.ts";
import { isMention } from "./styles.ts";

/** How the network writes a mention, as `@digits`; undefined leaves the name as text. */
export type WriteMention = (style: MentionStyle, label: string) => string | undefined;

export interface Emphasis extends Range {
  readonly mark: EmphasisMark;
}

/** A line without its emphasis marks and escapes, and the ranges to emphasise. */
export interface Skeleton {
  readonly text: string;
  readonly emphasis: readonly Emphasis[];
  /** No mark counts inside these: code with its ticks, and web addresses. */
  readonly opaque: readonly Range[];
}

const marks: ReadonlyMap<string, EmphasisMark> = new Map(
  (["*", "_", "~"] as const).map((mark) => [emphasisStyles[mark].kind, mark]),
);

/** Writes code, mentions and link addresses; `bold` makes the whole line bold, as headings are. */
export function skeleton(
  rich: RichText,
  line: Line,
  spans: readonly InlineSpan[],
  writeMention: WriteMention,
  bold: boolean,
): Skeleton {
  if (!bold && spans.every(({ style }) => marks.has(style.kind) || style.kind === "underline")) {
    const emphasis = spans.flatMap(({ start, end, style }) => {
      const mark = marks.get(style.kind);
      return mark === undefined ? [] : [{ start: start - line.start, end: end - line.start, mark }];
    });
    const text = rich.text.slice(line.start, line.end);
    return { text, emphasis, opaque: addresses(text) };
  }
  const code = spans.filter((span) => span.style.kind === "code" && writableCode(rich.text, span, line.end));
  const codeStarts = new Set(code.map(({ start }) => start));
  const codeEnds = new Set(code.map(({ end }) => end));
  const inserted = insertions(rich.text, spans);
  const tokens = mentionTokens(rich.text, spans, code, writeMention);

  let text = "";
  let copied = line.start;
  let codeOpen: number | undefined;
  const opaque: Range[] = [];
  const endsAt = new Map<number, number>();
  const startsAt = new Map<number, number>();
  const offsets = new Set([line.start, line.end, ...spans.flatMap(({ start, end }) => [start, end])]);
  for (const offset of [...offsets].sort((a, b) => a - b)) {
    const raw = copied < offset ? (tokens.get(copied) ?? rich.text.slice(copied, offset)) : "";
    text += codeOpen === undefined ? raw : escapeTicks(raw);
    copied = offset;
    if (codeEnds.has(offset) && codeOpen !== undefined) {
      text += "`";
      opaque.push({ start: codeOpen, end: text.length });
      codeOpen = undefined;
    }
    endsAt.set(offset, text.length);
    text += inserted.get(offset) ?? "";
    startsAt.set(offset, text.length);
    if (codeStarts.has(offset)) {
      codeOpen = text.length;
      text += "`";
    }
  }
  const emphasis = spans.flatMap(({ start, end, style }) => {
    const mark = marks.get(style.kind);
    if (mark === undefined || (bold && mark === "*")) return [];
    return [{ start: startsAt.get(start) ?? 0, end: endsAt.get(end) ?? 0, mark }];
  });
  if (bold) emphasis.unshift({ start: 0, end: text.length, mark: "*" });
  return { text, emphasis, opaque: [...opaque, ...addresses(text)].sort((a, b) => a.start - b.start) };
}

function writableCode(text: string, { start, end }: Range, lineEnd: number): boolean {
  const joined = text[start] === ESCAPE || (end < lineEnd && text[end] === ESCAPE);
  return !joined && text.slice(start, end).trim() !== "";
}

/** Text to insert by offset: addresses after links, bars around spoilers. */
function insertions(text: string, spans: readonly InlineSpan[]): ReadonlyMap<number, string> {
  const out = new Map<number, string>();
  const add = (offset: number, what: string): void => void out.set(offset, (out.get(offset) ?? "") + what);
  for (const { start, end, style } of spans) {
    if (style.kind === "link") add(end, addressBeside(text.slice(start, end), style.href));
    if (style.kind !== "spoiler") continue;
    add(start, "||");
    add(end, "||");
  }
  return out;
}

/** What the network writes for each mention outside code, by the offset of its name. */
function mentionTokens(
  text: string,
  spans: readonly InlineSpan[],
  code: readonly Range[],
  writeMention: WriteMention,
): ReadonlyMap<number, string> {
  const tokens = new Map<number, string>();
  let range = 0;
  for (const { start, end, style } of spans) {
    if (!isMention(style)) continue;
    while ((code[range]?.end ?? text.length + 1) <= start) range += 1;
    const token =
      (code[range]?.start ?? text.length) < end ? undefined : writeMention(style, text.slice(start, end));
    if (token !== undefined) tokens.set(start, token);
  }
  return tokens;
}
