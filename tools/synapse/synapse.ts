import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "../process/managed-process.ts";
import { type HomeserverOptions, homeserverYaml, logYaml } from "./homeserver-yaml.ts";
import { signingKey } from "./signing-key.ts";

/** Has what Python does before it loads Synapse. */
const site = fileURLToPath(new URL("site", import.meta.url));

/** Writes what Synapse reads. A signing key that is there already is kept. */
export function writeSynapse(options: HomeserverOptions): void {
  mkdirSync(join(options.folder, "media"), { recursive: true });
  writeFileSync(join(options.folder, "homeserver.yaml"), homeserverYaml(options));
  writeFileSync(join(options.folder, "log.yaml"), logYaml(options.logFile));
  const key = join(options.folder, "signing.key");
  if (!existsSync(key)) writeFileSync(key, signingKey(), { mode: 0o600 });
}

/** The foreground command of the Synapse whose files `writeSynapse` wrote to `folder`. */
export function synapseCommand(
  python: string,
  folder: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Command {
  return {
    argv: [python, "-m", "synapse.app.homeserver", "-c", join(folder, "homeserver.yaml")],
    cwd,
    env: { ...env, PYTHONPATH: site },
  };
}
