import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { answers, type Command, type Part } from "../process/part.ts";
import { type HomeserverOptions, homeserverYaml, logYaml } from "./homeserver-yaml.ts";
import { signingKey } from "./signing-key.ts";

/** Writes what Synapse reads. A signing key that is there already is kept. */
export function writeSynapse(options: HomeserverOptions): void {
  mkdirSync(join(options.folder, "media"), { recursive: true });
  writeFileSync(join(options.folder, "homeserver.yaml"), homeserverYaml(options));
  writeFileSync(join(options.folder, "log.yaml"), logYaml());
  const key = join(options.folder, "signing.key");
  if (!existsSync(key)) writeFileSync(key, signingKey(), { mode: 0o600 });
}

/** The foreground command of the Synapse whose files `writeSynapse` wrote. */
export function synapseCommand(
  python: string,
  folder: string,
  env: Readonly<Record<string, string>>,
): Command {
  const config = join(folder, "homeserver.yaml");
  return { argv: [python, "-m", "synapse.app.homeserver", "-c", config], cwd: folder, env };
}

/** Starts it and waits until `/versions` answers. */
export async function startSynapse(part: Part, homeserver: string): Promise<void> {
  part.start();
  await part.ready(answers(`${homeserver}/_matrix/client/versions`), 120);
}
