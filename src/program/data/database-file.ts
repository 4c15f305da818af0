import { readFileSync, statSync } from "node:fs";
import { whyUnread } from "../../core/model/unread-file.ts";
import type { BridgeConfig } from "../../networks/registry.ts";
import type { DatabaseFile, DatabaseKey } from "../../store/database/connection.ts";
import { refused } from "../refused.ts";

/** The configured database, with its key where it has one. Throws BridgeError with words where that cannot be used. */
export function databaseFile({
  database: path,
  database_key_file: file,
}: Pick<BridgeConfig, "database" | "database_key_file">): DatabaseFile {
  return { path, key: file === undefined ? undefined : readKey(file) };
}

/** Reads a key file. Throws BridgeError with words for whoever keeps it. */
export function readKey(file: string): DatabaseKey {
  const hex = textOf(file).trim();
  if (!/^[0-9a-f]{64}$/i.test(hex))
    throw refused(
      `${file} is no key of a database: it must hold 64 hexadecimal digits and nothing else, as “openssl rand -hex 32” makes them.`,
    );
  return { hex: hex.toLowerCase(), file };
}

function textOf(file: string): string {
  const { mode, text } = read(file);
  if ((mode & 0o007) === 0) return text;
  throw refused(`Everybody on this machine can read the key in ${file}. Take that away: chmod o= ${file}`);
}

function read(file: string): { readonly mode: number; readonly text: string } {
  try {
    return { mode: statSync(file).mode, text: readFileSync(file, "utf8") };
  } catch (cause) {
    throw refused(
      `The key of the database cannot be read from ${file}, which database_key_file names. ${whyUnread(cause)}`,
      cause,
    );
  }
}
