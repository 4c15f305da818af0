/**
 * Runs `test/homeservers` on every supported Synapse with every room version, and prints a table of what held.
 * `npm run test:homeservers -- 1.141.0 12` runs those parts of it that all the words are found in.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installSynapse, type SynapseVersion, synapseVersions } from "../synapse/install.ts";

const root = join(import.meta.dirname, "..", "..");
const roomVersions = ["10", "11", "12"] as const;

interface Run {
  readonly synapse: SynapseVersion;
  readonly room: string;
}

interface Outcome extends Run {
  readonly seconds: number;
  /** Whether each test passed, by its name. */
  readonly held: Readonly<Record<string, boolean>>;
}

/** The fields that are read of jest's JSON report. */
interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[];
  }[];
}

async function tried({ synapse, room }: Run): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "homeservers-"));
  const report = join(folder, "report.json");
  const began = performance.now();
  const args = [
    "--experimental-vm-modules",
    "--disable-warning=ExperimentalWarning",
    "node_modules/jest/bin/jest.js",
    "--testMatch=<rootDir>/test/homeservers/*.scenario.ts",
    "--runInBand",
    "--reporters=default",
    "--json",
    `--outputFile=${report}`,
  ];
  const env = { ...process.env, SYNAPSE_VERSION: synapse, ROOM_VERSION: room };
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ["ignore", "ignore", "inherit"] });
  await once(child, "exit");
  const seconds = Math.round((performance.now() - began) / 1000);
  try {
    const { testResults } = JSON.parse(readFileSync(report, "utf8")) as Report;
    const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
    const held = Object.fromEntries(tests.map(({ title, status }) => [title, status === "passed"]));
    return { synapse, room, seconds, held };
  } catch {
    return { synapse, room, seconds, held: {} };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A table of the tests that passed in each run; a run without tests did not start. */
function table(outcomes: readonly Outcome[]): string {
  const tests = [...new Set(outcomes.flatMap(({ held }) => Object.keys(held)))];
  const mark = (held: boolean | undefined): string => (held === undefined ? "–" : held ? "✓" : "✗");
  const rows = [
    ["Synapse", "rooms", ...tests, "seconds"],
    ...outcomes.map(({ synapse, room, held, seconds }) => [
      synapse,
      room,
      ...tests.map((test) => mark(held[test])),
      String(seconds),
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

const words = process.argv.slice(2);
const runs = synapseVersions
  .flatMap((synapse) => roomVersions.map((room): Run => ({ synapse, room })))
  .filter(({ synapse, room }) => words.every((word) => word === synapse || word === room));
if (runs.length === 0) {
  console.error(`Name one of ${[...synapseVersions, ...roomVersions].join(", ")}, or nothing for all.`);
  process.exit(1);
}
for (const version of new Set(runs.map(({ synapse }) => synapse))) {
  await installSynapse((line) => console.error(line), { version });
}
const outcomes: Outcome[] = [];
for (const run of runs) {
  console.error(`Synapse ${run.synapse}, room version ${run.room}`);
  outcomes.push(await tried(run));
}
console.log(table(outcomes));
const whole = ({ held }: Outcome): boolean =>
  Object.keys(held).length > 0 && !Object.values(held).includes(false);
const good = outcomes.filter(whole).length;
console.log(`${good} of ${outcomes.length} held`);
process.exitCode = good === outcomes.length ? 0 : 1;
