import { resolve } from "node:path";
import type { Invocation } from "../../config/command-line.ts";
import { loadedConfig } from "../configuration.ts";
import { backupPlan } from "./backup-plan.ts";
import { mebibytes } from "./durable.ts";
import { reported } from "./reported.ts";
import { takeBackup } from "./take-backup.ts";

type Backup = Extract<Invocation, { readonly kind: "backup" }>;

/** Makes a backup, beside the running bridge or without it; the exit status. */
export const backup = ({ config: file, registration, to, keep, json }: Backup): Promise<number> =>
  reported(json, async (progress) => {
    const { config } = loadedConfig(file);
    const plan = backupPlan({ config, file, registration, at: Date.now() });
    const taken = await takeBackup(
      { ...plan, to: to === undefined ? plan.to : resolve(to), keep: keep ?? plan.keep },
      progress,
    );
    const { folder, bytes, files, missing, absent, removed } = taken;
    const words = [
      `Backed up to ${folder}: ${files} files, ${mebibytes(bytes)}. They hold keys and tokens; keep them as safe as the bridge.`,
      ...(plan.database.key === undefined
        ? []
        : [
            `The database in it is encrypted; its key, ${plan.database.key.file}, is not in it. Keep a copy of that elsewhere.`,
          ]),
      ...(missing.length === 0
        ? []
        : [
            `${missing.length} files that contacts could still fetch are not in ${plan.hosted}, and so not in the backup.`,
          ]),
      ...absent.map(
        (path) => `${path} is not there, and so not in the backup. Name where it is with -c and -r.`,
      ),
      ...removed.map((old) => `Deleted the old backup ${old}.`),
    ];
    return { words: words.join("\n"), facts: { ...taken } };
  });
