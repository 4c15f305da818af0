import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { temporaryFolder } from "../../kit/temporary-folder.ts";

/** Runs it where nothing is installed, on a machine that says other things of itself. */
function ensureOn(machine: string, { lock = {}, installed }: { lock?: object; installed?: object } = {}) {
  using folder = temporaryFolder();
  const script = join(folder.path, "tools", "ensure.mjs");
  mkdirSync(join(folder.path, "tools"));
  copyFileSync("tools/ensure.mjs", script);
  writeFileSync(join(folder.path, "package-lock.json"), JSON.stringify(lock));
  mkdirSync(join(folder.path, "node_modules"));
  if (installed !== undefined)
    writeFileSync(join(folder.path, "node_modules", ".package-lock.json"), JSON.stringify(installed));
  // npm is not found there, so that nothing is fetched.
  const args = ["--import", `data:text/javascript,${encodeURIComponent(machine)}`, script];
  const { status, stderr } = spawnSync(process.execPath, args, {
    encoding: "utf8",
    env: { PATH: folder.path },
  });
  return { status, stderr };
}

const says = (name: string, value: string): string =>
  `Object.defineProperty(process, "${name}", { value: ${JSON.stringify(value)} });`;

test.each([
  [
    "a Mac with an old Node",
    says("platform", "darwin") + says("version", "v20.1.0"),
    /Node 24.*Node 20\.1\.0 on darwin/,
  ],
  ["another processor", says("arch", "riscv64") + says("version", "v22.0.0"), /Node 24.*on linux riscv64/],
  ["another C library", "process.report.getReport = () => ({ header: {} });", /glibc/],
])("%s is refused in one line, before anything is fetched", (_name, machine, words) => {
  const { status, stderr } = ensureOn(machine);
  expect(status).toBe(1);
  expect(stderr).toMatch(words);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
});

test.each([
  ["a Linux like this one", ""],
  ["a Mac with Node 24", says("platform", "darwin") + says("version", "v24.0.0")],
])("%s goes on to fetch the packages", (_name, machine) => {
  expect(ensureOn(machine).stderr).toMatch(/^Installing packages/);
});

const left = { version: "1.0.0", integrity: "sha512-left" };
const right = { version: "2.0.0", integrity: "sha512-right" };
const lock = {
  packages: {
    "": { name: "own" },
    "node_modules/left": left,
    "node_modules/right": right,
    "node_modules/other-machine": { version: "3.0.0", optional: true },
  },
};

test("what somebody installed by npm itself is not installed again", () => {
  const installed = { packages: { "node_modules/left": left, "node_modules/right": right } };
  expect(ensureOn("", { lock, installed })).toEqual({ status: 0, stderr: "" });
});

test.each([
  ["lacks a package", { "node_modules/left": left }],
  [
    "has another version",
    { "node_modules/left": left, "node_modules/right": { ...right, version: "2.0.1" } },
  ],
  [
    "has one that is not in the lock file",
    { "node_modules/left": left, "node_modules/right": right, "node_modules/more": left },
  ],
])("an install by npm that %s is made anew", (_name, packages) => {
  expect(ensureOn("", { lock, installed: { packages } }).stderr).toMatch(/^Installing packages/);
});
