import { randomBytes } from "node:crypto";
import { chownSync, existsSync, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Invocation } from "../../config/command-line.ts";
import type { BridgeConfig } from "../../networks/registry.ts";
import { type DatabaseKey, startOf } from "../../store/database/connection.ts";
import { loadedConfig } from "../configuration.ts";
import { refused } from "../refused.ts";
import { databaseFile, readKey } from "./database-file.ts";
import { mebibytes, sync } from "./durable.ts";
import { reported } from "./reported.ts";
import { rewrite } from "./rewrite.ts";

type Given<Kind extends Invocation["kind"]> = Extract<Invocation, { readonly kind: Kind }>;

const NEEDS_KEY =
  "Without this key nothing can read the database. Keep a copy of it elsewhere than the backups.";

/** Encrypts a database with the configured key, which is made where there is none yet; the exit status. */
export const encrypt = ({ config: file, json }: Given<"encrypt">): Promise<number> =>
  reported(json, async () => {
    const { config } = loadedConfig(file);
    const { database: path, database_key_file: keyFile } = config;
    if (keyFile === undefined)
      throw refused(
        `${file} names no key. Write “database_key_file: ./bridge.key” into it, and run the command again: it makes the key.`,
      );
    if (startOf(path) === "unknown") {
      const { database } = reencryptable(config);
      throw refused(`${database.path} is encrypted already. Another key is given to it with “rekey”.`);
    }
    const key = await keyIn(keyFile, path);
    await rewrite({ path }, key);
    return {
      words: `${path} is encrypted now. ${NEEDS_KEY} It is in ${keyFile}.\nBackups made before are not encrypted, and what the disk freed may hold parts of the old file.`,
      facts: { database: path, key_file: keyFile },
    };
  });

/** Gives an encrypted database another key; the exit status. */
export const rekey = ({ config: file, newKey, json }: Given<"rekey">): Promise<number> =>
  reported(json, async () => {
    const { database } = reencryptable(loadedConfig(file).config);
    const keyFile = resolve(newKey);
    const key = await keyIn(keyFile, database.path);
    if (key.hex === database.key?.hex)
      throw refused(`${keyFile} holds the key that the database has already.`);
    await rewrite(database, key);
    return {
      words: `${database.path} has the key in ${keyFile} now. Write “database_key_file: ${keyFile}” into ${file} before the bridge is started. ${NEEDS_KEY}\nThe old key opens the backups made before.`,
      facts: { database: database.path, key_file: keyFile },
    };
  });

/** Takes the encryption of a database away; the exit status. */
export const decrypt = ({ config: file, json }: Given<"decrypt">): Promise<number> =>
  reported(json, async () => {
    const { database } = reencryptable(loadedConfig(file).config);
    await rewrite(database, undefined);
    return {
      words: `${database.path} is not encrypted any more. Take database_key_file out of ${file} before the bridge is started.`,
      facts: { database: database.path },
    };
  });

/** Gives back the room that deleted rows took; the exit status. */
export const vacuum = ({ config: file, json }: Given<"vacuum">): Promise<number> =>
  reported(json, async () => {
    const database = databaseFile(loadedConfig(file).config);
    const { before, after } = await rewrite(database, database.key);
    const freed = Math.max(0, before - after);
    return {
      words: `${database.path} takes ${mebibytes(after)}; ${mebibytes(freed)} were freed.`,
      facts: { database: database.path, before, after, freed },
    };
  });

/** The configured database, which must be one with a key. */
function reencryptable(config: BridgeConfig) {
  const database = databaseFile(config);
  if (database.key === undefined)
    throw refused(
      `The configuration names no key, so the database is not an encrypted one. Name the file with its key by database_key_file.`,
    );
  return { database };
}

/** The key in a file, made where there is none, for the database's owner alone. */
async function keyIn(file: string, database: string): Promise<DatabaseKey> {
  if (!existsSync(file)) {
    await writeFile(file, `${randomBytes(32).toString("hex")}\n`, { mode: 0o600, flag: "wx", flush: true });
    await sync(dirname(file));
    if (process.geteuid?.() === 0 && existsSync(database)) {
      const { uid, gid } = statSync(database);
      chownSync(file, uid, gid);
    }
  }
  return readKey(file);
}
