import type { BlockStyle, RichText } from "../core/model/rich-text.ts";
import type { BlockSpan } from "./canonical-blocks.ts";
import { isBlock } from "./styles.ts";

/** A line outside any further block: offsets of its text, without the "\n". */
export interface Line {
  readonly kind: "line";
  readonly start: number;
  readonly end: number;
}

export interface Block {
  readonly kind: "block";
  readonly style: BlockStyle;
  readonly start: number;
  readonly end: number;
  /** Empty for a code block, whose text is taken as it is. */
  readonly children: readonly (Line | Block)[];
}

/** The lines of a canonical text, arranged in its blocks. */
export function blockTree(rich: RichText): readonly (Line | Block)[] {
  const blocks = rich.spans.filter((span): span is BlockSpan => isBlock(span.style));
  let next = 0;

  const children = (start: number, end: number): (Line | Block)[] => {
    const out: (Line | Block)[] = [];
    let at = start;
    for (;;) {
      const span = blocks[next];
      if (span === undefined || span.start > end || span.end > end) break;
      next += 1;
      if (at < span.start) addLines(rich.text, at, span.start - 1, out);
      const leaf = span.style.kind === "codeBlock";
      const inner = leaf ? [] : children(span.start, span.end);
      out.push({ kind: "block", style: span.style, start: span.start, end: span.end, children: inner });
      at = span.end + 1;
    }
    if (at <= end) addLines(rich.text, at, end, out);
    return out;
  };
  return children(0, rich.text.length);
}

function addLines(text: string, start: number, end: number, out: (Line | Block)[]): void {
  for (let at = start; at <= end; ) {
    const newline = text.indexOf("\n", at);
    const to = newline === -1 || newline > end ? end : newline;
    out.push({ kind: "line", start: at, end: to });
    at = to + 1;
  }
}
