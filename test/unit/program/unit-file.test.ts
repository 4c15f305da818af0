import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { HARDENING, unitFile, WATCHED } from "../../../src/program/systemd/unit-file.ts";
import { temporaryFolder } from "../../kit/temporary-folder.ts";

const packaged = readFileSync("config/systemd/third-party-chats.service", "utf8");
const written = unitFile({
  account: "daemon",
  folder: "/srv/bridge",
  config: "/srv/bridge/config.yaml",
  registration: "/srv/bridge/registration.yaml",
  sandbox: undefined,
});

const canAnalyze = spawnSync("systemd-analyze", ["--version"]).status === 0;
const withSystemd = canAnalyze ? test : test.skip;

test("the unit of the package gives as little away as the one that init writes", () => {
  expect(packaged).toContain(`\n${HARDENING}\n`);
  expect(packaged).toContain(`\n${WATCHED}\n`);
});

withSystemd.each([
  ["the package", packaged],
  ["init", written],
])("the unit of %s has nothing that systemd does not know, and is exposed to little", (_, unit) => {
  using folder = temporaryFolder();
  const file = join(folder.path, "third-party-chats.service");
  // The program is not installed here; any that is there will do.
  writeFileSync(file, unit.replace(/^ExecStart=\S+/m, "ExecStart=/bin/true"));
  const verified = spawnSync("systemd-analyze", ["verify", file], { encoding: "utf8" });
  expect([
    verified.status,
    verified.stderr.split("\n").filter((line) => line.includes("third-party")),
  ]).toEqual([0, []]);
  const args = ["security", "--offline=true", "--threshold=20", "--no-pager", file];
  const exposure = spawnSync("systemd-analyze", args, { encoding: "utf8" });
  expect([exposure.status, exposure.stdout.split("\n").at(-2)]).toEqual([
    0,
    expect.stringContaining("exposure level"),
  ]);
});

withSystemd(
  "the timer of the package and the backup it starts have nothing that systemd does not know",
  () => {
    using folder = temporaryFolder();
    const files = ["third-party-chats-backup.timer", "third-party-chats-backup.service"].map((name) => {
      const file = join(folder.path, name);
      const unit = readFileSync(join("config/systemd", name), "utf8");
      writeFileSync(file, unit.replace(/^ExecStart=\S+/m, "ExecStart=/bin/true"));
      return file;
    });
    const verified = spawnSync("systemd-analyze", ["verify", ...files], { encoding: "utf8" });
    expect([
      verified.status,
      verified.stderr.split("\n").filter((line) => line.includes("third-party")),
    ]).toEqual([0, []]);
    const args = ["security", "--offline=true", "--threshold=25", "--no-pager", files[1] ?? ""];
    expect(spawnSync("systemd-analyze", args).status).toBe(0);
  },
);
