import type { ComponentChildren } from "preact";
import { h } from "../../../../../src/page/web/dom.ts";
import { linkedText, outward } from "./linked-text.ts";

const plain = {
  b: "b",
  strong: "b",
  i: "i",
  em: "i",
  u: "u",
  s: "s",
  del: "s",
  strike: "s",
  code: "code",
  pre: "pre",
  p: "p",
  ul: "ul",
  ol: "ol",
  li: "li",
  blockquote: "blockquote",
  h1: "p",
  h2: "p",
  h3: "p",
  h4: "p",
  h5: "p",
  h6: "p",
} as const;
const unseen = new Set(["mx-reply", "script", "style", "head", "title", "template", "iframe", "object"]);
const deepest = 40;
const safe = /^(?:https?:\/\/|mailto:)/i;

function shown(node: Node, depth: number, linked: boolean): ComponentChildren {
  if (node.nodeType === Node.TEXT_NODE)
    return linked ? (node.textContent ?? "") : linkedText(node.textContent ?? "");
  if (!(node instanceof Element)) return undefined;
  const tag = node.localName;
  if (unseen.has(tag)) return undefined;
  if (tag === "br") return h("br", null);
  if (tag === "img") return node.getAttribute("alt");
  if (depth > deepest) return node.textContent;
  const leads = linked || tag === "a";
  const inside = [...node.childNodes].map((child) => shown(child, depth + 1, leads));
  const href = node.getAttribute("href");
  if (tag === "a" && href !== null && safe.test(href)) return outward(href, inside);
  const as = Object.hasOwn(plain, tag) ? plain[tag as keyof typeof plain] : undefined;
  return as === undefined ? inside : h(as, null, inside);
}

/** A message's HTML as elements of our own making: of what it brings only the text, the marks and links are taken. */
export function htmlBody(html: string): ComponentChildren {
  const { body } = new DOMParser().parseFromString(html, "text/html");
  return [...body.childNodes].map((node) => shown(node, 0, false));
}
