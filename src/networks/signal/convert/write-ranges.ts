import type { InlineStyle, RichText } from "../../../core/model/rich-text.ts";
import { type Block, blockTree, type Line } from "../../../translate/block-tree.ts";
import { canonical } from "../../../translate/canonical.ts";
import { type InlineSpan, inlineByLine } from "../../../translate/inline-by-line.ts";
import { addressBeside, blockMarker } from "../../../translate/plain-body.ts";
import { isMention } from "../../../translate/styles.ts";
import type { BodyRange } from "../wire/attachment.ts";
import type { WriteMention } from "./mentions.ts";

/** What stands in the body for somebody's name. */
const MENTION = "\ufffc";

type Mark = BodyRange["mark"];
type RangeStyle = Extract<Mark, { readonly style: unknown }>["style"];

const STYLES: Readonly<Partial<Record<InlineStyle["kind"], RangeStyle>>> = {
  bold: "bold",
  italic: "italic",
  spoiler: "spoiler",
  strike: "strikethrough",
  code: "monospace",
};

interface Written {
  readonly body: string;
  readonly ranges: readonly BodyRange[];
}

/**
 * The body of a message of Signal's, which has five styles and mentions. Quotes get "> ", items "- " and "1. ", headings
 * are bold, blocks of code monospace, a link's address follows its words, and underlines are left out.
 */
export function writeRanges(rich: RichText, writeMention: WriteMention): Written {
  if (rich.spans.length === 0) return { body: rich.text, ranges: [] };
  const whole = canonical(rich);
  const writer = new BodyWriter(whole.text, writeMention);
  const inline = inlineByLine(whole);
  /** `first` goes before the first line of the children, `rest` before each later one. */
  const walk = (children: readonly (Line | Block)[], first: string, rest: string, isBold: boolean): void => {
    children.forEach((child, index) => {
      const prefix = index === 0 ? first : rest;
      if (child.kind === "line") writer.line(prefix, child, inline(child.start, child.end), isBold);
      else if (child.style.kind === "codeBlock") writer.code(child, prefix, rest);
      else {
        const marker = blockMarker(child);
        const indent = marker === "> " ? marker : " ".repeat(marker.length);
        walk(child.children, prefix + marker, rest + indent, isBold || child.style.kind === "heading");
      }
    });
  };
  walk(blockTree(whole), "", "", false);
  return writer.done();
}

class BodyWriter {
  readonly #text: string;
  readonly #writeMention: WriteMention;
  #pieces: string[] = [];
  #length = 0;
  #lines = 0;
  readonly #mentions: BodyRange[] = [];
  readonly #styled = new Map<RangeStyle, { start: number; end: number }[]>();

  constructor(text: string, writeMention: WriteMention) {
    this.#text = text;
    this.#writeMention = writeMention;
  }

  line(prefix: string, line: Line, spans: readonly InlineSpan[], isBold: boolean): void {
    this.#startLine(prefix);
    const start = this.#length;
    const starts = new Map<number, number>();
    const ends = new Map<number, number>();
    const links = new Map<number, string>();
    const mentions = new Map<number, BodyRange["mark"]>();
    const offsets = new Set([line.start, line.end]);
    for (const { start: from, end, style } of spans) {
      offsets.add(from).add(end);
      if (style.kind === "link") links.set(end, addressBeside(this.#text.slice(from, end), style.href));
      const account = isMention(style) ? this.#writeMention(style) : undefined;
      if (account !== undefined) mentions.set(from, { mention: account });
    }
    let copied = line.start;
    for (const offset of [...offsets].sort((a, b) => a - b)) {
      const mark = mentions.get(copied);
      if (copied < offset && mark) {
        this.#mentions.push({ start: this.#length, length: MENTION.length, mark });
        this.#append(MENTION);
      } else this.#append(this.#text.slice(copied, offset));
      copied = offset;
      ends.set(offset, this.#length);
      this.#append(links.get(offset) ?? "");
      starts.set(offset, this.#length);
    }
    for (const { start: from, end, style } of spans)
      this.#style(STYLES[style.kind], starts.get(from) ?? start, ends.get(end) ?? this.#length);
    if (isBold) this.#style("bold", start, this.#length);
  }

  code({ start, end }: Block, first: string, rest: string): void {
    this.#text
      .slice(start, end)
      .split("\n")
      .forEach((line, index) => {
        this.#startLine(index === 0 ? first : rest);
        this.#append(line);
        this.#style("monospace", this.#length - line.length, this.#length);
      });
  }

  done(): Written {
    const body = this.#pieces.join("");
    const styled = [...this.#styled].flatMap(([style, ranges]) =>
      joined(body, ranges).map(({ start, end }) => ({ start, length: end - start, mark: { style } })),
    );
    const ranges = [...this.#mentions, ...styled].sort((a, b) => a.start - b.start || b.length - a.length);
    return { body, ranges };
  }

  #startLine(prefix: string): void {
    this.#append(this.#lines === 0 ? prefix : `\n${prefix}`);
    this.#lines += 1;
  }

  #append(piece: string): void {
    this.#pieces.push(piece);
    this.#length += piece.length;
  }

  #style(style: RangeStyle | undefined, start: number, end: number): void {
    if (style === undefined || start >= end) return;
    const ranges = this.#styled.get(style) ?? [];
    this.#styled.set(style, ranges);
    ranges.push({ start, end });
  }
}

/** The ranges of one style in order, those as one that touch or have only line ends between them. */
function joined(
  body: string,
  ranges: readonly { readonly start: number; readonly end: number }[],
): readonly { readonly start: number; readonly end: number }[] {
  const out: { start: number; end: number }[] = [];
  for (const { start, end } of [...ranges].sort((a, b) => a.start - b.start)) {
    const last = out.at(-1);
    const between = last === undefined || last.end >= start ? "" : body.slice(last.end, start);
    if (last !== undefined && /^\n*$/.test(between)) last.end = Math.max(last.end, end);
    else out.push({ start, end });
  }
  return out;
}
