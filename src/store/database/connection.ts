import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { createRequire } from "node:module";
import Database from "better-sqlite3";
import { BridgeError } from "../../core/model/errors.ts";
import { systemCode } from "../../core/model/system-code.ts";
import { isMissing } from "../../core/model/unread-file.ts";

/** What a file is encrypted with. */
export interface DatabaseKey {
  /** 32 bytes in hex. */
  readonly hex: string;
  /** The file it was read from, for words about it. */
  readonly file: string;
}

/** A database file, and its key where it is encrypted. */
export interface DatabaseFile {
  readonly path: string;
  readonly key?: DatabaseKey | undefined;
}

interface ConnectionOptions {
  readonly readonly?: boolean;
  /** Milliseconds to wait for another connection's lock. */
  readonly timeout?: number;
}

const require = createRequire(import.meta.url);
const HEADER = "SQLite format 3\0";

/**
 * Opens a file; every connection of the bridge is made here. Throws a `storage` BridgeError whose words say what to do
 * where file and key do not go together, and otherwise what SQLite throws.
 */
export function connect({ path, key }: DatabaseFile, options: ConnectionOptions = {}): Database.Database {
  if (existsSync(cutOffMark(path)))
    throw refusal(
      `A restore of ${path} was cut off. Run “restore” again, with the same backup or another one; what was here before lies beside it, with “before-” in its name.`,
    );
  if (key === undefined) {
    if (startOf(path) === "unknown")
      throw refusal(
        `${path} is encrypted, or no database at all. Name the file with its key by database_key_file in the configuration.`,
      );
    return new Database(path, options);
  }
  if (startOf(path) === "plain")
    throw refusal(
      `${path} is not encrypted, though database_key_file names a key. Stop the bridge and encrypt it with the command “encrypt”, or take database_key_file out of the configuration.`,
    );
  const db = new (driverWithCiphers())(path, options);
  try {
    applyKey(db, key);
    // The key is tried at the first read only.
    db.pragma("schema_version");
    return db;
  } catch (cause) {
    db.close();
    if (systemCode(cause) !== "SQLITE_NOTADB") throw cause;
    throw refusal(
      `The key in ${key.file} does not open ${path}. Put back the key that it was encrypted with; without it nothing can read the file. If the key is right, the file is damaged: put back a backup with the command “restore”.`,
      cause,
    );
  }
}

/** The file, plain, by the driver that can encrypt it. */
export const connectToEncrypt = (path: string): Database.Database => new (driverWithCiphers())(path);

/** Gives the file another key, or none. */
export function changeKey(db: Database.Database, key: DatabaseKey | undefined): void {
  db.pragma("cipher = 'sqlcipher'");
  db.pragma(key === undefined ? "rekey = ''" : `rekey = "x'${key.hex}'"`);
}

function applyKey(db: Database.Database, { hex }: DatabaseKey): void {
  db.pragma("cipher = 'sqlcipher'");
  // 32 bytes as they are, so that no time goes into deriving them from a word somebody made up.
  db.pragma(`key = "x'${hex}'"`);
}

/** The file that is there while another database is put in the place of this one. */
export const cutOffMark = (path: string): string => `${path}.restore`;

/** `none` where there is no file or nothing in it yet, `unknown` where it starts with bytes of no text. */
export function startOf(path: string): "none" | "plain" | "text" | "unknown" {
  if (path === ":memory:") return "none";
  const start = Buffer.alloc(HEADER.length);
  try {
    const file = openSync(path, "r");
    try {
      if (readSync(file, start) < start.length) return "none";
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (isMissing(error)) return "none";
    throw error;
  }
  if (start.toString("latin1") === HEADER) return "plain";
  return start.every((byte) => byte >= 0x09 && byte < 0x7f) ? "text" : "unknown";
}

function driverWithCiphers(): typeof Database {
  try {
    return require("better-sqlite3-multiple-ciphers") as typeof Database;
  } catch (cause) {
    throw refusal(
      `An encrypted database needs the package better-sqlite3-multiple-ciphers, which is not installed here or not for this machine. Install it beside the bridge with “npm install better-sqlite3-multiple-ciphers@13.0.3”, or take database_key_file out of the configuration.`,
      cause,
    );
  }
}

const refusal = (words: string, cause?: unknown): BridgeError =>
  new BridgeError("storage", { words, certain: true, cause });
