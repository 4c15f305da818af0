import { globSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { de } from "../../../src/settings/web/words/de.ts";
import { en } from "../../../src/settings/web/words/en.ts";

/** Each text by the path of its key. */
function texts(words: object, path = ""): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(words).flatMap(([key, value]: readonly [string, string | object]) =>
      typeof value === "string" ? [[`${path}${key}`, value]] : [...texts(value, `${path}${key}.`)],
    ),
  );
}

const english = texts(en);
const languages = Object.entries({ de }).map(([code, words]) => [code, texts(words)] as const);

const placeholders = (text = ""): readonly string[] =>
  Array.from(text.matchAll(/\{(\w+)\}/g), ([, name = ""]) => name).sort();

test.each(languages)("%s has every text of English, and no other", (_code, words) => {
  expect([...words.keys()].sort()).toEqual([...english.keys()].sort());
});

test.each(languages)(
  "%s has the placeholders of English in every text, and says something of its own",
  (_code, words) => {
    for (const [key, text] of english) {
      expect([key, placeholders(words.get(key))]).toEqual([key, placeholders(text)]);
      expect([key, words.get(key)?.trim()]).not.toEqual([key, ""]);
    }
    const same = [...english].filter(([key, text]) => words.get(key) === text && text.length > 8);
    expect(same).toEqual([]);
  },
);

test.each(languages)("%s has the quotation marks of its own", (code, words) => {
  const strays = [...words.values()].filter((text) => (code === "de" ? /“[^„]*”|"/ : /"/).test(text));
  expect(strays).toEqual([]);
});

test("every text is shown somewhere", () => {
  const sources = globSync("src/settings/web/**/*.ts").filter((file) => !file.includes("/words/"));
  const code = sources.map((file) => readFileSync(file, "utf8")).join("\n");
  // What depends on a state is looked up by it; of a count the form is chosen by the number.
  const chosen =
    /^(?:network\.chips|people\.(?:states|why)|settings\.choices|bridge\.(?:queueNames|directions|kinds))\.|\.(?:one|other)$|^language$/;
  const unused = [...english.keys()].filter((key) => {
    const name =
      key
        .replace(/\.(?:one|other)$/, "")
        .split(".")
        .at(-1) ?? "";
    return !chosen.test(key) && !new RegExp(`\\b${name}\\b`).test(code);
  });
  expect(unused).toEqual([]);
});
