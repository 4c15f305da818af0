import { chmodSync, closeSync, openSync, realpathSync } from "node:fs";
import type Database from "better-sqlite3";
import { BridgeError } from "../../core/model/errors.ts";
import { connect, type DatabaseFile } from "./connection.ts";
import { type FamilyMigrations, migrate, refuseForeignFile } from "./migrate.ts";
import { isEnvironment, openingError } from "./storage-error.ts";
import { lockForWriting } from "./writer-lock.ts";

export interface OpenDatabase extends Disposable {
  readonly db: Database.Database;
}

const pragmas = [
  "synchronous = FULL",
  "secure_delete = ON",
  "foreign_keys = ON",
  "busy_timeout = 2000",
  "temp_store = MEMORY",
  "cache_size = -32000",
  "wal_autocheckpoint = 4000",
  "journal_size_limit = 67108864",
];

/**
 * Opens the bridge's database for this process alone and brings it to the newest schema, the core's and these families';
 * `:memory:` makes one in memory. Throws a `storage` BridgeError whose words say what to do.
 */
export function openDatabase(
  { path, key }: DatabaseFile,
  families: readonly FamilyMigrations[],
): OpenDatabase {
  if (path === ":memory:") return prepare(connect({ path }), families);
  const real = privateFile(path);
  using opening = new DisposableStack();
  try {
    opening.use(lockForWriting(real));
    const { db } = opening.use(prepare(connect({ path: real, key }), families));
    const opened = opening.move();
    return { db, [Symbol.dispose]: () => opened.dispose() };
  } catch (error) {
    throw refusal(path, error);
  }
}

/** Makes the file and its lock readable by the bridge's user alone; SQLite's further files get the same mode. */
function privateFile(path: string): string {
  try {
    const real = makePrivate(path);
    makePrivate(`${real}.lock`);
    return real;
  } catch (error) {
    if (isEnvironment(error)) throw refusal(path, error);
    throw new BridgeError("storage", {
      words: `The database ${path} cannot be opened for writing. Check that its folder exists, that it is a plain file, and that it belongs to the bridge's user.`,
      certain: true,
      cause: error,
    });
  }
}

function makePrivate(file: string): string {
  closeSync(openSync(file, "a", 0o600));
  chmodSync(file, 0o600);
  return realpathSync(file);
}

function prepare(db: Database.Database, families: readonly FamilyMigrations[]): OpenDatabase {
  try {
    for (const pragma of pragmas) db.pragma(pragma);
    // The file is checked before anything in it is changed, as it may be another program's.
    refuseForeignFile(db, families);
    const mode = db.pragma("journal_mode = WAL", { simple: true });
    if (mode !== "wal" && mode !== "memory")
      throw new BridgeError("storage", {
        words: "The database's disk does not allow write-ahead logging. Put the database on a local disk.",
        certain: true,
      });
    migrate(db, families);
    return { db, [Symbol.dispose]: () => void db.close() };
  } catch (error) {
    db.close();
    throw openingError(error);
  }
}

/** The error with the file's name in its words. */
function refusal(path: string, error: unknown): BridgeError {
  const { words, certain, retryAfter } = openingError(error);
  return new BridgeError("storage", {
    words: words.includes(path) ? words : `${path}: ${words}`,
    certain,
    ...(retryAfter === undefined ? {} : { retryAfter }),
    cause: error,
  });
}
