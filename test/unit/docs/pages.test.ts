import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { verbs } from "../../../src/sandbox/api/verbs.ts";
import { faultNames } from "../../../src/sandbox/faults/faults.ts";
import { allPages, anchors, links, readPage } from "./page.ts";

const pages = allPages();
const readme = readPage("README.md");

/** Where a page's relative links lead: a path from the top folder, and perhaps a heading there. */
const leadsTo = (file: string, text: string) =>
  links(text)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path = "", heading] = target.split("#");
      return { path: path === "" ? file : join(dirname(file), path), heading };
    });

test("README.md can be read in five minutes: 900 words at most", () => {
  const words = readme.text.split(/\s+/).filter((word) => word !== "").length;
  expect(words).toBeGreaterThan(300);
  expect(words).toBeLessThanOrEqual(900);
});

test.each(["README.md", "docs/README.md"])("%s links every page", (index) => {
  const linked = new Set(leadsTo(index, readPage(index).text).map(({ path }) => path));
  const others = pages.map(({ file }) => file).filter((file) => file !== index);
  expect(others.length).toBeGreaterThan(8);
  expect(others.filter((file) => !linked.has(file))).toEqual([]);
});

describe.each(pages)("$file", ({ file, text }) => {
  test("begins with its only title", () => {
    expect(text).toMatch(/^# \S/);
    expect(text.replaceAll(/^```[^]*?^```$/gm, "").match(/^# /gm)).toHaveLength(1);
  });

  test("links only what is there, to the heading", () => {
    const broken = leadsTo(file, text).filter(
      ({ path, heading }) =>
        !existsSync(path) ||
        (heading !== undefined && !anchors(readFileSync(path, "utf8")).includes(heading)),
    );
    expect(broken).toEqual([]);
  });

  test("names only files that are there", () => {
    const named = [...text.matchAll(/`((?:src|test|config|docs|tools)\/[\w./-]+)`/g)];
    const missing = named
      .map(([, path = ""]) => path)
      .filter((path) => [path, `${path}.test.ts`, `${path}.ts`].every((name) => !existsSync(name)));
    expect(missing).toEqual([]);
  });

  test("names only npm commands that are there", () => {
    const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: object };
    expect(npmCommands(text).filter((name) => !(name in scripts) && !ofNpm.has(name))).toEqual([]);
  });
});

/** What npm does by itself. */
const ofNpm = new Set(["install", "pack"]);

/** The npm commands in a text's code. */
function npmCommands(text: string): readonly string[] {
  const code = [...text.matchAll(/^ *```[^]*?^ *```$|`[^`\n]+`/gm)].map(([span]) => span).join("\n");
  return [...code.matchAll(/\bnpm (?:run )?([\w:-]+)/g)].map(([, name = ""]) => name);
}

test("the commands of npm are named on the pages", () => {
  const named = (of: string) => new Set(npmCommands(readPage(of).text));
  expect([...named("README.md")].toSorted()).toEqual(["bridge", "demo", "nightly", "start", "test"]);
  expect(named("docs/reference.md").size).toBeGreaterThan(7);
});

test("words to people name only headings and pages that there are", () => {
  const summary = readFileSync("tools/demo/summary.ts", "utf8");
  const named = [...summary.matchAll(/“(Five minutes[^”]*)”/g)].map(([, words = ""]) => words);
  expect(named.length).toBeGreaterThan(1);
  for (const words of named) expect(readme.text).toContain(`\n## ${words}`);
  const page = readFileSync("src/sandbox/page/web/index.html", "utf8");
  const [, guide = ""] = /see (docs\/[\w-]+\.md)/.exec(page) ?? [];
  expect(pages.map(({ file }) => file)).toContain(guide);
});

test("the control API's verbs and faults are all explained", () => {
  const { text } = readPage("docs/sandbox.md");
  expect(Object.keys(verbs).filter((verb) => !new RegExp(`["\`]${verb}["\`]`).test(text))).toEqual([]);
  expect(faultNames.filter((fault) => !text.includes(`\`${fault}\``))).toEqual([]);
});

test("the bench finds the place for its numbers", () => {
  const { text } = readPage("docs/speed.md");
  expect(text).toMatch(/<!-- bench -->\n[^]*<!-- end of bench -->/);
  expect(readFileSync("tools/bench/run.ts", "utf8")).toContain('"../../docs/speed.md"');
});
