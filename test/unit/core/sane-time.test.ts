import { expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { saneTime } from "../../../src/core/model/sane-time.ts";

const NOW = Date.UTC(2026, 10, 21);

test.each([
  ["1700000000000", 1_700_000_000_000],
  ["1700000000000.75", 1_700_000_000_000],
  ["a clock two minutes ahead", NOW + 120_000],
])("%s stands", (_what, at) => {
  expect(saneTime(at + 0.25, NOW)).toBe(at);
});

test.each([Number.NaN, Infinity, -Infinity, 1e300, -1, 0, 5_000, NOW + 2 * 86_400_000, 2 ** 53])(
  "%s becomes our own time",
  (at) => {
    expect(saneTime(at, NOW)).toBe(NOW);
  },
);

test("whatever is said, the time can be stored", () => {
  fc.assert(fc.property(fc.double(), (at) => expect(Number.isSafeInteger(saneTime(at, NOW))).toBe(true)));
});
