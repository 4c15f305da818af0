import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { UserId } from "../../../src/core/model/ids.ts";
import type { RichText, Style } from "../../../src/core/model/rich-text.ts";
import { canonical } from "../../../src/translate/canonical.ts";
import { concat, slice, split } from "../../../src/translate/rich-text.ts";
import { isBlock, isMention } from "../../../src/translate/styles.ts";
import { runs } from "../../kit/random-runs.ts";
import { anyRichText } from "./rich-text-samples.ts";

const bold: Style = { kind: "bold" };
const quote: Style = { kind: "quote" };
const user: Style = { kind: "mentionUser", user: "@u:e.org" as UserId };
const span = (start: number, end: number, style: Style) => ({ start, end, style });

describe("canonical", () => {
  test("is a fixed point, keeps the text, and holds what it promises", () => {
    fc.assert(
      fc.property(anyRichText, (rich) => {
        const settled = canonical(rich);
        expect(canonical(settled)).toEqual(settled);
        expect(settled.text).toBe(rich.text);
        expectPromises(settled);
      }),
      { numRuns: runs(1000) },
    );
  });

  test.each<[string, RichText, RichText["spans"]]>([
    ["joins what touches", { text: "abcd", spans: [span(0, 2, bold), span(2, 4, bold)] }, [span(0, 4, bold)]],
    [
      "cuts inline styles at line ends",
      { text: "a\nb", spans: [span(0, 3, bold)] },
      [span(0, 1, bold), span(2, 3, bold)],
    ],
    ["widens blocks to lines", { text: "ab\ncd\ne", spans: [span(1, 4, quote)] }, [span(0, 5, quote)]],
    [
      "joins quotes in a row",
      { text: "a\nb", spans: [span(0, 1, quote), span(2, 3, quote)] },
      [span(0, 3, quote)],
    ],
    ["keeps pairs whole", { text: "x\u{1f44d}y", spans: [span(0, 2, bold)] }, [span(0, 3, bold)]],
    [
      "drops what is empty or outside",
      { text: "a", spans: [span(1, 1, bold), span(5, 9, bold), span(1, 0, bold)] },
      [],
    ],
    [
      "never cuts a mention",
      { text: "hi Ana B", spans: [span(0, 5, bold), span(3, 8, user)] },
      [span(0, 8, bold), span(3, 8, user)],
    ],
    [
      "has no inline style in code blocks",
      { text: "a", spans: [span(0, 1, bold), span(0, 1, { kind: "codeBlock" })] },
      [span(0, 1, { kind: "codeBlock" })],
    ],
    [
      "drops links that run something",
      { text: "a", spans: [span(0, 1, { kind: "link", href: "javascript:alert(1)" })] },
      [],
    ],
    [
      "drops links that pose as a mention",
      { text: "a", spans: [span(0, 1, { kind: "link", href: "https://matrix.to/#/@u:e.org" })] },
      [],
    ],
    [
      "clips blocks that cross",
      { text: "a\nb\nc", spans: [span(0, 3, quote), span(2, 5, { kind: "bulletItem" })] },
      [span(0, 3, quote), span(2, 3, { kind: "bulletItem" })],
    ],
  ])("%s", (_, rich, spans) => {
    expect(canonical(rich).spans).toEqual(spans);
  });
});

describe("slice, concat and split", () => {
  test("two slices joined are the whole, but for mentions and blocks that were cut", () => {
    fc.assert(
      fc.property(anyRichText, fc.nat(40), (rich, cut) => {
        const joined = concat([slice(rich, 0, cut), slice(rich, cut)]);
        expect(joined.text).toBe(rich.text);
        expect(canonical(joined)).toEqual(joined);
      }),
    );
  });

  test("moves spans with the text", () => {
    const rich = { text: "one two", spans: [span(4, 7, bold)] };
    expect(slice(rich, 5)).toEqual({ text: "wo", spans: [span(0, 2, bold)] });
    expect(concat([{ text: "ab", spans: [] }, rich])).toEqual({
      text: "abone two",
      spans: [span(6, 9, bold)],
    });
  });

  test("split keeps every word within the limit, in bytes too", () => {
    const bytes = (text: string): number => Buffer.byteLength(text);
    const inBytes = (unit: number): number =>
      unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 2 : 3;
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("word", "\u{1f44d}", " ", "\n", "\u00e9")),
        fc.integer({ min: 8, max: 30 }),
        (words, limit) => {
          const text = words.join("");
          const pieces = split({ text, spans: [span(0, text.length, bold)] }, limit, inBytes);
          for (const piece of pieces) {
            expect(bytes(piece.text)).toBeLessThanOrEqual(limit);
            expect(piece.text.isWellFormed()).toBe(true);
          }
          const bare = (s: string): string => s.replaceAll(/\s/g, "");
          expect(bare(pieces.map((piece) => piece.text).join(""))).toBe(bare(text));
        },
      ),
    );
    expect(split({ text: "aaa bbb\nccc", spans: [] }, 7).map(({ text }) => text)).toEqual(["aaa bbb", "ccc"]);
    expect(split({ text: "short", spans: [] }, 7)).toEqual([{ text: "short", spans: [] }]);
  });
});

function expectPromises({ text, spans }: RichText): void {
  const lineEdge = (offset: number): boolean => offset === text.length || text[offset] === "\n";
  const mentions = spans.filter(({ style }) => isMention(style));
  for (const { start, end, style } of spans) {
    expect(start).toBeGreaterThanOrEqual(0);
    expect(start).toBeLessThan(end);
    expect(end).toBeLessThanOrEqual(text.length);
    if (isBlock(style)) {
      expect(start === 0 || text[start - 1] === "\n").toBe(true);
      expect(lineEdge(end)).toBe(true);
      const crossing = spans.filter(
        (o) => isBlock(o.style) && o.start > start && o.start < end && o.end > end,
      );
      expect(crossing).toEqual([]);
    } else {
      expect(text.slice(start, end)).not.toContain("\n");
      const cut = mentions.filter(
        (m) => (start > m.start && start < m.end) || (end > m.start && end < m.end),
      );
      expect(cut).toEqual([]);
    }
  }
}
