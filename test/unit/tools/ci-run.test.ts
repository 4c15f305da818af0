import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { temporaryFolder } from "../../kit/temporary-folder.ts";

interface Machine {
  /** Programs that are there, beside npm, each with what it does. */
  readonly programs: Readonly<Record<string, string>>;
  /** Whether a browser and Prometheus are there; as a rule they are. */
  readonly bare?: boolean;
}

const root = { id: "echo 0" };
const there = "exit 0";
const aptGet = 'if [ "$1" = install ]; then echo "${@: -1}" >> "$INSTALLED"; fi; echo fetching';

/** Runs it on a machine that has these programs and no others. */
function runOn({ programs, bare = false }: Machine) {
  using folder = temporaryFolder();
  const bin = join(folder.path, "bin");
  mkdirSync(join(folder.path, ".ci"));
  mkdirSync(bin);
  copyFileSync(".ci/run", join(folder.path, ".ci", "run"));
  symlinkSync("/usr/bin/dirname", join(bin, "dirname"));
  const installed = join(folder.path, "installed");
  const usual = { chromium: there, prometheus: there, promtool: there };
  const all = { npm: 'echo "npm $*"', ...(bare ? {} : usual), ...programs };
  for (const [name, act] of Object.entries(all)) {
    writeFileSync(join(bin, name), `#!/bin/bash\nINSTALLED=${installed}\n${act}\n`, { mode: 0o755 });
  }
  const args = [join(folder.path, ".ci", "run")];
  const { status, stdout, stderr } = spawnSync("/bin/bash", args, {
    encoding: "utf8",
    env: { PATH: bin, CHROMIUM: "chromium" },
  });
  const brought = existsSync(installed) ? readFileSync(installed, "utf8").trim().split("\n") : [];
  return { status, stdout, stderr, brought };
}

test("ffmpeg is brought where it is missing, and standard output is the tests' alone", () => {
  const { status, stdout, brought } = runOn({ programs: { ...root, python3: there, "apt-get": aptGet } });
  expect(status).toBe(0);
  expect(brought).toEqual(["ffmpeg"]);
  expect(stdout).toBe("npm test\n");
});

test("ffmpeg without ffprobe is not enough, and nothing is brought that is there", () => {
  const half = { ...root, python3: there, ffmpeg: there, "apt-get": aptGet };
  expect(runOn({ programs: half }).brought).toEqual(["ffmpeg"]);
  expect(runOn({ programs: { ...half, ffprobe: there } })).toMatchObject({ brought: [], stderr: "" });
});

test("a browser and Prometheus are brought where they are missing", () => {
  const programs = { ...root, python3: there, ffmpeg: there, ffprobe: there, "apt-get": aptGet };
  expect(runOn({ programs, bare: true }).brought).toEqual(["chromium", "prometheus"]);
  const half = { ...programs, chromium: there, prometheus: there };
  expect(runOn({ programs: half, bare: true }).brought).toEqual(["prometheus"]);
});

test("one package that cannot be had keeps no other from coming", () => {
  const noPython = 'for last; do :; done; [ "$last" = python3 ] && exit 100; [ "$1" = update ] && exit 100;';
  const { brought, stdout } = runOn({ programs: { ...root, "apt-get": noPython + aptGet } });
  expect(brought).toEqual(["python3-venv", "ffmpeg"]);
  expect(stdout).toBe("npm test\n");
});

test.each([
  ["by somebody who is not root", { id: "echo 1000", "apt-get": aptGet }],
  ["where there is no apt-get", root],
  ["where apt-get fails", { ...root, "apt-get": "exit 100" }],
])("%s the tests run all the same, and what is missing is said", (_, programs) => {
  const { status, stdout, stderr, brought } = runOn({ programs: { ...programs, python3: there } });
  expect([status, stdout, brought]).toEqual([0, "npm test\n", []]);
  expect(stderr).toMatch(/^ffmpeg is missing and could not be installed/);
});
