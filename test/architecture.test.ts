import { globSync, readFileSync } from "node:fs";
import { basename, dirname, join, normalize } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { mayImport } from "./architecture-map.ts";

/** `place` is a folder, or one file. */
const within = (path: string, place: string): boolean =>
  path.startsWith(`src/${place}/`) || path === `src/${place}`;
const imports = /(?:^|\n)\s*(?:import|export)\b[^;"']*["'](\.[^"']+)["']|\bimport\(\s*["'](\.[^"']+)["']/g;
const sources = globSync("src/**/*.ts");

function targets(file: string): string[] {
  return [...readFileSync(file, "utf8").matchAll(imports)].map(([, plain, dynamic]) =>
    normalize(join(dirname(file), plain ?? dynamic ?? "")),
  );
}

/** The most specific folder of the table that holds the file. */
function room(file: string): string | undefined {
  return Object.keys(mayImport)
    .filter((folder) => within(file, folder))
    .sort((a, b) => b.length - a.length)[0];
}

describe("the house", () => {
  test.each(Object.entries(mayImport))("src/%s imports only itself and %j", (folder, allowed) => {
    const strays = sources
      .filter((file) => room(file) === folder)
      .flatMap((file) =>
        targets(file)
          .filter((target) => ![folder, ...allowed].some((ok) => within(target, ok)))
          .map((target) => `${file} -> ${target}`),
      );
    expect(strays).toEqual([]);
  });

  test("every source file is in a room of the table, or is main, cli, or the networks' registry", () => {
    const free = new Set(["src/main.ts", "src/cli.ts", "src/networks/registry.ts"]);
    expect(sources.filter((file) => room(file) === undefined && !free.has(file))).toEqual([]);
  });

  test("nobody imports cli, and main only the command that starts it", () => {
    const importers = sources.filter((file) =>
      targets(file).some((target) => target === "src/main.ts" || target === "src/cli.ts"),
    );
    expect(importers).toEqual(["src/program/start.ts"]);
  });

  test("core and translate know no package and no clock", () => {
    const pure = sources.filter((file) => within(file, "core") || within(file, "translate"));
    const bare = /(?:^|\n)\s*import\b[^;"']*["']([^."'][^"']*)["']/g;
    const strays = pure.flatMap((file) => {
      const text = readFileSync(file, "utf8");
      const packages = [...text.matchAll(bare)].map(([, name = ""]) => name);
      const clocks = /\b(?:setTimeout|setInterval|setImmediate|Date\.now|new Date\(\)|Math\.random)\b/.exec(
        text,
      );
      return [
        ...packages.filter((name) => !(within(file, "translate") && name === "htmlparser2")),
        ...(clocks ?? []),
      ].map((what) => `${file}: ${what}`);
    });
    expect(strays).toEqual([]);
  });

  test("no import cycle, type-only imports included", () => {
    const graph = new Map(sources.map((file) => [file, targets(file)]));
    const done = new Set<string>();
    const visit = (file: string, path: readonly string[]): string[] => {
      if (path.includes(file)) return [[...path.slice(path.indexOf(file)), file].join(" -> ")];
      if (done.has(file)) return [];
      const found = (graph.get(file) ?? []).flatMap((next) => visit(next, [...path, file]));
      done.add(file);
      return found;
    };
    expect(sources.flatMap((file) => visit(file, []))).toEqual([]);
  });

  /** Names that say nothing where they are used: an interface is named by its file, a row by its table. */
  const NAMELESS = ["Parts", "Options", "Scene", "Row", "Around", "Hands", "Two", "Placed", "Standing"];

  test("no type has a name that says nothing outside its file", () => {
    const named = new RegExp(`^(?:export )?(?:interface|type|class) (${NAMELESS.join("|")})\\b`, "gm");
    const files = [...sources, ...globSync("test/{kit,contract}/**/*.ts"), ...globSync("tools/**/*.ts")];
    const strays = files.flatMap((file) =>
      Array.from(readFileSync(file, "utf8").matchAll(named), ([, name]) => `${file}: ${name}`),
    );
    expect(strays).toEqual([]);
  });

  /** Classes that are called otherwise than their file, and why. */
  const CALLED_OTHERWISE: Readonly<Record<string, string>> = {
    "src/core/ports/scheduler.ts": "the port, and the one implementation that needs nothing of outside",
    "src/networks/meta-interop/client.ts": "every family has a client.ts; its class names the family",
    "src/networks/signal/client.ts": "as every family's",
    "src/networks/signal/connector.ts": "every family has a connector.ts; its class names the family",
    "src/networks/meta-interop/connector.ts": "every family has a connector.ts; its class names the family",
    "src/networks/meta-interop/wire/noise/noise.ts": "the class names the Noise pattern",
  };

  test("a class that has a file to itself is called as the file is", () => {
    const exported = /^export (?:abstract )?(?:async )?(class|function|const) (\w+)/gm;
    const strays = sources.flatMap((file) => {
      const [only, ...others] = readFileSync(file, "utf8").matchAll(exported);
      const [, kind, name = ""] = only ?? [];
      const own = basename(file, ".ts").replaceAll("-", "");
      const fits = kind !== "class" || others.length > 0 || name.toLowerCase() === own;
      return fits || file in CALLED_OTHERWISE ? [] : [`${file}: ${name}`];
    });
    expect(strays).toEqual([]);
  });

  test("no folder holds more than 25 files side by side", () => {
    const counts = new Map<string, number>();
    for (const file of sources.filter((each) => !each.includes("/gen/")))
      counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
    expect(Array.from(counts).filter(([, count]) => count > 25)).toEqual([]);
  });

  test("no file over 300 lines, and the median under 100", () => {
    const lengths = sources
      .filter((file) => !file.includes("/gen/"))
      .map((file) => ({ file, lines: readFileSync(file, "utf8").split("\n").length - 1 }))
      .sort((a, b) => a.lines - b.lines);
    expect(lengths.filter(({ lines }) => lines > 300)).toEqual([]);
    expect(lengths[Math.floor(lengths.length / 2)]?.lines ?? 0).toBeLessThan(100);
  });
});
