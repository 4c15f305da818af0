import { describe, expect, test } from "@jest/globals";
import { fromMatrixHtml } from "../../../src/translate/from-matrix-html.ts";
import { fromMarkup, toMarkup } from "../../../src/translate/markup.ts";
import { decodeMessageText, encodeMessageText } from "../../../src/translate/message-text.ts";

/** Four times what an event of a homeserver can hold. */
const LARGE = 250_000;
const filled = (unit: string, length: number): string => unit.repeat(Math.ceil(length / unit.length));

/** Microseconds of this thread's own processor time; what else the machine does is not in it. */
function cost(work: () => void): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return user + system;
}

/** 32 times the input: linear costs about 32 times as much, quadratic 1024; the best of three counts. */
function expectLinear(work: (length: number) => void): void {
  const runs = [1, 2, 3];
  const small = Math.max(Math.min(...runs.map(() => cost(() => work(1000)))), 500);
  const isLinear = () => cost(() => work(32_000)) < 200 * small;
  expect(runs.some(isLinear)).toBe(true);
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
  test("with more styles than anybody writes is read as its plain form, or else without styles", () => {
    const html = filled("<li>a</li>", 60_000);
    const content = { msgtype: "m.text", format: "org.matrix.custom.html", formatted_body: html };
    expect(decodeMessageText({ ...content, body: "• a\n• a" })?.body).toEqual({
      text: "• a\n• a",
      spans: [],
    });
    const bare = decodeMessageText({ ...content, body: "" })?.body;
    expect(bare).toEqual({ text: filled("a\n", 12_000).trimEnd(), spans: [] });
    const few = filled("<li>a</li>", 10_000);
    expect(decodeMessageText({ ...content, formatted_body: few, body: "" })?.body.spans).toHaveLength(1_000);
  });

  test.each(["<b>", "<blockquote><i>", "<b a="])("a quarter of a million characters of %j", (unit) => {
    const html = filled(unit, LARGE);
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
  test("with more styles than anybody writes stays as it is written", () => {
    for (const unit of ["* a\n", "*a* ", "> a\n\n"]) {
      const source = filled(unit, 60_000);
      expect(fromMarkup(source)).toEqual({ text: source, spans: [] });
      expect(fromMarkup(filled(unit, 6_000)).spans.length).toBeGreaterThan(900);
    }
  });

  test.each(["*", "*a _b ", "```"])("a quarter of a million characters of %j", (unit) => {
    const source = filled(unit, LARGE);
    expect(fromMarkup(source, () => undefined).text.length).toBeLessThanOrEqual(source.length);
  });

  test.each(markups)("%j takes linear time, there and back", (unit) => {
    expectLinear((length) => toMarkup(fromMarkup(filled(unit, length), () => undefined)));
  });
});
