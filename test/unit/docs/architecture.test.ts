import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "@jest/globals";

/** Paths in backquotes that begin in `src` or `test`; a bare file name stands beside the one named before it. */
function pathsIn(text: string): readonly string[] {
  let folder = "";
  return [...text.matchAll(/`([\w./-]+)`/g)].flatMap(([, path = ""]) => {
    if (/^(src|test)\//.test(path)) {
      folder = dirname(path);
      return [path];
    }
    return /^[\w-]+\.ts$/.test(path) ? [join(folder, path)] : [];
  });
}

describe.each(["docs/architecture.md", "docs/words.md"])("%s", (file) => {
  const text = readFileSync(file, "utf8");

  test("names only files and folders that there are", () => {
    const paths = pathsIn(text);
    expect(paths.length).toBeGreaterThan(20);
    expect(paths.filter((path) => !existsSync(path))).toEqual([]);
  });
});

test("every word in italics of the architecture is explained", () => {
  const used = [...readFileSync("docs/architecture.md", "utf8").matchAll(/(?<!\*)\*([a-z ]+)\*(?!\*)/g)];
  const words = readFileSync("docs/words.md", "utf8");
  const explained = [...words.matchAll(/^\| ([^|]+) \|/gm)].flatMap(([, name = ""]) => name.split(", "));
  expect(used.length).toBeGreaterThan(8);
  expect(
    used
      .map(([, word = ""]) => word)
      .filter((word) => !explained.some((one) => word === one || word === `${one}s`)),
  ).toEqual([]);
});

test("the map has every folder: by its path, or by its name in the line of the one around it", () => {
  const lines = readFileSync("docs/architecture.md", "utf8").split("\n");
  const isThere = (folder: string): boolean => {
    const parent = dirname(folder);
    const [path, name] = [`\`${folder}\``, `\`${folder.slice(parent.length + 1)}\``];
    return lines.some(
      (line) => line.includes(path) || (line.includes(`\`${parent}\``) && line.includes(name)),
    );
  };
  const folders = [...new Set(globSync("src/**/*.ts").map(dirname))].filter(
    (folder) => folder !== "src" && folder !== "src/networks" && !folder.endsWith("/gen"),
  );
  expect(folders.length).toBeGreaterThan(25);
  expect(folders.filter((folder) => !isThere(folder))).toEqual([]);
});
