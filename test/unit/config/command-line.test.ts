import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { readCommandLine } from "../../../src/config/command-line.ts";
import { commands, usage } from "../../../src/config/usage.ts";

const read = (line: string) => readCommandLine(line === "" ? [] : line.split(" "));

describe("the command line", () => {
  test.each([
    ["start", { kind: "start", config: "config.yaml", registration: "registration.yaml" }],
    [
      "start -c a.yaml -c b.yaml --registration=r.yaml",
      { kind: "start", config: "b.yaml", registration: "r.yaml" },
    ],
    ["-c a.yaml start -r r.yaml", { kind: "start", config: "a.yaml", registration: "r.yaml" }],
    [
      "register --force",
      { kind: "register", config: "config.yaml", registration: "registration.yaml", force: true },
    ],
    [
      "start --sandbox s.yaml",
      { kind: "start", config: "config.yaml", registration: "registration.yaml", sandbox: "s.yaml" },
    ],
    ["init", { kind: "init", given: {}, yes: false, json: false }],
    [
      "init -y --json -d dir --homeserver home.test --users all --unit no --listen [::1]:29340 --url http://b:1 --provisioning [::1]:1",
      {
        kind: "init",
        given: { homeserver: "home.test", users: "all", unit: "no" },
        data: "dir",
        listen: { host: "::1", port: 29_340 },
        url: "http://b:1",
        provisioning: "[::1]:1",
        yes: true,
        json: true,
      },
    ],
    ["check-config -c x", { kind: "check-config", config: "x" }],
    ["check-config -r y", { kind: "check-config", config: "config.yaml", registration: "y" }],
    ["version", { kind: "version" }],
    ["--help", { kind: "help", of: "help" }],
    [
      "doctor --json",
      { kind: "doctor", config: "config.yaml", registration: "registration.yaml", json: true },
    ],
    [
      "config upgrade -w",
      { kind: "config", config: "config.yaml", registration: "registration.yaml", write: true, json: false },
    ],
    ["help register", { kind: "help", of: "register" }],
  ])("%s", (line, meant) => expect(read(line)).toEqual(meant));

  test.each(commands)("%s --help shows its usage", (command) => {
    const meant = readCommandLine([command, "--help"]);
    expect(meant).toEqual({ kind: "help", of: command });
    expect(usage[command]).toMatch(/^Usage: /);
  });

  test.each([
    ["", "Say what to do."],
    ["strat", 'There is no command "strat". Did you mean "start"?'],
    ["start now", '"now" is one word too many after start.'],
    ["config", "What is done to the configuration is “config upgrade”."],
    ["config upgrade now", '"now" is one word too many after config.'],
    ["start --force", "start takes no --force."],
    ["doctor --force", "doctor takes no --force."],
    ["version -c x", "version takes no -c."],
    ["start --confg x", "Unknown option '--confg'."],
    ["start -c", "Option '-c, --config <value>' argument missing."],
    ["init --listen 29340", '--listen takes an address and port, such as 127.0.0.1:29340, not "29340".'],
    ["init --listen 127.0.0.1:0", "--listen takes an address and port"],
    ["init --config x", "init takes no --config."],
    ["restore", "Say which backup: restore --from FOLDER, a folder that backup made."],
    ["restore backups/b-1", "Name the backup by --from, as in “restore --from backups/b-1”."],
    ["restore --from b-1 b-2", '"b-2" is one word too many after restore.'],
    ["help me", 'There is no command "me".'],
  ])("%s is mistyped", (line, words) => {
    const meant = read(line);
    expect(meant.kind === "mistyped" ? meant.words : meant.kind).toContain(words);
  });

  test("no words make it throw", () => {
    fc.assert(fc.property(fc.array(fc.string()), (words) => readCommandLine(words).kind.length > 0));
  });
});
