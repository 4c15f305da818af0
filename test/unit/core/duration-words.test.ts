import { expect, test } from "@jest/globals";
import { durationWords } from "../../../src/core/model/duration-words.ts";

test.each([
  [1, "1 second"],
  [30, "30 seconds"],
  [300, "5 minutes"],
  [3_600, "1 hour"],
  [5_400, "1 hour and 30 minutes"],
  [28_800, "8 hours"],
  [86_400, "1 day"],
  [604_800, "1 week"],
  [2_419_200, "4 weeks"],
  [90_061, "1 day and 1 hour"],
  [86_401, "1 day"],
  [0.2, "1 second"],
])("%d seconds are said as people say them: %s", (seconds, words) => {
  expect(durationWords(seconds)).toBe(words);
});
