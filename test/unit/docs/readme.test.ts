import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { commandsFor } from "../../../src/commands/table.ts";
import type { Network } from "../../../src/core/ports/network.ts";
import { consentFlow } from "../../../src/networks/meta-interop/login/consent-flow.ts";
import { Residences } from "../../../src/networks/meta-interop/login/residences.ts";
import { messenger } from "../../../src/networks/meta-interop/messenger.ts";
import { whatsapp } from "../../../src/networks/meta-interop/whatsapp.ts";
import { verbs } from "../../../src/sandbox/api/verbs.ts";
import { faultNames } from "../../../src/sandbox/faults/faults.ts";

const readme = readFileSync("README.md", "utf8");

/** The text under a heading, up to the next of its level. */
function section(heading: string): string {
  const [, after] = readme.split(`\n## ${heading}\n`);
  if (after === undefined) throw new Error(`README.md has no section “${heading}”`);
  return after.split("\n## ")[0] ?? "";
}

/** The cells of the tables in a text, without their head. */
function rows(text: string): readonly (readonly string[])[] {
  return text
    .split("\n")
    .filter((line, at, lines) => line.startsWith("|") && !lines[at + 1]?.startsWith("|---"))
    .filter((line) => !line.startsWith("|---"))
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim().replaceAll("\\|", "|")),
    );
}

const numbered = (letter: string, most: number): readonly string[] =>
  Array.from({ length: most }, (_, at) => `${letter}${at + 1}`);

/** What the feature column must speak of. */
const features = [
  ...numbered("C", 15),
  ...numbered("O", 10),
  ...numbered("R", 12),
  ...numbered("D", 7),
  ...numbered("X", 10),
  ...numbered("N", 7),
  "C17",
  "R13",
  "R14",
  "R15",
  "X11",
  "X15",
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
  const table = rows(section("Features"));

  test("are all spoken of, once", () => {
    expect(table.map(([id = ""]) => id).toSorted()).toEqual(features.toSorted());
  });

  test.each(table)("%s %s: %s", (_id, _what, mark = "", shown = "") => {
    const named = proofs(shown);
    expect(["✓", "◐", "✗"]).toContain(mark);
    expect(named.length === 0).toBe(mark === "✗");
    expect(named.filter(({ file, name }) => !declares(file, name))).toEqual([]);
  });
});

/** The networks of the demo, as far as the commands need them. */
function sandboxNetworks(): readonly Network[] {
  const nothingKept = {} as ConstructorParameters<typeof Residences>[0];
  const residences = new Residences(nothingKept);
  const enlist = () => Promise.reject(new Error("nobody is enlisted"));
  return [whatsapp, messenger].map(
    (profile) =>
      ({
        ...profile,
        flows: [consentFlow({ profile, residences, enlist })],
        settings: [residences],
      }) as unknown as Network,
  );
}

test("what one can write to the bot is what it understands", () => {
  const written = rows(section("What you can write to the bot"));
  expect(written).toEqual(
    commandsFor(sandboxNetworks()).map(({ name, usage, summary }) => [
      `\`${[name, usage].join(" ").trim()}\``,
      summary,
    ]),
  );
});

test("every npm command named is there", () => {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: object };
  const named = [...readme.matchAll(/\bnpm (?:run )?([\w:-]+)/g)].map(([, name = ""]) => name);
  expect(named.length).toBeGreaterThan(5);
  expect([...new Set(named)].filter((name) => !(name in scripts))).toEqual([]);
});

test("the control API's verbs and faults are all explained", () => {
  const text = section("Write your own checks");
  expect(Object.keys(verbs).filter((verb) => !new RegExp(`["\`]${verb}["\`]`).test(text))).toEqual([]);
  expect(faultNames.filter((fault) => !text.includes(`\`${fault}\``))).toEqual([]);
});

test("files and pictures it points to are there", () => {
  const pictures = [...readme.matchAll(/\]\(([^):]+)\)/g)].map(([, path = ""]) => path);
  const files = [...readme.matchAll(/`((?:src|test|config|docs)\/[\w./-]+)`/g)].map(([, path = ""]) => path);
  const missing = [...pictures, ...files].filter((path) =>
    [path, `${path}.test.ts`, `${path}.ts`].every((name) => !existsSync(name)),
  );
  expect(missing).toEqual([]);
});

test("the bench finds the place for its numbers", () => {
  expect(readme).toMatch(/<!-- bench -->\n[^]*<!-- end of bench -->/);
});
