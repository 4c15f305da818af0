import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
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
  await using world = await BenchWorld.start(join(folder, "world"));
  await warmUp(world);
  const phones = await Phones.of(world.control);
  await measure("One message at a time", () => latency(world, phones, 50));
  await measure("Network to Matrix", () => networkToMatrix(world, messages));
  await measure("Matrix to network", () => matrixToNetwork(world, phones, Math.ceil(messages / 2)));
  await measure("Catch-up", async () => [await catchUp(world, 200)]);
  await measure("Starts", async () => [await startToReady(world, 5)]);
}

try {
  const busy = otherWork();
  const where = machine(folder);
  await againstFake();
  if (!values["no-synapse"]) {
    await measure("The real Synapse", () => onSynapse(folder, Number(values.synapse), 3));
  }
  console.log(`\nOn ${where}; one run.${busy}\n\n${asMarkdown(results)}`);
} finally {
  if (values.keep) process.stderr.write(`Data and logs are in ${folder}\n`);
  else rmSync(folder, { recursive: true, force: true });
}
