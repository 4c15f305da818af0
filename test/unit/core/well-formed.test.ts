import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { wellFormedJson } from "../../../src/core/model/well-formed.ts";

const HALF = "\ud83d";
const anyText = fc.string({
  unit: fc.constantFrom("a", '"', "\\", "\\ud83d", "😀", HALF, "\ude00", "\n", "u"),
});

test.each([
  ["a value", { body: `x${HALF}` }, { body: "x\ufffd" }],
  ["a key", { [HALF]: 1 }, { "\ufffd": 1 }],
  ["the other half", ["\ude00"], ["\ufffd"]],
  ["halves the wrong way round", `\ude00${HALF}`, "\ufffd\ufffd"],
  ["a whole one", "😀", "😀"],
  ["words that look like an escape", "\\ud83d", "\\ud83d"],
  ["a backslash before half of one", `\\${HALF}`, "\\\ufffd"],
])("JSON with %s", (_, value, whole) => {
  expect(JSON.parse(wellFormedJson(JSON.stringify(value)))).toEqual(whole);
});

test("an escaped pair is one character, and stays", () => {
  expect(JSON.parse(wellFormedJson('"\\uD83D\\uDE00 \\ud83d\\u0041"'))).toBe("😀 \ufffdA");
});

test("half a character that stands in the JSON itself is replaced too", () => {
  expect(wellFormedJson(`"${HALF}"`)).toBe('"\ufffd"');
});

test("every text comes out well-formed, and changed in nothing else", () => {
  fc.assert(
    fc.property(fc.dictionary(anyText, anyText), (value) => {
      const json = JSON.stringify(value);
      const read = JSON.parse(wellFormedJson(json)) as Record<string, string>;
      for (const [key, text] of Object.entries(read)) expect((key + text).isWellFormed()).toBe(true);
      // What the JSON says, which is what is to be kept.
      const said = JSON.parse(json) as Record<string, string>;
      const values = Object.entries(said).map(([key, text]) => [key.toWellFormed(), text.toWellFormed()]);
      expect(read).toEqual(Object.fromEntries(values));
    }),
  );
});
