import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { runDoctor } from "../../../src/program/run-doctor.ts";
import { temporaryFolder } from "../../kit/temporary-folder.ts";

const folder = temporaryFolder();
const at = (name: string): string => join(folder.path, name);
const [, program = ""] = process.argv;
const { execArgv } = process;

beforeAll(() => {
  process.execArgv = [];
});
afterAll(() => {
  process.argv[1] = program;
  process.execArgv = execArgv;
  folder[Symbol.dispose]();
});

/** Has this source run in the program's place. */
function instead(source: string): void {
  const file = at("program.cjs");
  writeFileSync(file, source);
  process.argv[1] = file;
}

const run = (config = at("config.yaml"), signal = new AbortController().signal) =>
  runDoctor({ config, registration: at("registration.yaml") }, signal);

const NO_END = {
  reason: "too-slow",
  words: "The checks did not come to an end. Run “doctor” on the bridge's machine to see where they stand.",
};

describe("doctor, run beside the bridge", () => {
  test("is given each path as one word, and its findings are told whatever its status", async () => {
    instead(`
      const links = [{ link: JSON.stringify(process.argv.slice(2)), findings: [{ status: "bad", what: "w", file: "f", line: 3, cure: "c" }] }];
      process.stdout.write(JSON.stringify({ links }), () => process.exit(1));`);
    const config = at("a b; touch $(pwd)\n--yes.yaml");
    const [link] = await run(config);
    expect(JSON.parse(link?.name ?? "")).toEqual([
      "doctor",
      "-c",
      config,
      "-r",
      at("registration.yaml"),
      "--json",
    ]);
    expect(link?.findings).toEqual([{ kind: "bad", what: "w", where: "f:3", cure: "c" }]);
  });

  test.each([
    ["says nothing", ""],
    ["says what is no report", `console.log('{"links":[{}]}')`],
    ["never stops talking", `const more = () => process.stdout.write("x".repeat(1e6), more); more();`],
  ])("that %s is said to have come to no end", async (_, source) => {
    instead(source);
    await expect(run()).rejects.toMatchObject(NO_END);
  });

  test("ends with the bridge", async () => {
    instead(`
      const fs = require("node:fs");
      fs.writeFileSync(${JSON.stringify(at("writing"))}, String(process.pid));
      fs.renameSync(${JSON.stringify(at("writing"))}, ${JSON.stringify(at("pid"))});
      setInterval(() => undefined, 1_000);`);
    const stop = new AbortController();
    const running = run(undefined, stop.signal);
    while (!existsSync(at("pid"))) await new Promise((done) => setImmediate(done));
    stop.abort();
    await expect(running).rejects.toMatchObject(NO_END);
    const pid = Number(readFileSync(at("pid"), "utf8"));
    while (isRunning(pid)) await new Promise((done) => setImmediate(done));
  });
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
