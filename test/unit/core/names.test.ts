import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { cleanFileName, cleanName } from "../../../src/core/model/names.ts";

test.each([
  ["Bram de Vries", "Bram de Vries"],
  ["  Bram \n\t de  Vries ", "Bram de Vries"],
  ["Bram\u202Eevil\u2066", "Bramevil"],
  ["\u200B\u200D\uFEFF", "nobody"],
  ["", "nobody"],
  ["A\u030A", "\u00C5"],
  ["\u3164\u115F", "nobody"],
  ["x".repeat(500), "x".repeat(100)],
])("%j is shown as %j", (name, shown) => {
  expect(cleanName(name, "nobody")).toBe(shown);
});

test("a shown name is never empty, long, or more than one visible line", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (name) => {
      const shown = cleanName(name, "nobody");
      expect(shown).not.toBe("");
      expect(Array.from(shown).length).toBeLessThanOrEqual(100);
      expect(shown).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }),
  );
});

test("a file's name is no path, says nothing unseen, and keeps its ending", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (name) => {
      const shown = cleanFileName(`${name}.jpeg`) ?? "";
      expect(shown).not.toMatch(/[/\\<>:"|?*\p{Cc}\p{Cf}]|^\.|[. ]$/u);
      expect(Array.from(shown).length).toBeLessThanOrEqual(120);
      expect(shown.endsWith("jpeg")).toBe(true);
    }),
  );
});
