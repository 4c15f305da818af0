import type { PersonId, UserId } from "../core/model/ids.ts";
import type { BlockStyle, InlineStyle, RichText } from "../core/model/rich-text.ts";
import { type Block, blockTree, type Line } from "./block-tree.ts";
import { canonical } from "./canonical.ts";
import { type Element, element, type HtmlNode, writeHtml } from "./html-tree.ts";
import { type InlineSpan, inlineByLine } from "./inline-by-line.ts";
import { userLink } from "./matrix-uri.ts";

/** The Matrix user who stands for a person of the network; undefined leaves the name without a link. */
export type UserOf = (person: PersonId) => UserId | undefined;

/**
 * `formatted_body` in `org.matrix.custom.html` (spec, m.room.message), read back by `fromMatrixHtml`. Spaces
 * that HTML would swallow are written as U+00A0; a tab outside a code block becomes one space.
 */
export function toMatrixHtml(rich: RichText, userOf: UserOf = () => undefined): string {
  const { text, spans } = canonical(rich);
  const writer = new HtmlWriter(text, inlineByLine({ text, spans }), userOf);
  return writeHtml(writer.nodes(blockTree({ text, spans })));
}

class HtmlWriter {
  readonly #text: string;
  readonly #inline: ReturnType<typeof inlineByLine>;
  readonly #userOf: UserOf;

  constructor(text: string, inline: ReturnType<typeof inlineByLine>, userOf: UserOf) {
    this.#text = text;
    this.#inline = inline;
    this.#userOf = userOf;
  }

  nodes(children: readonly (Line | Block)[]): HtmlNode[] {
    const out: HtmlNode[] = [];
    let list: { readonly element: Element; readonly number: number | undefined } | undefined;
    children.forEach((child, index) => {
      if (child.kind === "line") {
        list = undefined;
        this.#line(child, out);
        // `<br>` only between two lines: a block starts and ends a line by itself.
        if (child.start === child.end || children[index + 1]?.kind === "line") out.push(element("br"));
        return;
      }
      const { style } = child;
      if (style.kind !== "bulletItem" && style.kind !== "numberedItem") {
        list = undefined;
        out.push(this.#block(child, style));
        return;
      }
      const number = style.kind === "numberedItem" ? style.number : undefined;
      const expected = list?.number === undefined ? undefined : list.number + 1;
      if (list === undefined || number !== expected) {
        const start = number === undefined || number === 1 ? {} : { start: String(number) };
        list = { element: number === undefined ? element("ul") : element("ol", start), number };
        out.push(list.element);
      } else list = { element: list.element, number };
      list.element.children.push(element("li", {}, this.nodes(child.children)));
    });
    return out;
  }

  #block(block: Block, style: Exclude<BlockStyle, { kind: "bulletItem" | "numberedItem" }>): Element {
    if (style.kind === "quote") return element("blockquote", {}, this.nodes(block.children));
    if (style.kind === "heading") return element(`h${style.level}`, {}, this.nodes(block.children));
    const language = style.language === undefined ? {} : { class: `language-${style.language}` };
    return element("pre", {}, [element("code", language, [`${this.#text.slice(block.start, block.end)}\n`])]);
  }

  #line({ start, end }: Line, root: HtmlNode[]): void {
    const text = steadySpaces(this.#text.slice(start, end));
    const open: { readonly span: InlineSpan; readonly children: HtmlNode[] }[] = [];
    let at = start;
    const write = (to: number): void => {
      if (at < to) (open.at(-1)?.children ?? root).push(text.slice(at - start, to - start));
      at = to;
    };
    const enter = (span: InlineSpan): void => {
      const parent = open.at(-1)?.children ?? root;
      const wrapped = this.#wrap(span.style);
      if (wrapped !== undefined) parent.push(wrapped);
      open.push({ span, children: wrapped?.children ?? parent });
    };
    /** Closes the spans that end here. Spans inside them that go on are closed too, and opened again. */
    const leave = (to: number): void => {
      while (open.length > 0) {
        const end = Math.min(...open.map(({ span }) => span.end));
        if (end > to) return;
        write(end);
        const cut = open.splice(open.findIndex(({ span }) => span.end === end));
        for (const { span } of cut) if (span.end > end) enter(span);
      }
    };
    for (const span of this.#inline(start, end)) {
      leave(span.start);
      write(span.start);
      enter(span);
    }
    leave(end);
    write(end);
  }

  #wrap(style: InlineStyle): Element | undefined {
    switch (style.kind) {
      case "bold":
        return element("strong");
      case "italic":
        return element("em");
      case "underline":
        return element("u");
      case "strike":
        return element("del");
      case "code":
        return element("code");
      case "spoiler":
        return element("span", { "data-mx-spoiler": "" });
      case "link":
        return element("a", { href: style.href });
      case "mentionUser":
        return element("a", { href: userLink(style.user) });
      case "mentionPerson": {
        const user = this.#userOf(style.person);
        return user === undefined ? undefined : element("a", { href: userLink(user) });
      }
      case "mentionRoom":
        return undefined;
    }
  }
}

const swallowed = / {2,}|^ | $/g;

function steadySpaces(line: string): string {
  return line.replaceAll(swallowed, (run, offset: number) => {
    if (offset === 0 || offset + run.length === line.length) return "\u00a0".repeat(run.length);
    return " \u00a0".repeat(run.length / 2 + 1).slice(0, run.length);
  });
}
