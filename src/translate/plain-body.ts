import type { RichText } from "../core/model/rich-text.ts";
import { type Block, blockTree, type Line } from "./block-tree.ts";
import { canonical } from "./canonical.ts";
import { inlineByLine } from "./inline-by-line.ts";

/**
 * The `body` for clients that show no HTML: quotes as "> ", items as "- " and "1. ", a link's address after its
 * words, spoilers between "||"; other styles leave the bare text.
 */
export function toPlainBody(rich: RichText): string {
  if (rich.spans.length === 0) return rich.text;
  const canonicalText = canonical(rich);
  const inline = inlineByLine(canonicalText);
  const out: string[] = [];
  /** `first` goes before the first line of the children, `rest` before each later one. */
  const walk = (children: readonly (Line | Block)[], first: string, rest: string): void => {
    children.forEach((child, index) => {
      const prefix = index === 0 ? first : rest;
      if (child.kind === "line") {
        out.push(`${prefix}${lineText(canonicalText.text, child, inline)}`.trimEnd());
      } else if (child.style.kind === "codeBlock") {
        const lines = canonicalText.text.slice(child.start, child.end).split("\n");
        lines.forEach((line, at) => out.push((at === 0 ? prefix : rest) + line));
      } else {
        const marker = blockMarker(child);
        walk(child.children, prefix + marker, rest + (marker === "> " ? marker : " ".repeat(marker.length)));
      }
    });
  };
  walk(blockTree(canonicalText), "", "");
  return out.join("\n");
}

export function blockMarker({ style }: Block): string {
  if (style.kind === "quote") return "> ";
  if (style.kind === "bulletItem") return "- ";
  return style.kind === "numberedItem" ? `${style.number}. ` : "";
}

function lineText(text: string, { start, end }: Line, inline: ReturnType<typeof inlineByLine>): string {
  const inserts: { readonly at: number; readonly what: string }[] = [];
  for (const span of inline(start, end)) {
    if (span.style.kind === "spoiler")
      inserts.push({ at: span.start, what: "||" }, { at: span.end, what: "||" });
    const address =
      span.style.kind === "link" ? addressBeside(text.slice(span.start, span.end), span.style.href) : "";
    if (address !== "") inserts.push({ at: span.end, what: address });
  }
  let out = "";
  let at = start;
  for (const insert of inserts.sort((a, b) => a.at - b.at)) {
    out += text.slice(at, insert.at) + insert.what;
    at = insert.at;
  }
  return out + text.slice(at, end);
}

/** The address of a link to write behind its words; empty when the words are the address. */
export function addressBeside(words: string, href: string): string {
  const bare = (address: string): string =>
    address.replace(/^(?:https?:\/\/|mailto:)/i, "").replace(/\/$/, "");
  return bare(words.trim()) === bare(href) ? "" : ` (${href})`;
}

const fallbackStart = /^> (?:\* )?<@[^>\n]+>/;

/**
 * The body without the quote that older clients put before a reply (spec up to 1.12, "Fallbacks for rich replies").
 * Only for events that have `m.in_reply_to`; a quote the person wrote does not name its author like that.
 */
export function withoutReplyFallback(body: string): string {
  if (!fallbackStart.test(body)) return body;
  let at = 0;
  while (body.startsWith(">", at)) {
    const newline = body.indexOf("\n", at);
    if (newline === -1) return "";
    at = newline + 1;
  }
  return body.slice(body.startsWith("\n", at) ? at + 1 : at);
}
