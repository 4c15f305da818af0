import type { BlockStyle, InlineStyle, Span, Style } from "../core/model/rich-text.ts";

/** The most styles of a message; one with more is shown without styles, so that no conversion takes long. */
export const MOST_STYLES = 2_000;

/** The nesting of styles of the same range: a lower rank is outside. */
const rank: Readonly<Record<Style["kind"], number>> = {
  bulletItem: 0,
  numberedItem: 1,
  quote: 2,
  heading: 3,
  codeBlock: 4,
  spoiler: 5,
  link: 6,
  mentionPerson: 7,
  mentionUser: 8,
  mentionRoom: 9,
  bold: 10,
  italic: 11,
  underline: 12,
  strike: 13,
  code: 14,
};

export function isBlock(style: Style): style is BlockStyle {
  return rank[style.kind] <= rank.codeBlock;
}

export function isMention(
  style: Style,
): style is Extract<InlineStyle, { kind: "mentionPerson" | "mentionUser" | "mentionRoom" }> {
  return style.kind === "mentionPerson" || style.kind === "mentionUser" || style.kind === "mentionRoom";
}

/** A key that is equal for equal styles. */
export function styleKey(style: Style): string {
  if (style.kind === "numberedItem") return `${style.kind} ${style.number}`;
  if (style.kind === "heading") return `${style.kind} ${style.level}`;
  if (style.kind === "codeBlock") return `${style.kind} ${style.language ?? ""}`;
  if (style.kind === "link") return `${style.kind} ${style.href}`;
  if (style.kind === "mentionPerson") return `${style.kind} ${style.person}`;
  if (style.kind === "mentionUser") return `${style.kind} ${style.user}`;
  return style.kind;
}

/** The canonical order: outer before inner, first before later. */
export function bySpan(a: Span, b: Span): number {
  if (a.start !== b.start) return a.start - b.start;
  if (a.end !== b.end) return b.end - a.end;
  const ranks = rank[a.style.kind] - rank[b.style.kind];
  if (ranks !== 0) return ranks;
  if (a.style.kind === "numberedItem" && b.style.kind === "numberedItem")
    return a.style.number - b.style.number;
  const [left, right] = [styleKey(a.style), styleKey(b.style)];
  return left < right ? -1 : left > right ? 1 : 0;
}
