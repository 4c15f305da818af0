import type { PersonId, UserId } from "./ids.ts";

/**
 * Text with styles over ranges of it, in no network's format. The text itself holds no markup: what looks
 * like markup in it is meant literally. Lines are separated by "\n".
 *
 * Canonical form (`canonical` in translate/canonical.ts makes it; two canonical values mean the same only
 * if they are deeply equal):
 * - spans are inside the text, not empty, never split a surrogate pair, and no two are equal;
 * - order: by start, then the longer first, then list items, quote, heading, code block, and the inline styles as listed below;
 * - block styles cover whole lines (the end is before the line's "\n") and nest without crossing, at most
 *   32 deep; quotes that follow one another in one parent are one quote;
 * - inline styles stay inside one line and are absent from code blocks; touching ranges of one inline style
 *   are one span, mentions excepted;
 * - links and mentions do not overlap; a style that covers part of a mention covers all of it.
 */
export interface RichText {
  readonly text: string;
  readonly spans: readonly Span[];
}

/** Offsets count UTF-16 code units of the text, as JavaScript strings do; `end` is exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly style: Style;
}

export type Style = BlockStyle | InlineStyle;

export type BlockStyle =
  | { readonly kind: "quote" }
  /** One item; an item of a nested list lies inside the item that holds that list. */
  | { readonly kind: "bulletItem" }
  | { readonly kind: "numberedItem"; readonly number: number }
  | { readonly kind: "heading"; readonly level: 1 | 2 | 3 | 4 | 5 | 6 }
  | { readonly kind: "codeBlock"; readonly language?: string };

export type InlineStyle =
  | { readonly kind: "spoiler" }
  /** `href` is absolute: http, https, ftp, mailto or magnet. */
  | { readonly kind: "link"; readonly href: string }
  | MentionStyle
  | { readonly kind: "bold" }
  | { readonly kind: "italic" }
  | { readonly kind: "underline" }
  | { readonly kind: "strike" }
  | { readonly kind: "code" };

/** Who is called by the text of the span: someone of a network, someone of Matrix, or everybody in the room. */
export type MentionStyle =
  | { readonly kind: "mentionPerson"; readonly person: PersonId }
  | { readonly kind: "mentionUser"; readonly user: UserId }
  | { readonly kind: "mentionRoom" };

/** Text without any style. */
export function plainText(text: string): RichText {
  return { text, spans: [] };
}
