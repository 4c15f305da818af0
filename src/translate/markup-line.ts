import type { InlineStyle, MentionStyle } from "../core/model/rich-text.ts";
import { findFence, unescapeCode } from "./markup-fences.ts";
import {
  addresses,
  type Edges,
  type EmphasisMark,
  ESCAPE,
  edges,
  emphasisStyles,
  isEmphasisMark,
  isSpace,
  type Range,
} from "./markup-grammar.ts";

/** The person that `@digits` in a message mentions, and the name to show; undefined keeps the text. */
export type ReadMention = (
  digits: string,
) => { readonly style: MentionStyle; readonly label: string } | undefined;

type Token =
  | { readonly kind: "text"; readonly text: string; readonly style?: InlineStyle }
  | { kind: "mark"; readonly mark: EmphasisMark; role: "literal" | "open" | "close" };

const plainRun = /[^*_~`@]+/y;
const mentioned = /@(\d{3,20})(?!\d)/y;

/** Reads one line: its text without marks, and the spans with offsets into that text. */
export function readLine(
  line: string,
  readMention: ReadMention,
): { readonly text: string; readonly spans: readonly (Range & { readonly style: InlineStyle })[] } {
  if (!/[*_~`@]/.test(line)) return { text: line, spans: [] };
  const reader = new LineReader(line, readMention);
  reader.read();
  return assemble(reader.tokens);
}

class LineReader {
  readonly tokens: Token[] = [];
  readonly #line: string;
  readonly #readMention: ReadMention;
  readonly #edges: Edges;
  readonly #open: { readonly token: Extract<Token, { kind: "mark" }>; readonly at: number }[] = [];
  /** The last token ended a pair of marks, or a code span. */
  #afterPair = false;
  #afterCode = false;
  #noTick = false;
  #noFence = false;

  constructor(line: string, readMention: ReadMention) {
    this.#line = line;
    this.#readMention = readMention;
    this.#edges = edges(line);
  }

  read(): void {
    const line = this.#line;
    const urls = addresses(line);
    let url = 0;
    for (let at = 0; at < line.length; ) {
      while ((urls[url]?.end ?? line.length) <= at) url += 1;
      const next = urls[url];
      if (next !== undefined && next.start <= at) at = this.#text(line.slice(at, next.end), next.end);
      else at = this.#step(at, next?.start ?? line.length);
    }
  }

  #step(at: number, limit: number): number {
    const char = this.#line[at];
    if ((char === "`" || isEmphasisMark(char)) && this.#line[at + 1] === ESCAPE)
      return this.#text(char, at + 2);
    if (char === "`") return this.#code(at);
    if (isEmphasisMark(char)) return this.#mark(char, at);
    if (char === "@") return this.#mention(at);
    plainRun.lastIndex = at;
    const end = Math.min(limit, at + (plainRun.exec(this.#line)?.[0].length ?? 1));
    return this.#text(this.#line.slice(at, end), end);
  }

  #text(text: string, next: number): number {
    this.tokens.push({ kind: "text", text });
    this.#afterPair = false;
    this.#afterCode = false;
    return next;
  }

  #code(at: number): number {
    const fence = this.#noFence || !this.#line.startsWith("```", at) ? -1 : findFence(this.#line, at + 3);
    const fenced = this.#line.startsWith("```", at) && this.#line[at + 3] !== ESCAPE;
    if (fenced && fence === -1) this.#noFence = true;
    for (const [size, close] of [
      [3, fenced ? fence : -1],
      [1, this.#noTick ? -1 : this.#closingTick(at + 1)],
    ] as const) {
      const content = close === -1 ? "" : this.#line.slice(at + size, close);
      if (content.trim() === "" || this.#afterCode) continue;
      this.tokens.push({ kind: "text", text: unescapeCode(content), style: { kind: "code" } });
      this.#afterPair = false;
      this.#afterCode = true;
      return close + size;
    }
    return this.#text("`", at + 1);
  }

  #closingTick(from: number): number {
    let at = this.#line.indexOf("`", from);
    while (at !== -1 && this.#line[at + 1] === ESCAPE) at = this.#line.indexOf("`", at + 1);
    if (at === -1) this.#noTick = true;
    return at;
  }

  #mark(mark: EmphasisMark, at: number): number {
    const token: Extract<Token, { kind: "mark" }> = { kind: "mark", mark, role: "literal" };
    this.tokens.push(token);
    const depth = this.#open.findIndex((open) => open.token.mark === mark);
    const opener = this.#open[depth];
    if (opener !== undefined) {
      if (at > opener.at + 1 && !isSpace(this.#line[at - 1] ?? " ") && this.#edges.wordAfter[at + 1] === 0) {
        opener.token.role = "open";
        token.role = "close";
        this.#open.length = depth;
        this.#afterPair = true;
        return at + 1;
      }
    } else if (!this.#afterPair && !isSpace(this.#line[at + 1] ?? " ") && this.#edges.wordBefore[at] === 0) {
      this.#open.push({ token, at });
      return at + 1;
    }
    this.#afterPair = false;
    this.#afterCode = false;
    return at + 1;
  }

  #mention(at: number): number {
    mentioned.lastIndex = at;
    const digits = this.#edges.wordBefore[at] === 0 ? mentioned.exec(this.#line)?.[1] : undefined;
    const found = digits === undefined ? undefined : this.#readMention(digits);
    const label = found?.label.replaceAll(/\s+/g, " ") ?? "";
    if (digits === undefined || found === undefined || label === "") return this.#text("@", at + 1);
    this.#text("", at);
    this.tokens.push({ kind: "text", text: label, style: found.style });
    return at + 1 + digits.length;
  }
}

function assemble(tokens: readonly Token[]): ReturnType<typeof readLine> {
  const spans: (Range & { readonly style: InlineStyle })[] = [];
  const starts = new Map<EmphasisMark, number>();
  let text = "";
  for (const token of tokens) {
    if (token.kind === "text") {
      if (token.style !== undefined) {
        spans.push({ start: text.length, end: text.length + token.text.length, style: token.style });
      }
      text += token.text;
    } else if (token.role === "open") starts.set(token.mark, text.length);
    else if (token.role === "literal") text += token.mark;
    else
      spans.push({ start: starts.get(token.mark) ?? 0, end: text.length, style: emphasisStyles[token.mark] });
  }
  return { text, spans };
}
