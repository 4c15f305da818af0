import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { withLock } from "../process/lock.ts";
import { findPython } from "./python.ts";

/** The versions that the tests run on, from the oldest that is supported to the usual one. */
export const synapseVersions = ["1.141.0", "1.157.0", "1.161.0", "1.163.2"] as const;
export type SynapseVersion = (typeof synapseVersions)[number];
export const OLDEST: SynapseVersion = "1.141.0";
export const NEWEST: SynapseVersion = "1.163.2";

/** Dependencies with which a version does not start, and the releases to install instead. */
const exceptions: { readonly [V in SynapseVersion]?: Readonly<Record<string, string>> } = {
  "1.141.0": { prometheus_client: "0.22.1" },
};

const cache = fileURLToPath(new URL("../../.cache/synapse/", import.meta.url));
const constraints = fileURLToPath(new URL("constraints.txt", import.meta.url));

/** Shows a line; the next one replaces a `passing` one. */
export type Progress = (line: string, passing?: boolean) => void;

interface InstallOptions {
  readonly version?: SynapseVersion;
  readonly signal?: AbortSignal;
}

/**
 * Installs Synapse from PyPI into a virtual environment under .cache/synapse, once a version, and answers the
 * environment's Python. Two processes may ask at once: the second waits for the first.
 */
export async function installSynapse(progress: Progress, options: InstallOptions = {}): Promise<string> {
  const { version = NEWEST, signal } = options;
  const home = join(cache, version);
  const found = (): string | undefined => installed(home);
  const waiting = (): void => progress("Waiting for another install of Synapse");
  return (
    found() ??
    withLock(join(home, "install.lock"), waiting, async () => found() ?? install(version, progress, signal))
  );
}

async function install(version: SynapseVersion, progress: Progress, signal?: AbortSignal): Promise<string> {
  const home = join(cache, version);
  // A new folder each time, so that an installer that outlives its killed parent spoils no other's.
  const folder = `venv-${randomUUID()}`;
  const python = join(home, folder, "bin", "python");
  progress(`Installing Synapse ${version} from PyPI (about 30 seconds, 250 MB)`);
  await run(findPython(), ["-m", "venv", join(home, folder)], () => undefined, signal);
  const pip = ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar=off"];
  const pinned = join(home, folder, "constraints.txt");
  writeFileSync(pinned, constraintsOf(version));
  const all = constraintsOf(version)
    .split("\n")
    .filter((line) => line.includes("==")).length;
  await run(python, [...pip, "-c", pinned, `matrix-synapse==${version}`], counted(progress, all), signal);
  const stamp = join(home, "current.json");
  writeFileSync(`${stamp}.new`, JSON.stringify({ folder }));
  renameSync(`${stamp}.new`, stamp);
  for (const name of readdirSync(home)) {
    if (name.startsWith("venv-") && name !== folder)
      rmSync(join(home, name), { recursive: true, force: true });
  }
  return python;
}

function constraintsOf(version: SynapseVersion): string {
  const others = exceptions[version] ?? {};
  return readFileSync(constraints, "utf8")
    .split("\n")
    .map((line) => {
      const [name = ""] = line.split("==");
      return others[name] === undefined ? line : `${name}==${others[name]}`;
    })
    .join("\n");
}

function installed(home: string): string | undefined {
  const stamp = join(home, "current.json");
  if (!existsSync(stamp)) return undefined;
  const { folder } = JSON.parse(readFileSync(stamp, "utf8")) as { folder: string };
  const python = join(home, folder, "bin", "python");
  return existsSync(python) ? python : undefined;
}

/** Turns pip's output into one line that counts the packages. */
function counted(progress: Progress, all: number): (line: string) => void {
  const fetched = new Set<string>();
  return (line) => {
    const name = /^Collecting ([\w.-]+)/.exec(line)?.[1];
    // pip may fetch more packages than were counted when the list was made.
    const { size } = name === undefined ? fetched : fetched.add(name);
    if (name !== undefined) progress(`  fetching ${size}/${Math.max(size, all)}`, true);
    else if (line.startsWith("Installing collected packages")) progress("  unpacking");
  };
}

/** Runs a program to its end; its last lines are the error when it fails. */
async function run(
  program: string,
  args: readonly string[],
  printed: (line: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], ...(signal && { signal }) });
  child.on("error", () => undefined);
  const tail: string[] = [];
  const read = (chunk: Buffer): void => {
    for (const line of chunk.toString().split("\n")) {
      tail.push(line.trim());
      if (tail.length > 20) tail.shift();
      printed(line);
    }
  };
  child.stdout.on("data", read);
  child.stderr.on("data", read);
  const [status] = (await once(child, "close")) as [number | null];
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} failed:\n${tail.join("\n")}`);
}
