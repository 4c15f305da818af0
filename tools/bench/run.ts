import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { BenchWorld } from "./bench-world.ts";
import { machine, otherWork } from "./machine.ts";
import { Phones } from "./phones.ts";
import { asMarkdown, type Result } from "./results.ts";
import { catchUp, startToReady } from "./starts.ts";
import { onSynapse } from "./synapse.ts";
import { latency, matrixToNetwork, networkToMatrix, warmUp } from "./throughput.ts";

const { values } = parseArgs({
  options: {
    messages: { type: "string", default: "20000" },
    synapse: { type: "string", default: "400" },
    "no-synapse": { type: "boolean", default: false },
    keep: { type: "boolean", default: false },
    profile: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});
const messages = Number(values.messages);
const folder = mkdtempSync(join(tmpdir(), "bridge-bench-"));
const results: Result[] = [];

/** Runs one measurement and shows what it found at once; one that fails does not take the others with it. */
async function measure(name: string, act: () => Promise<readonly Result[]>): Promise<void> {
  process.stderr.write(`${name} …\n`);
  try {
    const found = await act();
    for (const { what, measured } of found) process.stderr.write(`  ${what}: ${measured}\n`);
    results.push(...found);
  } catch (error) {
    process.exitCode = 1;
    const measured = `failed: ${error instanceof Error ? error.message : String(error)}`;
    process.stderr.write(`  ${measured}\n`);
    results.push({ what: name, measured, aim: "–", limit: "–" });
  }
}

async function againstFake(): Promise<void> {
  mkdirSync(join(folder, "world"));
  await using world = await BenchWorld.start(join(folder, "world"), values.profile);
  await warmUp(world);
  const phones = await Phones.of(world.control);
  await measure("One message at a time", () => latency(world, phones, 50));
  await measure("Network to Matrix", () => networkToMatrix(world, messages));
  await measure("Matrix to network", () => matrixToNetwork(world, phones, Math.ceil(messages / 2)));
  await measure("Catch-up", async () => [await catchUp(world, 200)]);
  await measure("Starts", async () => [await startToReady(world, 5)]);
}

/** Puts the report into the README, in place of the one before. */
function quote(report: string): void {
  const file = new URL("../../README.md", import.meta.url);
  const text = readFileSync(file, "utf8");
  writeFileSync(file, text.replace(/(<!-- bench -->\n)[^]*?(<!-- end of bench -->)/, `$1\n${report}\n$2`));
}

try {
  const busy = otherWork();
  const where = machine(folder);
  await againstFake();
  if (!values["no-synapse"]) {
    await measure("The real Synapse", () => onSynapse(folder, Number(values.synapse), 3));
  }
  const report = `On ${where}; one run.${busy}\n\n${asMarkdown(results)}\n`;
  console.log(`\n${report}`);
  if (values.write) quote(report);
} finally {
  if (values.keep || values.profile) process.stderr.write(`Data and logs are in ${folder}\n`);
  else rmSync(folder, { recursive: true, force: true });
}
