import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { withLock } from "../process/lock.ts";
import { findPython } from "./python.ts";

const synapseVersion = "1.163.2";

const cache = fileURLToPath(new URL("../../.cache/synapse/", import.meta.url));
const constraints = fileURLToPath(new URL("constraints.txt", import.meta.url));

export type Progress = (line: string) => void;

/**
 * Installs Synapse from PyPI into a virtual environment under .cache/synapse, once, and answers the
 * environment's Python. Two processes may ask at once: the second waits for the first.
 */
export async function installSynapse(progress: Progress, signal?: AbortSignal): Promise<string> {
  const waiting = (): void => progress("Waiting for another install of Synapse");
  return (
    installed() ??
    withLock(join(cache, "install.lock"), waiting, async () => installed() ?? install(progress, signal))
  );
}

async function install(progress: Progress, signal?: AbortSignal): Promise<string> {
  // A folder of its own each time: an installer that outlived its killed parent can spoil only its own.
  const folder = `venv-${randomUUID()}`;
  const python = join(cache, folder, "bin", "python");
  progress(`Installing Synapse ${synapseVersion} from PyPI (about 30 seconds, 250 MB)`);
  await run(findPython(), ["-m", "venv", join(cache, folder)], progress, signal);
  const pip = ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar=off"];
  await run(python, [...pip, "-c", constraints, `matrix-synapse==${synapseVersion}`], progress, signal);
  const stamp = join(cache, "current.json");
  writeFileSync(`${stamp}.new`, JSON.stringify({ version: synapseVersion, folder }));
  renameSync(`${stamp}.new`, stamp);
  for (const name of readdirSync(cache)) {
    if (name.startsWith("venv-") && name !== folder)
      rmSync(join(cache, name), { recursive: true, force: true });
  }
  return python;
}

function installed(): string | undefined {
  const stamp = join(cache, "current.json");
  if (!existsSync(stamp)) return undefined;
  const { version, folder } = JSON.parse(readFileSync(stamp, "utf8")) as { version: string; folder: string };
  const python = join(cache, folder, "bin", "python");
  return version === synapseVersion && existsSync(python) ? python : undefined;
}

/** Runs a program to its end; its lines become progress, and its last ones the error when it fails. */
async function run(
  program: string,
  args: readonly string[],
  progress: Progress,
  signal?: AbortSignal,
): Promise<void> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], ...(signal && { signal }) });
  child.on("error", () => undefined);
  const tail: string[] = [];
  const read = (chunk: Buffer): void => {
    for (const line of chunk.toString().split("\n")) {
      tail.push(line.trim());
      if (tail.length > 20) tail.shift();
      const name = /^Collecting ([\w.-]+)/.exec(line)?.[1];
      if (name !== undefined) progress(`  fetching ${name}`);
      else if (line.startsWith("Installing collected packages")) progress("  unpacking");
    }
  };
  child.stdout.on("data", read);
  child.stderr.on("data", read);
  const [status] = (await once(child, "close")) as [number | null];
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} failed:\n${tail.join("\n")}`);
}
