import { describe, expect, test } from "@jest/globals";
import { fromMatrixHtml } from "../../../src/translate/from-matrix-html.ts";
import { fromMarkup, toMarkup } from "../../../src/translate/markup.ts";
import { encodeMessageText } from "../../../src/translate/message-text.ts";

const MILLION = 1_000_000;
const filled = (unit: string, length: number): string => unit.repeat(Math.ceil(length / unit.length));

/** The better of two, so that a pause of the machine does not count. */
function cost(work: () => void): number {
  const times = [1, 2].map(() => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return user + system;
  });
  return Math.max(Math.min(...times), 1000);
}

/** Sixteen times the input: linear costs about 16 times as much, quadratic 256. */
function expectLinear(work: (length: number) => void): void {
  work(4000);
  expect(cost(() => work(64_000)) / cost(() => work(4000))).toBeLessThan(80);
}

const htmls = [
  "<b>",
  "<blockquote>",
  "<ul><li>",
  "<b>x<i>y</b>",
  "<b><i></u>",
  "<a href=https://e.org>x",
  "<p>x<td>",
  "</p></b>",
  "&amp;&lt",
  "<pre>",
  "<",
  "<b a=",
  "<!--",
  "<span data-mx-spoiler>",
  "&nbsp; ",
  "x<br>",
];

describe("HTML", () => {
  test.each(["<b>", "<blockquote><i>", "<b a="])("a million characters of %j", (unit) => {
    const html = filled(unit, MILLION);
    const body = fromMatrixHtml(html);
    expect(body.text.length).toBeLessThanOrEqual(html.length);
  });

  test.each(htmls)("%j takes linear time, there and back", (unit) => {
    expectLinear((length) =>
      encodeMessageText({ style: "text", body: fromMatrixHtml(filled(unit, length)) }),
    );
  });
});

const markups = [
  "*",
  "*a ",
  " *a_",
  "*_~",
  "*a* ",
  "`",
  "` ",
  "```",
  "``` ",
  "```\n",
  "`\u2060",
  "> ",
  "\n> a",
  "\n- *a*",
  "@31612",
  "https://",
  "1. ",
  "\u2060",
  "*a _b* c_ ",
];

describe("markup", () => {
  test.each(["*", "*a _b ", "```"])("a million characters of %j", (unit) => {
    const source = filled(unit, MILLION);
    expect(fromMarkup(source, () => undefined).text.length).toBeLessThanOrEqual(source.length);
  });

  test.each(markups)("%j takes linear time, there and back", (unit) => {
    expectLinear((length) => toMarkup(fromMarkup(filled(unit, length), () => undefined)));
  });
});
