import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { calledInstalled } from "../../../src/config/called.ts";
import { type TemporaryFolder, temporaryFolder } from "../../kit/temporary-folder.ts";

const PROGRAM = "third-party-chats";
let folder: TemporaryFolder;
/** An installation as npm makes it. */
let prefix: string;
beforeEach(() => {
  folder = temporaryFolder();
  prefix = installedIn(join(folder.path, "opt"));
});
afterEach(() => folder[Symbol.dispose]());

function installedIn(path: string): string {
  const packaged = join(path, "node_modules", PROGRAM, "bin");
  mkdirSync(packaged, { recursive: true });
  writeFileSync(join(packaged, PROGRAM), "#!/bin/sh\n");
  chmodSync(join(packaged, PROGRAM), 0o755);
  mkdirSync(join(path, "node_modules", ".bin"));
  symlinkSync(`../${PROGRAM}/bin/${PROGRAM}`, join(path, "node_modules", ".bin", PROGRAM));
  return path;
}

const called = (environment: Readonly<Record<string, string>>, at = prefix): string =>
  calledInstalled(PROGRAM, { root: join(at, "node_modules", PROGRAM), environment });
const linked = (at = prefix): string => join(at, "node_modules", ".bin", PROGRAM);

describe("the program of an installed package is called", () => {
  test("by its name where the path leads to it, through links too", () => {
    const bin = join(folder.path, "bin");
    mkdirSync(bin);
    symlinkSync(linked(), join(bin, PROGRAM));
    expect(called({ PATH: `/nowhere:${bin}` })).toBe(PROGRAM);
    expect(called({ PATH: join(prefix, "node_modules", ".bin") })).toBe(PROGRAM);
  });

  test("by where it is, on no path or behind another installation", () => {
    const other = installedIn(join(folder.path, "other"));
    expect(called({})).toBe(linked());
    expect(called({ PATH: "/nowhere" })).toBe(linked());
    const both = `${join(other, "node_modules", ".bin")}:${join(prefix, "node_modules", ".bin")}`;
    expect(called({ PATH: both })).toBe(linked());
    expect(called({ PATH: both }, other)).toBe(PROGRAM);
  });

  test("by where it is, where only npm has it on the path for this one command", () => {
    expect(called({ PATH: join(prefix, "node_modules", ".bin"), npm_command: "exec" })).toBe(linked());
  });

  test("as a shell takes it", () => {
    const spaced = installedIn(join(folder.path, "my chats"));
    expect(called({}, spaced)).toBe(`'${linked(spaced)}'`);
  });

  test("by the package's own file where npm made no link", () => {
    const copied = join(folder.path, "copied");
    expect(calledInstalled(PROGRAM, { root: copied, environment: {} })).toBe(join(copied, "bin", PROGRAM));
  });
});
