import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { BenchWorld } from "./bench-world.ts";
import { encryptedRooms } from "./encrypted.ts";
import { inGroup } from "./groups.ts";
import { machine, otherWork } from "./machine.ts";
import { asMarkdown, type Result } from "./results.ts";
import { signalMessages } from "./signal.ts";
import { signalLogins } from "./signal-logins.ts";
import { catchUp, startToReady } from "./starts.ts";
import { onSynapse } from "./synapse.ts";
import { latency, matrixToNetwork, networkToMatrix, warmUp } from "./throughput.ts";

/** What can be measured, in the order of the table. */
const measurements = [
  "latency",
  "to-matrix",
  "to-network",
  "catch-up",
  "start",
  "groups",
  "encrypted",
  "signal",
  "synapse",
] as const;
type Measurement = (typeof measurements)[number];

const usage = `Measures the bridge on this machine, and prints a table.

  npm run bench -- [options]

  --only NAME       measure this alone; may be given more than once
                    (${measurements.join(", ")})
  --messages N      messages to Matrix, and half as many to the network (20000)
  --synapse N       messages a round on the real Synapse (400)
  --no-synapse      leave out what needs the real Synapse
  --write           put the table into docs/speed.md
  --profile         leave a .cpuprofile of each process (bridge, sandbox, fake homeserver)
  --keep            leave data and logs
  -h, --help        this text
`;

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true },
    messages: { type: "string", default: "20000" },
    synapse: { type: "string", default: "400" },
    "no-synapse": { type: "boolean", default: false },
    keep: { type: "boolean", default: false },
    profile: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  process.stdout.write(usage);
  process.exit();
}
const wanted: ReadonlySet<string> = new Set(values.only ?? measurements);
const unknown = [...wanted].filter((name) => !(measurements as readonly string[]).includes(name));
if (unknown.length > 0) {
  process.stderr.write(`There is no measurement ${unknown.join(", ")}.\n\n${usage}`);
  process.exit(2);
}
const messages = Number(values.messages);
const folder = mkdtempSync(join(tmpdir(), "bridge-bench-"));
const results: Result[] = [];

/** Runs one measurement and prints its results at once; a failure does not end the others. */
async function measure(
  which: Measurement,
  name: string,
  act: () => Promise<readonly Result[]>,
): Promise<void> {
  if (!wanted.has(which)) return;
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
  const phones = await warmUp(world);
  await measure("to-matrix", "Network to Matrix", () => networkToMatrix(world, messages));
  await measure("to-network", "Matrix to network", () =>
    matrixToNetwork(world, phones, Math.ceil(messages / 2)),
  );
  // After the others, on processes that are warm, as a running bridge's are.
  await measure("latency", "One message at a time", () => latency(world, phones, 50));
  await measure("catch-up", "Catch-up", async () => [await catchUp(world, 200)]);
  await measure("start", "Starts", async () => [await startToReady(world, 5)]);
  for (const size of [8, 300])
    await measure("groups", `A group of ${size}`, () => inGroup(world, size, Math.ceil(messages / 20)));
}

/** Replaces the report of docs/speed.md. */
function quote(report: string): void {
  const file = new URL("../../docs/speed.md", import.meta.url);
  const text = readFileSync(file, "utf8");
  writeFileSync(file, text.replace(/(<!-- bench -->\n)[^]*?(<!-- end of bench -->)/, `$1\n${report}\n$2`));
}

try {
  const busy = otherWork();
  const where = machine(folder);
  const apart: readonly Measurement[] = ["encrypted", "signal", "synapse"];
  if (measurements.some((name) => !apart.includes(name) && wanted.has(name))) await againstFake();
  await measure("encrypted", "Encrypted rooms", () =>
    encryptedRooms({ folder, messages: Math.ceil(messages / 4), profile: values.profile }),
  );
  await measure("signal", "Signal", async () => [
    ...(await signalMessages(folder)),
    ...(await signalLogins()),
  ]);
  if (!values["no-synapse"]) {
    await measure("synapse", "The real Synapse", () => onSynapse(folder, Number(values.synapse), 3));
  }
  const report = `On ${where}; one run.${busy}\n\n${asMarkdown(results)}\n`;
  console.log(`\n${report}`);
  if (values.write) quote(report);
} finally {
  if (values.keep || values.profile) process.stderr.write(`Data and logs are in ${folder}\n`);
  else rmSync(folder, { recursive: true, force: true });
}
