import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { initialsOf } from "../../../src/core/model/initials.ts";

test.each([
  ["Wim", "W"],
  ["Wim de Vries", "WV"],
  ["wim", "W"],
  ["élodie müller", "ÉM"],
  ["Жанна Щукина", "ЖЩ"],
  ["+31 6 12345678", undefined],
  ["👩‍🚀 Ada", "A"],
  ["👩‍🚀", undefined],
  ["王小明", undefined],
  ["ßeta", "ß"],
  ["", undefined],
  ["<b>&amp;", "BA"],
])("of %j are %j", (name, initials) => expect(initialsOf(name)).toBe(initials));

test("are at most two letters and never markup, whatever the name", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (name) => {
      expect(initialsOf(name) ?? "A").toMatch(/^\p{L}{1,2}$/u);
    }),
  );
});
