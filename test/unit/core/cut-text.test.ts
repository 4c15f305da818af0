import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { cutText, endBefore, shortened } from "../../../src/core/model/cut-text.ts";

const family = "👨‍👩‍👧‍👦";
const astronaut = "👩🏽‍🚀";
const england = "🏴󠁧󠁢󠁥󠁮󠁧󠁿";
const flag = "🇳🇱";
const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Places where characters end, by looking at the whole text. */
const ends = (text: string): ReadonlySet<number> =>
  new Set([...segmenter.segment(text)].map(({ index }) => index).concat(text.length));

describe("cutting a text", () => {
  test.each([
    ["half an emoji", `${"a".repeat(39)}😀`, 40, "a".repeat(39)],
    ["a family", `ab${family}cd`, 5, "ab"],
    ["a skin tone", `ab${astronaut}`, 4, "ab"],
    ["a flag of tags", `${england}${england}`, england.length + 3, england],
    ["the second of a row of flags", flag.repeat(3), 6, flag],
    ["a flag deep in a row", flag.repeat(200), 4 * 150 + 2, flag.repeat(150)],
    ["a letter and its accent", "cafe\u0301s", 4, "caf"],
    ["a line end of two", "ab\r\ncd", 3, "ab"],
    ["syllables of Hangul", "\u1112\u1161\u11ab\u1100\u1173\u11af", 4, "\u1112\u1161\u11ab"],
    ["a Devanagari syllable", "नमस्ते", 4, "नम"],
    ["a text that fits", family, 11, family],
  ])("leaves no half of %s", (_, text, most, left) => {
    expect(cutText(text, most)).toBe(left);
  });

  test("ends where a character ends, wherever the cut falls in emoji, marks and letters", () => {
    const pieces = fc.constantFrom(
      family,
      astronaut,
      england,
      flag,
      "e\u0301",
      "a",
      " ",
      "\r\n",
      "क्ष",
      "한",
      "漢",
      "❤️",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), fc.nat(400), (list, at) => {
        const text = list.join("");
        expect(ends(text).has(endBefore(text, at))).toBe(true);
        expect(endBefore(text, at)).toBe(Math.max(...[...ends(text)].filter((end) => end <= at), 0));
      }),
    );
  });

  test("any text keeps within the limit, gains nothing, and is whole where it was whole", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 200 }),
        fc.integer({ min: 1, max: 200 }),
        (text, most) => {
          expect(text.startsWith(cutText(text, most))).toBe(true);
          expect(shortened(text, most).length).toBeLessThanOrEqual(most);
          expect(shortened(text, most).isWellFormed()).toBe(true);
        },
      ),
    );
  });

  test("a pile of marks without an end is cut between code points", () => {
    const pile = `a${"\u0301".repeat(5_000)}`;
    expect(cutText(pile, 1_000)).toHaveLength(1_000);
    expect(cutText("😀\u200d".repeat(5_000), 1_000).isWellFormed()).toBe(true);
    expect(cutText("😀\u200d".repeat(5_000), 1_000).length).toBeGreaterThan(990);
  });

  test("a sign stands where something is missing, and nowhere else", () => {
    expect(shortened("four", 4)).toBe("four");
    expect(shortened("fives", 4)).toBe("fiv…");
    expect(shortened("to be or", 4)).toBe("to…");
    expect(shortened(`abc${family}`, 6)).toBe("abc…");
  });
});
