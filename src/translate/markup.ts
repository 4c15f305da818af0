import type { RichText, Span } from "../core/model/rich-text.ts";
import { type Block, blockTree, type Line } from "./block-tree.ts";
import { canonical } from "./canonical.ts";
import { inlineByLine } from "./inline-by-line.ts";
import { escapeTicks, splitFences, writeFence } from "./markup-fences.ts";
import { anyMarkup, ESCAPE, escapedPrefix, itemPrefix, literalPrefix } from "./markup-grammar.ts";
import { type ReadMention, readLine } from "./markup-line.ts";
import { writeMarks } from "./markup-marks.ts";
import { skeleton, type WriteMention } from "./markup-skeleton.ts";
import { blockMarker } from "./plain-body.ts";
import { MOST_STYLES } from "./styles.ts";

/**
 * Reads the text of a WhatsApp or Messenger message (grammar: markup-grammar.ts). Never throws, takes linear
 * time; what is no markup stays as it is, and so does all of a text with more than {@link MOST_STYLES}. Line ends
 * become "\n".
 */
export function fromMarkup(source: string, readMention?: ReadMention): RichText {
  const text = source.includes("\r") ? source.replaceAll(/\r\n?/g, "\n") : source;
  if (!anyMarkup.test(text) && (readMention === undefined || !text.includes("@"))) return { text, spans: [] };
  const out: string[] = [];
  const spans: Span[] = [];
  let at = 0;
  let quoteStart: number | undefined;
  const push = (line: string): void => {
    out.push(line);
    at += line.length + 1;
  };
  const endQuote = (): void => {
    if (quoteStart !== undefined) spans.push({ start: quoteStart, end: at - 1, style: { kind: "quote" } });
    quoteStart = undefined;
  };
  for (const segment of text.includes("```") ? splitFences(text) : [{ kind: "lines", text }]) {
    if (segment.kind === "code") {
      endQuote();
      spans.push({ start: at, end: at + segment.text.length, style: { kind: "codeBlock" } });
      push(segment.text);
      continue;
    }
    for (const whole of segment.text.split("\n")) {
      if (spans.length > MOST_STYLES) return { text, spans: [] };
      const quoted = whole.length > 2 && whole.startsWith("> ");
      if (quoted) quoteStart ??= at;
      else endQuote();
      const line = quoted ? whole.slice(2) : whole;
      const item = itemPrefix.exec(line);
      const escape = escapedPrefix.exec(line)?.[0];
      const content =
        item !== null
          ? line.slice(item[0].length)
          : escape !== undefined
            ? escape.slice(0, -1) + line.slice(escape.length)
            : line;
      const read = readLine(content, readMention ?? (() => undefined));
      for (const span of read.spans) spans.push({ ...span, start: span.start + at, end: span.end + at });
      if (item !== null) {
        const number = item[1];
        const style =
          number === undefined
            ? ({ kind: "bulletItem" } as const)
            : ({ kind: "numberedItem", number: Number(number) } as const);
        spans.push({ start: at, end: at + read.text.length, style });
      }
      push(read.text);
    }
  }
  endQuote();
  if (spans.length > MOST_STYLES) return { text, spans: [] };
  return canonical({ text: out.join("\n"), spans });
}

/** The blocks around a line, which decide what is written before it. */
interface LineContext {
  readonly quoted: boolean;
  readonly indent: string;
  readonly heading: boolean;
}

/**
 * The text for WhatsApp or Messenger, read back by `fromMarkup`. What looks like markup and is meant literally is
 * escaped (markup-grammar.ts). What the networks lack degrades: headings become bold, links "words (address)",
 * spoilers "||words||"; underlines, emphasis inside a word and the language of code are left out.
 */
export function toMarkup(rich: RichText, writeMention: WriteMention = () => undefined): string {
  if (rich.spans.length === 0 && !anyMarkup.test(rich.text)) return rich.text;
  const canonicalText = canonical(rich);
  const inline = inlineByLine(canonicalText);
  const out: string[] = [];

  const writeLine = (line: Line, context: LineContext, marker: string): void => {
    const content = writeMarks(
      skeleton(canonicalText, line, inline(line.start, line.end), writeMention, context.heading),
    );
    const quote = context.quoted && content !== "" ? "> " : "";
    if (marker !== "" && content !== "") out.push(`${quote}${context.indent}${marker}${content}`);
    else if (context.indent === "")
      out.push(quote + content.replace(literalPrefix, (start) => start + ESCAPE));
    else out.push(`${quote}${context.indent}${content}`.trimEnd());
  };
  const writeCode = ({ start, end }: Block, context: LineContext, marker: string): void => {
    const code = canonicalText.text.slice(start, end);
    if (!context.quoted && context.indent === "" && marker === "" && code.trim() !== "") {
      out.push(writeFence(code));
      return;
    }
    code.split("\n").forEach((line, index) => {
      const ticked = line.trim() === "" || line.startsWith(ESCAPE) ? line : `\`${escapeTicks(line)}\``;
      const before = index === 0 ? marker : " ".repeat(marker.length);
      out.push(`${context.quoted ? "> " : ""}${context.indent}${before}${ticked}`.trimEnd());
    });
  };
  const walk = (children: readonly (Line | Block)[], context: LineContext, marker: string): void => {
    children.forEach((child, index) => {
      const [lead, now] =
        index === 0 || marker === ""
          ? [marker, context]
          : ["", { ...context, indent: context.indent + " ".repeat(marker.length) }];
      if (child.kind === "line") writeLine(child, now, lead);
      else if (child.style.kind === "codeBlock") writeCode(child, now, lead);
      else if (child.style.kind === "quote") walk(child.children, { ...now, quoted: true }, lead);
      else if (child.style.kind === "heading") walk(child.children, { ...now, heading: true }, lead);
      else {
        const indent = now.indent + " ".repeat(lead.length);
        walk(child.children, { ...now, indent }, blockMarker(child));
      }
    });
  };
  walk(blockTree(canonicalText), { quoted: false, indent: "", heading: false }, "");
  return out.join("\n");
}
