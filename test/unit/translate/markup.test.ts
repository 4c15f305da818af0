import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { PersonId } from "../../../src/core/model/ids.ts";
import type { RichText, Span, Style } from "../../../src/core/model/rich-text.ts";
import { canonical } from "../../../src/translate/canonical.ts";
import { fromMatrixHtml } from "../../../src/translate/from-matrix-html.ts";
import { fromMarkup, toMarkup } from "../../../src/translate/markup.ts";
import { runs } from "../../kit/random-runs.ts";
import { anyRichText, texts } from "./rich-text-samples.ts";

const ana = { kind: "mentionPerson", person: "p31612345678" as PersonId } as const;
const readMention = (digits: string) =>
  digits === "31612345678" ? { style: ana, label: "@Ana *B*" } : undefined;
const writeMention = (style: Style): string | undefined =>
  style.kind === "mentionPerson" ? "@31612345678" : undefined;
const read = (markup: string): RichText => fromMarkup(markup, readMention);
const write = (rich: RichText): string => toMarkup(rich, writeMention);

/** Sources with much markup in them, escapes included. */
const sources = fc.string({
  unit: fc.constantFrom(
    ...Array.from("*_~`*_~`ab9 .,(\n\u2060>-"),
    "```",
    "> ",
    "- ",
    "1. ",
    "\n> ",
    "\n- ",
    "\u{1f44d}",
    "https://x.org/_a_",
    "@31612345678",
    "*b*",
    "_i_",
    "~s~",
    "`c`",
  ),
  maxLength: 30,
});

describe("markup and back", () => {
  test("whatever markup can say comes back the same", () => {
    fc.assert(
      fc.property(sources, (source) => {
        const rich = read(source);
        expect(canonical(rich)).toEqual(rich);
        expect(read(write(rich))).toEqual(rich);
      }),
      { numRuns: runs(4000) },
    );
  });

  test("literal text stays literal", () => {
    fc.assert(
      fc.property(fc.oneof(texts, sources), (text) => {
        expect(fromMarkup(toMarkup({ text, spans: [] }))).toEqual({ text, spans: [] });
      }),
      { numRuns: runs(4000) },
    );
  });

  test("words with nested styles come back the same", () => {
    const leaf = fc.string({ unit: fc.constantFrom(...Array.from("ab*_~c1")), minLength: 1, maxLength: 4 });
    const inline = fc.constantFrom<Style>({ kind: "bold" }, { kind: "italic" }, { kind: "strike" });
    const words = fc.array(fc.tuple(leaf, fc.uniqueArray(inline, { selector: ({ kind }) => kind })), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(words, (list) => {
        const spans: Span[] = [];
        let text = "";
        for (const [word, styles] of list) {
          const start = text === "" ? 0 : text.length + 1;
          text = `${text === "" ? "" : `${text} `}${word}`;
          for (const style of styles) spans.push({ start, end: text.length, style });
        }
        const rich = canonical({ text, spans });
        expect(read(write(rich))).toEqual(rich);
      }),
      { numRuns: runs(2000) },
    );
  });

  test("what it cannot say loses styles and never words", () => {
    fc.assert(
      fc.property(anyRichText, (rich) => {
        const words = (text: string): string => text.replaceAll(/[^\p{L}]/gu, "");
        fc.pre(rich.spans.every(({ style }) => style.kind !== "link"));
        expect(words(fromMarkup(toMarkup(rich)).text)).toBe(words(rich.text));
      }),
      { numRuns: runs(2000) },
    );
  });
});

const seen = (source: string): string => {
  const { text, spans } = read(source.replaceAll("¦", "\u2060"));
  return [
    text,
    ...spans.map(({ start, end, style }) => `${text.slice(start, end)}=${Object.values(style).join(":")}`),
  ].join(" | ");
};

describe("reading", () => {
  test.each([
    [
      "*bold* _italic_ ~strike~ `code`",
      "bold italic strike code | bold=bold | italic=italic | strike=strike | code=code",
    ],
    ["*_~x~_*", "x | x=bold | x=italic | x=strike"],
    ["*a _b_ c*", "a b c | a b c=bold | b=italic"],
    ["2*3*4 snake_case_name", "2*3*4 snake_case_name"],
    ["* a* *b * a *b*c", "a* *b * a *b*c | a* *b * a *b*c=bulletItem"],
    ["a * b * c", "a * b * c"],
    ["*over\nlines*", "*over\nlines*"],
    ['(*a*), "_b_".', '(a), "b". | a=bold | b=italic'],
    ["*hi*\u{1f44d}", "hi\u{1f44d} | hi=bold"],
    ["`*a*` ```_b_```", "*a* _b_ | *a*=code | _b_=code"],
    ["```one\n two```", "one\n two | one\n two=codeBlock"],
    ["see ```\none\n``` then", "see\none\nthen | one=codeBlock"],
    ["``` open", "``` open"],
    ["> a\n> b\nc", "a\nb\nc | a\nb=quote"],
    [">a\n>", ">a\n>"],
    ["- a\n* b\n3. c\n-d", "a\nb\nc\n-d | a=bulletItem | b=bulletItem | c=numberedItem:3"],
    ["> - *a*", "a | a=bulletItem | a=quote | a=bold"],
    ["https://x.org/_a_/*b*", "https://x.org/_a_/*b*"],
    ["*https://x.org*", "https://x.org | https://x.org=bold"],
    ["hi @31612345678, @316", "hi @Ana *B*, @316 | @Ana *B*=mentionPerson:p31612345678"],
    ["*@31612345678*", "@Ana *B* | @Ana *B*=mentionPerson:p31612345678 | @Ana *B*=bold"],
    ["*¦a* `¦b`¦ >¦ c", "*a* `b` >\u2060 c"],
    ["-¦ a\n>¦ b\n1.¦ c", "- a\n> b\n1. c"],
    ["a\r\nb\rc *d*", "a\nb\nc d | d=bold"],
    ["plain @room text", "plain @room text"],
  ])("%j", (source, expected) => {
    expect(seen(source)).toBe(expected);
  });
});

const written = (html: string): string => toMarkup(fromMatrixHtml(html)).replaceAll("\u2060", "¦");

describe("writing what comes from Matrix", () => {
  test.each([
    ["<b>a</b> <i>b</i> <s>c</s> <code>d</code>", "*a* _b_ ~c~ `d`"],
    ["<b>a </b>b", "*a* b"],
    ["a<b>b</b>c", "abc"],
    ["<b>aa <i>bb</i></b><i> cc</i>", "*aa _bb_* _cc_"],
    ["*not bold* and 2*3*4", "*¦not bold* and 2*3*4"],
    ["<b>a*</b> b*", "*a*¦* b*¦"],
    ["> no<br>- no<br>1. no<br>* no", ">¦ no\n-¦ no\n1.¦ no\n*¦ no"],
    [
      '<a href="https://e.org/x">site</a>, <a href="https://e.org">https://e.org/</a>, <a href="mailto:a@e.org">a@e.org</a>',
      "site (https://e.org/x), https://e.org/, a@e.org",
    ],
    ['<b><a href="https://e.org/_x_">site</a></b>', "*site* (https://e.org/_x_)"],
    ["<h1>Title</h1>text", "*Title*\ntext"],
    ['<ul><li>a<ul><li>b</li></ul></li></ul><ol start="2"><li>c</li></ol>', "- a\n  - b\n2. c"],
    ["<blockquote>a<ul><li>b</li></ul></blockquote>c", "> a\n> - b\nc"],
    ['<pre><code class="language-js">a`b`\n```\n</code></pre>', "```a`b`\n`¦`¦`¦```"],
    ["<blockquote><pre>a\nb</pre></blockquote>", "> `a`\n> `b`"],
    ["<u>a</u> <span data-mx-spoiler>b</span>", "a ||b||"],
    ["plain", "plain"],
  ])("%j", (html, expected) => {
    expect(written(html)).toBe(expected);
  });

  test("mentions go through the caller", () => {
    const rich = { text: "hi Ana!", spans: [{ start: 3, end: 6, style: ana }] };
    expect(write(rich)).toBe("hi @31612345678!");
    expect(toMarkup(rich)).toBe("hi Ana!");
  });
});
