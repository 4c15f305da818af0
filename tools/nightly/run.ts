/**
 * What takes too long for `npm test`: many more random histories, kills over and over in groups of 2, 8 and 300 members,
 * a group of 1,000 on a real Synapse and what it costs the event loop, and kills at each place of the work with keys and under traffic in encrypted rooms.
 * `npm run nightly -- --seeds 1000` tries so many histories of each kind;
 * words name the parts to run: `histories`, `group-kill`, `large-group`, `encrypted-kill`, `encrypted-traffic`.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { installSynapse } from "../synapse/install.ts";

const parts = ["histories", "group-kill", "large-group", "encrypted-kill", "encrypted-traffic"] as const;
type Part = (typeof parts)[number];

const { values, positionals } = parseArgs({
  options: { seeds: { type: "string", default: "300" } },
  allowPositionals: true,
});
const unknown = positionals.filter((word) => !(parts as readonly string[]).includes(word));
if (unknown.length > 0 || !/^[1-9]\d*$/.test(values.seeds)) {
  console.error(`Write npm run nightly -- [--seeds NUMBER] [${parts.join("] [")}]`);
  process.exit(1);
}
const wanted = positionals.length === 0 ? parts : parts.filter((part) => positionals.includes(part));

async function run(part: Part): Promise<boolean> {
  const files =
    part === "histories"
      ? ["--testMatch=<rootDir>/test/flow/*histories.test.ts"]
      : [`--testMatch=<rootDir>/test/nightly/${part}*.scenario.ts`];
  const args = ["--experimental-vm-modules", "--disable-warning=ExperimentalWarning"];
  const jest = ["node_modules/jest/bin/jest.js", ...files, "--runInBand", "--reporters=default"];
  const env = { ...process.env, HISTORIES: values.seeds, GROUP_HISTORIES: values.seeds };
  const cwd = join(import.meta.dirname, "..", "..");
  const child = spawn(process.execPath, [...args, ...jest], { cwd, env, stdio: "inherit" });
  const [code] = (await once(child, "exit")) as [number | null];
  return code === 0;
}

if (wanted.some((part) => part !== "histories")) await installSynapse((line) => console.error(line));
const failed: Part[] = [];
for (const part of wanted) if (!(await run(part))) failed.push(part);
console.log(failed.length === 0 ? "All of it held." : `These failed: ${failed.join(", ")}.`);
process.exitCode = failed.length === 0 ? 0 : 1;
