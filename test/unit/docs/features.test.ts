import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { readPage, rows } from "./page.ts";

const numbered = (letter: string, most: number): readonly string[] =>
  Array.from({ length: most }, (_, at) => `${letter}${at + 1}`);

/** What the feature column must speak of. */
const features = [
  ...numbered("C", 17),
  ...numbered("O", 13),
  ...numbered("R", 16),
  ...numbered("D", 9),
  ...numbered("X", 15),
  ...numbered("N", 7),
];

/** What a row names as its proof: a file under test/ and the name of a test in it. */
function proofs(cell: string): readonly { readonly file: string; readonly name: string }[] {
  return [...cell.matchAll(/`([^`]+)`: “([^”]+)”/g)].map(([, file = "", name = ""]) => ({
    file: `test/${file}`,
    name,
  }));
}

/** Whether a test of this name is declared there: its name is the first argument of a call. */
function declares(file: string, name: string): boolean {
  if (!existsSync(file)) return false;
  const quoted = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`\\(\\s*(["'\`])${quoted}\\1\\s*,`).test(readFileSync(file, "utf8"));
}

describe("the features we say we have", () => {
  const table = rows(readPage("docs/features.md").text);

  test("are all spoken of, once, in order", () => {
    expect(table.map(([id = ""]) => id)).toEqual(features);
  });

  test.each(table)("%s %s: %s", (_id, _what, mark = "", shown = "") => {
    const named = proofs(shown);
    expect(["✓", "◐", "✗"]).toContain(mark);
    expect(named.length === 0).toBe(mark === "✗");
    expect(named.filter(({ file, name }) => !declares(file, name))).toEqual([]);
  });
});
