import { execFile } from "node:child_process";
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { withLock } from "../process/lock.ts";
import type { Progress } from "../synapse/install.ts";
import { findPython } from "../synapse/python.ts";

const cache = fileURLToPath(new URL("../../.cache/schemathesis/", import.meta.url));
const constraints = fileURLToPath(new URL("constraints.txt", import.meta.url));
const stamp = join(cache, "installed.txt");
const program = join(cache, "venv", "bin", "schemathesis");
const run = promisify(execFile);

/** The program where {@link prepareSchemathesis} has installed it as the constraints say. */
export function schemathesis(): string | undefined {
  const wanted = readFileSync(constraints, "utf8");
  return existsSync(stamp) && readFileSync(stamp, "utf8") === wanted && existsSync(program)
    ? program
    : undefined;
}

/** Installs schemathesis from PyPI under .cache/schemathesis, once a list of constraints. Throws where it cannot. */
export async function prepareSchemathesis(progress: Progress): Promise<void> {
  const waiting = (): void => progress("Waiting for another install of schemathesis");
  await withLock(join(cache, "install.lock"), waiting, async () => {
    if (schemathesis() !== undefined) return;
    progress("Installing schemathesis from PyPI (about 20 seconds, 100 MB)");
    const home = join(cache, "venv");
    rmSync(home, { recursive: true, force: true });
    await run(findPython(), ["-m", "venv", home]);
    const pip = ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar=off"];
    await run(join(home, "bin", "python"), [...pip, "-c", constraints, "schemathesis"]);
    writeFileSync(`${stamp}.new`, readFileSync(constraints));
    renameSync(`${stamp}.new`, stamp);
  });
}
