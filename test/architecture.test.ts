import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, test } from "@jest/globals";

/** Who may import whom inside src/. Reading this table is reading the architecture. */
const mayImport: Record<string, readonly string[]> = {
  core: [],
  translate: ["core"],
  store: ["core"],
  media: ["core", "media/containers"],
  "media/containers": [],
  matrix: ["core", "translate", "http"],
  "networks/meta-interop/wire": [],
  "networks/meta-interop": ["core", "translate", "networks/meta-interop/wire"],
  sandbox: ["networks/meta-interop/wire"],
  commands: ["core"],
  http: ["core"],
  config: ["core"],
};

const within = (path: string, folder: string): boolean => path.startsWith(`src/${folder}/`);
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

  test("nobody imports main or cli", () => {
    const importers = sources.filter((file) =>
      targets(file).some((target) => target === "src/main.ts" || target === "src/cli.ts"),
    );
    expect(importers.filter((file) => file !== "src/cli.ts")).toEqual([]);
  });

  test("core and translate know no package and no clock", () => {
    const pure = sources.filter((file) => room(file) === "core" || room(file) === "translate");
    const bare = /(?:^|\n)\s*import\b[^;"']*["']([^."'][^"']*)["']/g;
    const allowed: Record<string, readonly string[]> = { core: [], translate: ["htmlparser2"] };
    const strays = pure.flatMap((file) => {
      const text = readFileSync(file, "utf8");
      const packages = [...text.matchAll(bare)].map(([, name = ""]) => name);
      const clocks = /\b(?:setTimeout|setInterval|setImmediate|Date\.now|new Date\(\)|Math\.random)\b/.exec(
        text,
      );
      return [
        ...packages.filter((name) => !allowed[room(file) ?? ""]?.includes(name)),
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

  test("no file over 300 lines, and the median under 100", () => {
    const lengths = sources
      .filter((file) => !file.includes("/gen/"))
      .map((file) => ({ file, lines: readFileSync(file, "utf8").split("\n").length - 1 }))
      .sort((a, b) => a.lines - b.lines);
    expect(lengths.filter(({ lines }) => lines > 300)).toEqual([]);
    expect(lengths[Math.floor(lengths.length / 2)]?.lines ?? 0).toBeLessThan(100);
  });
});
