/** The elements that the bridge writes, all allowed by the spec in an m.room.message's `formatted_body`. */
export type Tag =
  | "a"
  | "blockquote"
  | "br"
  | "code"
  | "del"
  | "em"
  | `h${1 | 2 | 3 | 4 | 5 | 6}`
  | "li"
  | "ol"
  | "pre"
  | "span"
  | "strong"
  | "u"
  | "ul";

type Attribute = "href" | "class" | "start" | "data-mx-spoiler";

export interface Element {
  readonly tag: Tag;
  readonly attributes: Readonly<Partial<Record<Attribute, string>>>;
  readonly children: HtmlNode[];
}

/** A string is text, escaped when written. */
export type HtmlNode = string | Element;

export function element(
  tag: Tag,
  attributes: Element["attributes"] = {},
  children: HtmlNode[] = [],
): Element {
  return { tag, attributes, children };
}

export function writeHtml(nodes: readonly HtmlNode[]): string {
  let out = "";
  for (const node of nodes) {
    if (typeof node === "string") {
      out += escapeHtml(node);
      continue;
    }
    out += `<${node.tag}`;
    for (const [name, value] of Object.entries(node.attributes)) {
      out += value === "" ? ` ${name}` : ` ${name}="${escapeHtml(value)}"`;
    }
    out += node.tag === "br" ? ">" : `>${writeHtml(node.children)}</${node.tag}>`;
  }
  return out;
}

const special = /[&<>"]/g;
const entity: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const unwanted = /[^\P{Cc}\t\n]/gu;

/** Escapes text for HTML text and attributes; control characters, which HTML cannot hold, are dropped. */
function escapeHtml(text: string): string {
  return text.replaceAll(special, (char) => entity[char] ?? char).replaceAll(unwanted, "");
}
