import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { compile } from "../../../tools/package/compile.ts";
import { copyDependencies } from "../../../tools/package/copy-dependencies.ts";
import { lockedPackages } from "../../../tools/package/lock-file.ts";
import { putManifest, restoreManifest } from "../../../tools/package/manifest.ts";
import { type TemporaryFolder, temporaryFolder } from "../../kit/temporary-folder.ts";

let folder: TemporaryFolder;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder[Symbol.dispose]());

/** Writes a file below the folder; answers its path. */
function write(path: string, text = ""): string {
  const file = join(folder.path, path);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, text);
  return file;
}
const there = (path: string): boolean => existsSync(join(folder.path, path));
const read = (path: string): string => readFileSync(join(folder.path, path), "utf8");

test("what every machine needs is told apart from what some need, and from what only developers do", () => {
  const file = write(
    "package-lock.json",
    JSON.stringify({
      packages: {
        "": { version: "1.0.0" },
        "node_modules/a": { version: "1.0.0" },
        "node_modules/a/node_modules/b": { version: "2.0.0" },
        "node_modules/stand-in": { resolved: "tools/stand-in", link: true },
        "tools/stand-in": { version: "0.1.0" },
        "node_modules/jest": { version: "3.0.0", dev: true },
        "node_modules/node-x64": { version: "24.0.0", optional: true, os: "linux", cpu: "x64" },
        "node_modules/for-musl": { optional: true, os: ["linux"], cpu: ["x64"], libc: ["musl"] },
        "node_modules/for-mac": { optional: true, os: ["darwin"], cpu: ["arm64"] },
      },
    }),
  );
  expect(lockedPackages(file)).toEqual({
    everywhere: [
      { place: "a", folder: "node_modules/a" },
      { place: "a/node_modules/b", folder: "node_modules/a/node_modules/b" },
      { place: "stand-in", folder: "tools/stand-in" },
    ],
    byMachine: { "node-x64": "24.0.0" },
  });
});

test("a compiled file names the others as they are then, and its lines and columns stay", () => {
  write("src/other.ts", "export type Text = string;\nexport const one: number = 1;\n");
  write("src/page/index.html", '<script type="module" src="web/main.ts"></script>\n');
  write("src/page/style.css", "a {}\n");
  write(
    "src/main.ts",
    'import { one, type Text } from "./other.ts";\nconst later = import("./other.ts"); const words: Text = "notes.ts";\n' +
      'new Worker(new URL("other.ts", import.meta.url));\n',
  );
  compile(join(folder.path, "src"), join(folder.path, "dist"));
  const lines = read("dist/main.js").split("\n");
  expect(lines[0]).toMatch(/^import \{ one, +\} from "\.\/other\.js";$/);
  expect(lines[1]).toMatch(/^const later = import\("\.\/other\.js"\); const words {7}= "notes\.ts";$/);
  expect(lines[2]).toBe('new Worker(new URL("other.js", import.meta.url));');
  expect(read("dist/page/index.html")).toContain('src="web/main.js"');
  expect(there("dist/page/style.css")).toBe(true);
});

test("a file that names another which is not there stops the packing", () => {
  write("src/main.ts", 'import "./gone.ts";\n');
  expect(() => compile(join(folder.path, "src"), join(folder.path, "dist"))).toThrow(
    "gone.ts, which is not there",
  );
});

test("of a package goes along what is read at run time, and its licence", () => {
  for (const name of ["index.js", "index.d.ts", "index.js.map", "LICENSE.md", "README.md", "binding.cc"]) {
    write(`node_modules/better-sqlite3/${name}`);
  }
  for (const machine of ["linux-x64", "linux-arm64", "linuxmusl-x64", "darwin-arm64"]) {
    write(`node_modules/better-sqlite3/prebuilds/${machine}.node`);
  }
  const packages = {
    everywhere: [{ place: "better-sqlite3", folder: "node_modules/better-sqlite3" }],
    byMachine: {},
  };
  copyDependencies(folder.path, packages, join(folder.path, "dist"));
  const names = ["index.js", "index.d.ts", "index.js.map", "LICENSE.md", "README.md", "binding.cc"].concat(
    ["linux-x64", "linux-arm64", "linuxmusl-x64", "darwin-arm64"].map(
      (machine) => `prebuilds/${machine}.node`,
    ),
  );
  expect(names.filter((name) => there(`dist/better-sqlite3/${name}`))).toEqual([
    "index.js",
    "LICENSE.md",
    "prebuilds/linux-x64.node",
    "prebuilds/linux-arm64.node",
  ]);
});

test("package.json is ours again after packing, also after one that was cut off", () => {
  const ours = '{ "name": "x", "version": "1.0.0", "dependencies": { "a": "1.0.0" }, "scripts": {} }\n';
  write("package.json", ours);
  putManifest(folder.path, { everywhere: [], byMachine: { "node-x64": "24.0.0" } });
  const packed: unknown = JSON.parse(read("package.json"));
  expect(packed).toMatchObject({
    name: "x",
    version: "1.0.0",
    optionalDependencies: { "node-x64": "24.0.0" },
  });
  expect(packed).not.toHaveProperty("dependencies");
  expect(packed).not.toHaveProperty("scripts");
  restoreManifest(folder.path);
  restoreManifest(folder.path);
  expect(read("package.json")).toBe(ours);
});
