import type { UserId } from "../core/model/ids.ts";
import type { BlockStyle, MentionStyle, RichText, Span, Style } from "../core/model/rich-text.ts";
import { canonical } from "./canonical.ts";
import { MAX_BLOCK_DEPTH } from "./canonical-blocks.ts";
import { safeHref } from "./href.ts";
import {
  blockElements,
  cellElements,
  droppedElements,
  impliedEnds,
  inlineStyles,
  voidElements,
} from "./html-elements.ts";
import { HtmlText } from "./html-text.ts";
import { tokenizeHtml } from "./html-tokens.ts";
import { matrixTarget } from "./matrix-uri.ts";
import { MOST_STYLES, styleKey } from "./styles.ts";

/** What a pill for this user means; undefined makes it plain text. */
export type MentionOf = (user: UserId) => MentionStyle | undefined;

interface ReadHtml extends RichText {
  /** Set where the text had more than {@link MOST_STYLES} styles, all of which were dropped. */
  readonly unstyled?: true;
}

/**
 * Reads a `formatted_body` from anyone. Colours, images and unknown elements degrade to text, the fallback quote
 * of a reply (`mx-reply`) is left out, and what is not text (scripts, styles) is dropped. Time is linear.
 */
export function fromMatrixHtml(
  html: string,
  mentionOf: MentionOf = (user) => ({ kind: "mentionUser", user }),
): ReadHtml {
  const reader = new HtmlReader(mentionOf);
  tokenizeHtml(html.includes("\r") ? html.replaceAll(/\r\n?/g, "\n") : html, reader);
  return reader.finish();
}

interface OpenElement {
  readonly tag: string;
  readonly close: () => void;
}

const nothing = (): void => undefined;

class HtmlReader {
  readonly #mentionOf: MentionOf;
  readonly #out = new HtmlText();
  readonly #spans: Span[] = [];
  readonly #open: OpenElement[] = [];
  /** The indexes in `#open` of the open elements of each name, so that no search is needed. */
  readonly #indexes = new Map<string, number[]>();
  readonly #blockIndexes: number[] = [];
  /** By inline style: how many open elements give it, and the offset at which the first began. */
  readonly #styles = new Map<string, { count: number; readonly start: number }>();
  readonly #lists: { ordered: boolean; number: number }[] = [];
  #blockDepth = 0;
  #dropping = 0;
  /** The text of the code block being read. */
  #code: string[] | undefined;
  #preJustOpened = false;
  #language: string | undefined;

  constructor(mentionOf: MentionOf) {
    this.#mentionOf = mentionOf;
  }

  finish(): ReadHtml {
    this.#closeTo(0);
    // `canonical` joins neighbouring spans of one style, so far more spans than styles are accepted before it.
    const text = this.#out.text();
    if (this.#spans.length > 4 * MOST_STYLES) return { text, spans: [], unstyled: true };
    const rich = canonical({ text, spans: this.#spans });
    return rich.spans.length > MOST_STYLES ? { text, spans: [], unstyled: true } : rich;
  }

  readonly text = (data: string): void => {
    if (this.#dropping > 0) return;
    if (this.#code === undefined) return this.#out.write(data);
    // HTML gives no meaning to a newline right after <pre>.
    this.#code.push(this.#preJustOpened && data.startsWith("\n") ? data.slice(1) : data);
    this.#preJustOpened = false;
  };

  readonly open = (tag: string, attributes: ReadonlyMap<string, string>): void => {
    if (voidElements.has(tag)) {
      if (this.#dropping === 0) this.#voidElement(tag, attributes);
      return;
    }
    if (blockElements.has(tag)) this.#closeOpen(["p"], []);
    const implied = impliedEnds.get(tag);
    if (implied !== undefined) this.#closeOpen(implied.names, implied.scopes);
    const close = this.#dropping > 0 ? nothing : this.#enter(tag, attributes);
    const indexes = this.#indexes.get(tag);
    if (indexes === undefined) this.#indexes.set(tag, [this.#open.length]);
    else indexes.push(this.#open.length);
    if (blockElements.has(tag)) this.#blockIndexes.push(this.#open.length);
    this.#open.push({ tag, close });
  };

  readonly close = (tag: string): void => {
    if (tag === "br") return this.open("br", new Map());
    const index = this.#lastIndexOf(tag);
    if (index === -1 || (!blockElements.has(tag) && index < (this.#blockIndexes.at(-1) ?? -1))) return;
    this.#closeTo(index);
  };

  #lastIndexOf(tag: string): number {
    return this.#indexes.get(tag)?.at(-1) ?? -1;
  }

  #closeOpen(names: readonly string[], scopes: readonly string[]): void {
    const index = Math.max(...names.map((name) => this.#lastIndexOf(name)));
    if (index > Math.max(-1, ...scopes.map((scope) => this.#lastIndexOf(scope)))) this.#closeTo(index);
  }

  #closeTo(index: number): void {
    while (this.#open.length > index) {
      const element = this.#open.pop();
      if (element === undefined) return;
      this.#indexes.get(element.tag)?.pop();
      if (this.#blockIndexes.at(-1) === this.#open.length) this.#blockIndexes.pop();
      element.close();
    }
  }

  /** Begins the element; calling the answer ends it. */
  #enter(tag: string, attributes: ReadonlyMap<string, string>): () => void {
    if (droppedElements.has(tag)) {
      this.#dropping += 1;
      return () => {
        this.#dropping -= 1;
      };
    }
    if (this.#code !== undefined) {
      this.#preJustOpened = false;
      if (tag === "code") this.#language ??= language(attributes);
      return nothing;
    }
    const inline = inlineStyles.get(tag);
    if (inline !== undefined) return this.#style(inline);
    if (tag === "a") return this.#anchor(attributes.get("href") ?? "");
    if (tag === "span") return this.#spoiler(attributes.get("data-mx-spoiler"));
    if (tag === "sup" || tag === "sub") this.#out.write(tag === "sup" ? "^" : "_");
    if (cellElements.has(tag)) {
      if (!this.#out.atLineStart) this.#out.write(" | ");
      return nothing;
    }
    if (tag === "p") {
      this.#out.paragraph("start");
      return () => this.#out.paragraph("end");
    }
    return blockElements.has(tag) ? this.#enterBlock(tag, attributes) : nothing;
  }

  #enterBlock(tag: string, attributes: ReadonlyMap<string, string>): () => void {
    this.#out.boundary();
    if (tag === "ul" || tag === "ol") {
      this.#lists.push({ ordered: tag === "ol", number: integer(attributes.get("start")) ?? 1 });
      return () => {
        this.#lists.pop();
        this.#out.boundary();
      };
    }
    if (tag === "pre") return this.#codeBlock();
    const style = this.#blockStyle(tag, attributes);
    if (style === undefined || this.#blockDepth >= MAX_BLOCK_DEPTH) return () => this.#out.boundary();
    const start = this.#out.offset;
    this.#blockDepth += 1;
    return () => {
      this.#blockDepth -= 1;
      this.#out.boundary();
      this.#spans.push({ start, end: this.#out.offset - 1, style });
    };
  }

  #blockStyle(tag: string, attributes: ReadonlyMap<string, string>): BlockStyle | undefined {
    if (tag === "blockquote") return { kind: "quote" };
    if (tag === "li") {
      const list = this.#lists.at(-1);
      if (list === undefined || !list.ordered) return { kind: "bulletItem" };
      const number = integer(attributes.get("value")) ?? list.number;
      list.number = number + 1;
      return { kind: "numberedItem", number };
    }
    const level = /^h([1-6])$/.exec(tag)?.[1];
    return level === undefined
      ? undefined
      : { kind: "heading", level: Number(level) as 1 | 2 | 3 | 4 | 5 | 6 };
  }

  #codeBlock(): () => void {
    this.#code = [];
    this.#language = undefined;
    this.#preJustOpened = true;
    return () => {
      // Clients, and this bridge, end the code with a newline that is no line of it.
      const code = (this.#code ?? []).join("").replace(/\n$/, "");
      const start = this.#out.offset;
      const style: Style =
        this.#language === undefined
          ? { kind: "codeBlock" }
          : { kind: "codeBlock", language: this.#language };
      this.#code = undefined;
      this.#out.verbatim(code);
      this.#spans.push({ start, end: start + code.length, style });
    };
  }

  #style(style: Style): () => void {
    const key = styleKey(style);
    const now = this.#styles.get(key);
    if (now === undefined) this.#styles.set(key, { count: 1, start: this.#out.offset });
    else now.count += 1;
    return () => {
      const open = this.#styles.get(key);
      if (open === undefined) return;
      open.count -= 1;
      if (open.count > 0) return;
      this.#styles.delete(key);
      if (open.start < this.#out.offset)
        this.#spans.push({ start: open.start, end: this.#out.offset, style });
    };
  }

  #anchor(href: string): () => void {
    const target = matrixTarget(href.trim());
    if (target?.kind === "user") {
      const mention = this.#mentionOf(target.user);
      return mention === undefined ? nothing : this.#style(mention);
    }
    const link = safeHref(target?.href ?? href);
    return link === undefined ? nothing : this.#style({ kind: "link", href: link });
  }

  #spoiler(reason: string | undefined): () => void {
    if (reason === undefined) return nothing;
    if (reason.trim() !== "") this.#out.write(`(${reason}) `);
    return this.#style({ kind: "spoiler" });
  }

  #voidElement(tag: string, attributes: ReadonlyMap<string, string>): void {
    if (this.#code !== undefined) {
      if (tag === "br") this.#code.push("\n");
    } else if (tag === "br") this.#out.breakLine();
    else if (tag === "hr") {
      this.#out.boundary();
      this.#out.write("---");
      this.#out.boundary();
    } else if (tag === "img") this.#out.write(attributes.get("alt") ?? attributes.get("title") ?? "[image]");
  }
}

function language(attributes: ReadonlyMap<string, string>): string | undefined {
  return /(?:^|\s)language-(\S+)/.exec(attributes.get("class") ?? "")?.[1];
}

function integer(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d{1,9}\s*$/.test(text) ? Number(text) : undefined;
}
