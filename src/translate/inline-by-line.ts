import type { InlineStyle, RichText, Span } from "../core/model/rich-text.ts";
import { isBlock } from "./styles.ts";

export interface InlineSpan extends Span {
  readonly style: InlineStyle;
}

/** Answers the inline spans of each line of a canonical text; call it with lines in order, as it passes over the spans once. */
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
