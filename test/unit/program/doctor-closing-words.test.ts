import { expect, test } from "@jest/globals";
import { closingWords } from "../../../src/program/doctor/link.ts";

test.each([
  [["good", "note"], "All of it is in order."],
  [["bad", "untried"], "Mend what has a ✗, from the top, and run this again."],
  [
    ["good", "untried"],
    "Nothing is known to be wrong, but what has a – could not be tried. Run this again later.",
  ],
] as const)("after %j doctor says what to do", (kinds, words) => {
  const findings = kinds.map((kind) => ({ kind, what: "", where: "", cure: "" }));
  expect(closingWords([{ name: "link", findings }])).toBe(words);
});
