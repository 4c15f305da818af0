import { describe, expect, test } from "@jest/globals";
import { canonicalEmoji, isEmoji, sameEmoji, withoutSkinTone } from "../../../src/translate/emoji.ts";

describe("emoji", () => {
  test.each([
    ["\u2764", "\u2764\ufe0f"],
    ["\u2764\ufe0e", "\u2764\ufe0f"],
    ["\u{1f44d}\ufe0f", "\u{1f44d}"],
    ["\u{1f44d}\u{1f3fd}", "\u{1f44d}\u{1f3fd}"],
    ["\u261d\ufe0f\u{1f3fd}", "\u261d\u{1f3fd}"],
    ["1\u20e3", "1\ufe0f\u20e3"],
    ["\u{1f3f3}\u200d\u{1f308}", "\u{1f3f3}\ufe0f\u200d\u{1f308}"],
    ["\u{1f469}\u200d\u2764\u200d\u{1f468}", "\u{1f469}\u200d\u2764\ufe0f\u200d\u{1f468}"],
    ["\u{1f1f3}\u{1f1f1}", "\u{1f1f3}\u{1f1f1}"],
    [" +1 ", "+1"],
    ["5", "5"],
    ["\u00a9 mine\ufe0f", "\u00a9 mine\ufe0f"],
  ])("canonical form of %j", (emoji, expected) => {
    expect(canonicalEmoji(emoji)).toBe(expected);
    expect(canonicalEmoji(expected)).toBe(expected);
    expect(sameEmoji(emoji, expected)).toBe(true);
  });

  test.each([
    ["\u2764", true],
    [" \u{1f44d}\u{1f3fd} ", true],
    ["1\u20e3", true],
    ["5", false],
    ["+1", false],
    ["\u{1f44d}\u{1f44d}", false],
    ["", false],
  ])("%j is one: %j", (text, expected) => {
    expect(isEmoji(text)).toBe(expected);
  });

  test("skin tones tell reactions apart and can be taken off", () => {
    expect(sameEmoji("\u{1f44d}\u{1f3fd}", "\u{1f44d}")).toBe(false);
    expect(withoutSkinTone("\u{1f44d}\u{1f3fd}")).toBe("\u{1f44d}");
    expect(withoutSkinTone("\u261d\u{1f3fd}")).toBe("\u261d\ufe0f");
    expect(withoutSkinTone("\u{1f9d1}\u{1f3fb}\u200d\u{1f91d}\u200d\u{1f9d1}\u{1f3ff}")).toBe(
      "\u{1f9d1}\u200d\u{1f91d}\u200d\u{1f9d1}",
    );
  });
});
