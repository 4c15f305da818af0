import { describe, expect, test } from "@jest/globals";
import { fromMatrixHtml } from "../../../src/translate/from-matrix-html.ts";
import { toPlainBody, withoutReplyFallback } from "../../../src/translate/plain-body.ts";

test.each([
  ["<b>a</b> <i>b</i>", "a b"],
  ["<blockquote>a<blockquote>b</blockquote></blockquote>c", "> a\n> > b\nc"],
  ["<ul><li>a<br>more<ol><li>b</li><li>c</li></ol></li></ul>", "- a\n  more\n  1. b\n  2. c"],
  ["<h2>T</h2><pre>x\n  y</pre>", "T\nx\n  y"],
  ['<a href="https://e.org/x">site</a> <a href="https://e.org/">e.org</a>', "site (https://e.org/x) e.org"],
  ["<span data-mx-spoiler>end</span>", "||end||"],
])("plain body of %j", (html, expected) => {
  expect(toPlainBody(fromMatrixHtml(html))).toBe(expected);
});

describe("the fallback quote of a reply", () => {
  test.each([
    ["> <@a:e.org> old\n> more\n\nnew\n\nlines", "new\n\nlines"],
    ["> * <@a:e.org> waves\n\nnew", "new"],
    ["> <@a:e.org> only a quote", ""],
    ["> my own quote\n\nnew", "> my own quote\n\nnew"],
    ["new", "new"],
  ])("%j", (body, expected) => {
    expect(withoutReplyFallback(body)).toBe(expected);
  });
});
