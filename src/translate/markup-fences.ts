import { ESCAPE } from "./markup-grammar.ts";

const FENCE = "```";

export interface Segment {
  readonly kind: "lines" | "code";
  readonly text: string;
}

/** The next fence at or after the offset that is not escaped, or -1. */
export function findFence(text: string, from: number): number {
  let at = text.indexOf(FENCE, from);
  while (at !== -1 && text[at + FENCE.length] === ESCAPE) at = text.indexOf(FENCE, at + 1);
  return at;
}

/** Splits a text into whole lines and code blocks; a code block within a line gets lines of its own. */
export function splitFences(text: string): Segment[] {
  const out: Segment[] = [];
  let at = 0;
  let from = 0;
  for (;;) {
    const open = findFence(text, from);
    const close = open === -1 ? -1 : findFence(text, open + FENCE.length);
    if (close === -1) return [...out, { kind: "lines", text: text.slice(at) }];
    const code = text.slice(open + FENCE.length, close);
    const after = skipBlanks(text, close + FENCE.length);
    const startsLine = open === at || text[open - 1] === "\n";
    const endsLine = after === text.length || text[after] === "\n";
    if (code.trim() === "") {
      from = close;
    } else if (!code.includes("\n") && !(startsLine && endsLine)) {
      from = close + FENCE.length;
    } else {
      if (open > at) out.push({ kind: "lines", text: withoutLineEnd(text.slice(at, open)) });
      out.push({ kind: "code", text: unescapeCode(code.replace(/^\n/, "").replace(/\n$/, "")) });
      if (after === text.length) return out;
      at = endsLine ? after + 1 : after;
      from = at;
    }
  }
}

function withoutLineEnd(lines: string): string {
  if (lines.endsWith("\n")) return lines.slice(0, -1);
  let end = lines.length;
  while (lines[end - 1] === " " || lines[end - 1] === "\t") end -= 1;
  return lines.slice(0, end);
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (text[at] === " " || text[at] === "\t") at += 1;
  return at;
}

/** Writes a code block with its fences, so that `splitFences` reads the same code. */
export function writeFence(code: string): string {
  const escaped = code.replaceAll(/(`+)(\u2060?)/g, (run, ticks: string, joiner: string, offset: number) => {
    const edge = offset === 0 || offset + run.length === code.length;
    return edge || joiner !== "" || ticks.length > 2 ? `${escapeTicks(ticks)}${joiner}` : run;
  });
  return `${FENCE}${code.startsWith("\n") || code.startsWith(ESCAPE) ? "\n" : ""}${escaped}${code.endsWith("\n") ? "\n" : ""}${FENCE}`;
}

export function escapeTicks(text: string): string {
  return text.replaceAll("`", `\`${ESCAPE}`);
}

export function unescapeCode(text: string): string {
  return text.replaceAll(`\`${ESCAPE}`, "`");
}
