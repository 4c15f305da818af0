import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { visibleText } from "../../../src/core/model/visible-text.ts";

test.each([
  ["Persian, with half spaces", "می‌خواهم"],
  ["a half letter before another", "क्‍ष"],
  ["a half letter at a word's end", "അവന്‍"],
  ["Bengali ya-phala", "র‍্যাব"],
  ["Vietnamese", "Nguyễn Thị Ánh"],
  ["Arabic with all its vowels", "مُحَمَّدٌ"],
  ["Burmese", "ကြွှို့"],
  ["an astronaut", "👩‍🚀"],
  ["a rainbow flag", "🏳️‍🌈"],
  ["a flag made of tags", "🏴\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}"],
  ["a family", "👨‍👩‍👧‍👦"],
  ["two of different skin", "🧑🏿‍🤝‍🧑🏻"],
  ["a heart on fire", "❤️‍🔥"],
  ["a keycap", "1️⃣"],
  ["a country's flag", "🇳🇱"],
  ["a smiley in black", "☺︎"],
  ["a form of a Han character", "葛\u{E0100}城"],
])("%s stays as it is", (_what, text) => {
  expect(visibleText(`x ${text}`)).toBe(`x ${text}`);
  expect(visibleText(text)).toBe(text);
});

test.each([
  ["a joiner between Latin letters", "A\u200Cn\u200Da", "Ana"],
  ["a joiner at an end", "می\u200C", "می"],
  ["a joiner behind a mark without a letter", "\u094D\u200Cی", "ی"],
  ["joiners in a row are one", "می\u200C\u200C\u200Dخواهم", "می\u200Cخواهم"],
  ["a joiner without a picture behind", "👩\u200D", "👩"],
  ["a variation of a letter", "A\uFE0F\u{E0101}na", "Ana"],
  ["tags that are no flag", "W\u{E0077}\u{E0069}im", "Wim"],
  ["zero width", "W\u200Bi\u2060m\uFEFF\u00AD", "Wim"],
  ["directions", "\u202EWim\u2066\u200F\u061C", "Wim"],
  ["fillers", "W\u3164\u115F\u1160\uFFA0\u034F\u17B4im\u2800", "Wim"],
  ["controls", "W\u0000i\u0007m\u009F", "Wim"],
  ["half a character", "W\uD83Dim\uDE00", "Wim"],
  ["lines", "Wim\u2028\r\n\tde\u3000Vries", "Wim de Vries"],
  ["spaces around what goes", "Wim \u200B de", "Wim de"],
  ["marks on nothing", "\u0301\u0302 Wim", "Wim"],
  ["a pile of marks", `W${"\u0301\u0316".repeat(40)}im`, "\u1E82\u0316\u0301im"],
  ["a pile of one mark", `ก${"็".repeat(40)}`, "ก็"],
  ["nothing to see", "\u200B\u2800\u3164\u200D", ""],
])("%s: of %j stays %j", (_what, text, left) => {
  expect(visibleText(text)).toBe(left);
});

test("nothing unseen is left where it means nothing, and doing it twice changes nothing", () => {
  const unit = fc.oneof(
    fc.constantFrom(
      "\u200C",
      "\u200D",
      "\uFE0F",
      "👩",
      "🚀",
      "ی",
      "ک",
      "क",
      "्",
      "\u0301",
      "a",
      " ",
      "\u202E",
    ),
    fc.string({ unit: "binary", maxLength: 2 }),
  );
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 60 }), (units) => {
      const shown = visibleText(units.join(""));
      expect(shown).not.toMatch(/[\p{Cc}\p{Co}\p{Cs}\u202A-\u202E\u2066-\u2069\u200B\u2060\u3164]/u);
      expect(shown).not.toMatch(/\p{M}{7}|^[\p{M} ]| $| {2}/u);
      expect(shown).not.toMatch(/[A-Za-z0-9 ][\u200C\u200D]|[\u200C\u200D][A-Za-z0-9 ]/);
      expect(visibleText(shown)).toBe(shown);
    }),
  );
});
