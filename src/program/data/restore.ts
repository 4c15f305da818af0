import { existsSync, rmSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Invocation } from "../../config/command-line.ts";
import { isKernels, KERNELS } from "../../config/kernels-path.ts";
import { systemCode } from "../../core/model/system-code.ts";
import type { BridgeConfig } from "../../networks/registry.ts";
import { connect, type DatabaseFile } from "../../store/database/connection.ts";
import { loadedConfig } from "../configuration.ts";
import { refused } from "../refused.ts";
import { secondPath } from "../second-registration.ts";
import { hostedFolder } from "./backup-plan.ts";
import { databaseFile } from "./database-file.ts";
import { copyDurably } from "./durable.ts";
import { checkEntry, IN_BACKUP, type Manifest, readManifest } from "./manifest.ts";
import { putBack } from "./put-back.ts";
import { reported } from "./reported.ts";

type Restore = Extract<Invocation, { readonly kind: "restore" }>;

/** Puts a backup back; the exit status. */
export const restore = ({ config: file, registration, from: given, json }: Restore): Promise<number> =>
  reported(json, async (progress) => {
    const from = resolve(given);
    const manifest = readManifest(from);
    for (const entry of manifest.files) await checkEntry(from, entry);
    progress(
      `The backup is whole: ${manifest.files.length} files, made ${manifest.made_at} by bridge ${manifest.bridge}.`,
    );
    await using written = new AsyncDisposableStack();
    const names = new Set(manifest.files.map(({ name }) => name));
    const settings: string[] = [];
    const settle = async (name: string, path: string): Promise<void> => {
      if (existsSync(path) || !names.has(name)) return;
      if (isKernels(path)) throw refused(`${path} is ${KERNELS}`);
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await copyDurably(join(from, name), path);
      settings.push(path);
      written.defer(() => rmSync(path));
    };
    await settle(IN_BACKUP.config, file);
    const { config } = loadedConfig(file);
    refuseStrange(config, manifest, file);
    const database = databaseFile(config);
    refuseOtherKey({ ...database, path: join(from, IN_BACKUP.database) }, file);
    const kept = await putBack({ from, manifest, database, hosted: hostedFolder(config), at: Date.now() });
    await settle(IN_BACKUP.registration, registration);
    await settle(IN_BACKUP.second, secondPath(config, registration));
    written.move();
    const words = [
      `Restored ${database.path} as it was at ${manifest.made_at}. Start the bridge; it takes up from the homeserver what was written since.`,
      ...(settings.length === 0 ? [] : [`Put back as well: ${settings.join(", ")}.`]),
      ...(kept.length === 0
        ? []
        : [`What was there before is kept: ${kept.join(", ")}. Delete it when all is well.`]),
    ];
    return {
      words: words.join("\n"),
      facts: { database: database.path, made_at: manifest.made_at, settings, kept },
    };
  });

/** Throws BridgeError where the backup is another bridge's, or its database needs another configuration. */
function refuseStrange(config: BridgeConfig, manifest: Manifest, file: string): void {
  const { server_name: ours } = config.homeserver;
  if (manifest.server_name !== ours)
    throw refused(
      `The backup is of the bridge of ${manifest.server_name}, and ${file} is for ${ours}. Name the backup's own configuration with -c, or one that is not there yet to have it put back.`,
    );
  const { database_key_file: key } = config;
  if (manifest.encrypted && key === undefined)
    throw refused(
      `The database of the backup is encrypted. Name the file with its key by database_key_file in ${file}, and run the command again.`,
    );
  if (!manifest.encrypted && key !== undefined)
    throw refused(
      `The database of the backup is not encrypted, and ${file} names a key. Take database_key_file out, restore, put it in again and run “encrypt”.`,
    );
}

/** Throws BridgeError where the copy, which is whole, was encrypted with another key than the configured one. */
function refuseOtherKey(copy: DatabaseFile, file: string): void {
  if (copy.key === undefined) return;
  try {
    connect(copy, { readonly: true }).close();
  } catch (cause) {
    if (systemCode(cause) !== "SQLITE_NOTADB") throw cause;
    throw refused(
      `The database of the backup is encrypted with another key than the one in ${copy.key.file}. Name the file with the key that the bridge had when the backup was made by database_key_file in ${file}, and run the command again; “rekey” gives the database a new one afterwards.`,
      cause,
    );
  }
}
