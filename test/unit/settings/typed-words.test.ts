import { expect, test } from "@jest/globals";
import { Challenges } from "../../../src/networks/signal/service/challenges.ts";
import { typedWords } from "../../../src/settings/web/cards/typed-words.ts";
import { de } from "../../../src/settings/web/words/de.ts";
import { en } from "../../../src/settings/web/words/en.ts";

const { name } = new Challenges({ loginsOf: async () => [] });

test.each([
  ["en", en, "Proof that you are a human"],
  ["de", de, "Nachweis, dass du ein Mensch bist"],
] as const)(
  "in %s what Signal asks a person for has a title, not the command's name",
  (_code, words, title) => {
    const shown = typedWords(words, name);
    expect(shown.title).toBe(title);
    expect(Object.values(shown).filter((text) => text.includes(name))).toEqual([]);
  },
);

test("what the page does not know goes by its name", () => {
  expect(typedWords(de, "zodiac")).toEqual({ title: "zodiac", change: "Ändern: zodiac", label: "zodiac" });
});
