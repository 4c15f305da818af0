import type { InlineStyle, RichText, Span } from "../core/model/rich-text.ts";
import { isBlock } from "./styles.ts";

export interface InlineSpan extends Span {
  readonly style: InlineStyle;
}

/** The inline spans of a canonical text, given out line by line in order; one pass over all of them. */
export function inlineByLine(rich: RichText): (start: number, end: number) => InlineSpan[] {
  const spans = rich.spans.filter((span): span is InlineSpan => !isBlock(span.style));
  let next = 0;
  return (start, end) => {
    while ((spans[next]?.start ?? end) < start) next += 1;
    const from = next;
    while ((spans[next]?.start ?? end) < end) next += 1;
    return spans.slice(from, next);
  };
}
