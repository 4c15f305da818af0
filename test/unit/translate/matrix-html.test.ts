import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { PersonId, UserId } from "../../../src/core/model/ids.ts";
import type { RichText } from "../../../src/core/model/rich-text.ts";
import { canonical } from "../../../src/translate/canonical.ts";
import { fromMatrixHtml } from "../../../src/translate/from-matrix-html.ts";
import { toMatrixHtml } from "../../../src/translate/to-matrix-html.ts";
import { runs } from "../../kit/random-runs.ts";
import { canonicalRichText } from "./rich-text-samples.ts";

const ghost = "@ghost_p1:e.org" as UserId;
const there = (rich: RichText): string => toMatrixHtml(rich, () => ghost);
const back = (html: string): RichText =>
  fromMatrixHtml(html, (user) =>
    user === ghost ? { kind: "mentionPerson", person: "p1" as PersonId } : { kind: "mentionUser", user },
  );

describe("rich text to Matrix HTML and back", () => {
  test("is the identity on canonical rich text", () => {
    fc.assert(
      fc.property(canonicalRichText, (rich) => {
        expect(back(there(rich))).toEqual(rich);
      }),
      { numRuns: runs(2000) },
    );
  });

  test("escapes, and writes only by the tree", () => {
    const rich = {
      text: '<img src=x onerror="alert(1)"> & more',
      spans: [{ start: 0, end: 4, style: { kind: "link", href: 'https://e.org/"><script>' } } as const],
    };
    expect(there(rich)).toBe(
      '<a href="https://e.org/&quot;&gt;&lt;script&gt;">&lt;img</a> src=x onerror=&quot;alert(1)&quot;&gt; &amp; more',
    );
  });

  test("a person without a user is a name", () => {
    const style = { kind: "mentionPerson", person: "p1" as PersonId } as const;
    expect(toMatrixHtml({ text: "Ana", spans: [{ start: 0, end: 3, style }] })).toBe("Ana");
  });
});

const look = (html: string): string => {
  const { text, spans } = fromMatrixHtml(html);
  return [
    text,
    ...spans.map(({ start, end, style }) => `${text.slice(start, end)}=${Object.values(style).join(":")}`),
  ].join(" | ");
};

describe("Matrix HTML from clients", () => {
  test.each([
    ["<p>one</p>\n<p>two</p>", "one\n\ntwo"],
    ["a<br />b<br/>c", "a\nb\nc"],
    ["  a \n b  <b> c </b> d", "a b c d | c =bold"],
    ["<mx-reply><blockquote>old</blockquote></mx-reply>new", "new"],
    [
      "<strong>a</strong><em>b</em><u>c</u><del>d</del><code>e</code>",
      "abcde | a=bold | b=italic | c=underline | d=strike | e=code",
    ],
    ["<blockquote>\n<p>q</p>\n</blockquote>\n<p>r</p>", "q\nr | q=quote"],
    [
      '<ul><li>a</li><li>b<ol start="4"><li>c</li><li>d</li></ol></li></ul>',
      "a\nb\nc\nd | a=bulletItem | b\nc\nd=bulletItem | c=numberedItem:4 | d=numberedItem:5",
    ],
    ["<ol><li><p>a</p></li><li><p>b</p></li></ol>", "a\nb | a=numberedItem:1 | b=numberedItem:2"],
    [
      '<pre><code class="language-rust">fn a() {\n  1\n}\n</code></pre>',
      "fn a() {\n  1\n} | fn a() {\n  1\n}=codeBlock:rust",
    ],
    ["<pre>\n a\n</pre>", " a |  a=codeBlock"],
    ["<h2>T</h2>x", "T\nx | T=heading:2"],
    ['<span data-mx-spoiler="film">end</span>', "(film) end | end=spoiler"],
    ['<font data-mx-color="#ff0000" color="red">x</font>', "x"],
    [
      "<table><thead><tr><th>A</th><th>B</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table>",
      "A | B\n1 | 2",
    ],
    ["<details><summary>Sum</summary>rest</details>", "Sum\nrest"],
    ["x<hr>y", "x\n---\ny"],
    ['<img src="mxc://e.org/a" alt=":cat:" data-mx-emoticon>', ":cat:"],
    ['<img src="mxc://e.org/a">', "[image]"],
    ["x<sup>2</sup>", "x^2"],
    ['<a href="https://matrix.to/#/%40u%3Ae.org?via=e.org">U</a>', "U | U=mentionUser:@u:e.org"],
    ['<a href="matrix:u/u:e.org?action=chat">U</a>', "U | U=mentionUser:@u:e.org"],
    ['<a href="matrix:r/room:e.org">R</a>', "R | R=link:https://matrix.to/#/%23room%3Ae.org"],
    ['<a href="https://matrix.to/#/#room:e.org">R</a>', "R | R=link:https://matrix.to/#/#room:e.org"],
    ['<a href="//e.org">a</a><a href="data:text/html,x">b</a><a href=" JaVaScRiPt:x">c</a>', "abc"],
    ['<a href="java\tscript:x">c</a><a href="vbscript:x">d</a>', "cd"],
    ["a &lt;b&gt; &amp;amp; &nbsp; &#x1F44D;", "a <b> &amp;   \u{1f44d}"],
    ["<constructor>a</constructor><tostring>b</tostring>", "ab"],
    ["<b>a<p>b</b>c</p>", "a\nbc | a=bold | bc=bold"],
    ["</b></p></div>a</br>b", "a\nb"],
  ])("%j", (html, expected) => {
    expect(look(html)).toBe(expected);
  });
});

describe("hostile HTML", () => {
  const allowed =
    /^<(?:\/?(?:strong|em|u|del|code|blockquote|ul|li|h[1-6]|pre|a|span|ol)|br|ol start="\d+"|code class="language-[\w+#.-]+"|a href="(?:https?|ftp|mailto|magnet):[^"<>]*"|span data-mx-spoiler)>$/i;
  const expectSafe = (html: string): void => {
    const written = toMatrixHtml(fromMatrixHtml(html));
    for (const [tag] of written.matchAll(/<[^>]*>?/g)) expect(tag).toMatch(allowed);
    expect(deepest(written)).toBeLessThanOrEqual(100);
  };

  test.each([
    "<script>alert(1)</script>x",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    '<a href="javascript&colon;alert(1)">x</a>',
    "<a href='&#106;avascript:alert(1)'>x</a>",
    '<a href="https://e.org" onclick="x" style="a">x</a>',
    "<a href='https://e.org/\" onmouseover=\"alert(1)'>x</a>",
    '<iframe srcdoc="<script>1</script>"></iframe>',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<textarea><script>1</script></textarea>",
    "<plaintext><b>x",
    "<!--><img src=x>--><b>x</b>",
    "<![CDATA[<img src=x>]]>",
    "<template><b>x</b></template>",
    "<pre><code class='language-x\"><img>'>y</code></pre>",
    "<ol start='1\"><img'><li>x</ol>",
    "<b <b <b>>x</b>",
    "\u0000<b\u0000>x</b>",
    "&#0;&#xD800;&#x110000;",
  ])("%j gives only allowed tags", (html) => {
    expectSafe(html);
  });

  test("pieces of tags in any order give only allowed tags, never throw, and settle", () => {
    const piece = fc.constantFrom(
      ...Array.from("<>/=\"' &;a-!"),
      "<b>",
      "</b>",
      "<p>",
      "</p>",
      "<ul>",
      "<ol start=3>",
      "<li>",
      "</li>",
      "</ul>",
      "<pre>",
      "</pre>",
      "<code class=language-x>",
      "<blockquote>",
      "</blockquote>",
      "<a href=https://e.org>",
      "<a href=javascript:1>",
      "</a>",
      "<td>",
      "<tr>",
      "<table>",
      "</table>",
      "<script>",
      "</script>",
      "<mx-reply>",
      "</mx-reply>",
      "<br>",
      "<span data-mx-spoiler>",
      "</span>",
      "<h1>",
      "</h1>",
      "&nbsp;",
      "&lt",
      "\n",
      "x",
    );
    fc.assert(
      fc.property(fc.string({ unit: piece, maxLength: 60 }), (html) => {
        const rich = fromMatrixHtml(html);
        expect(canonical(rich)).toEqual(rich);
        const settled = fromMatrixHtml(toMatrixHtml(rich));
        expect(fromMatrixHtml(toMatrixHtml(settled))).toEqual(settled);
        expectSafe(html);
      }),
      { numRuns: runs(1500) },
    );
  });

  test("deep nesting stays within what clients show", () => {
    for (const open of [
      "<blockquote>x",
      "<ul><li>x",
      "<b>x<i>",
      "<ul><li><b>x</b><blockquote>y",
      "<table><tr><td>x",
    ]) {
      expectSafe(open.repeat(2000));
    }
  });
});

function deepest(html: string): number {
  let depth = 0;
  let most = 0;
  for (const [tag] of html.matchAll(/<[^>]*>/g)) {
    if (tag === "<br>") continue;
    depth += tag.startsWith("</") ? -1 : 1;
    most = Math.max(most, depth);
  }
  return most;
}
