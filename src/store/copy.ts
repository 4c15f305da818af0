import { dirname } from "node:path";
import { BridgeError } from "../core/model/errors.ts";
import { changeKey, connect, connectToEncrypt, type DatabaseFile } from "./database/connection.ts";
import { migrate, refuseForeignFile, schemaOf } from "./database/migrate.ts";
import { codeOf, openingError } from "./database/storage-error.ts";
import { families } from "./families/families.ts";
import type { NamedFile } from "./families/family-tables.ts";

/** What a copy of the database is. */
export interface DatabaseCopy {
  readonly schema: number;
  /** The files its rows name, which are kept outside of it. */
  readonly files: readonly NamedFile[];
}

/**
 * Writes a copy of the database as it is at this moment to a new file, encrypted with the same key, while the bridge may
 * be writing; nothing that was deleted is in it. Throws a `storage` BridgeError.
 */
export function copyDatabase(from: DatabaseFile, to: string): void {
  try {
    using stack = new DisposableStack();
    const db = stack.adopt(connect(from, { readonly: true, timeout: 10_000 }), (each) => each.close());
    refuseForeignFile(db, families);
    // SQLite's online backup copies no encrypted file; this takes the same snapshot, of either.
    db.prepare("VACUUM INTO ?").run(to);
  } catch (error) {
    if (codeOf(error) !== "SQLITE_FULL") throw openingError(error);
    throw new BridgeError("storage", {
      words: `The disk of ${dirname(to)} is full. Nothing was changed. Free some space there, and run the command again.`,
      certain: true,
      cause: error,
    });
  }
}

/**
 * Writes the database to a new file that is encrypted with its key, or with none, and leaves nothing of it in a
 * write-ahead log; no bridge may run on it. Throws a `storage` BridgeError.
 */
export function encryptedCopy(from: DatabaseFile, to: DatabaseFile): void {
  try {
    using stack = new DisposableStack();
    const db = stack.adopt(connect(from), (each) => each.close());
    refuseForeignFile(db, families);
    // Takes in the log and removes it, so that the file is all there is when another takes its place.
    db.pragma("journal_mode = DELETE");
  } catch (error) {
    throw openingError(error);
  }
  copyDatabase(from, to.path);
  if (from.key?.hex === to.key?.hex) return;
  try {
    using stack = new DisposableStack();
    const start = { ...from, path: to.path };
    const copy = stack.adopt(from.key === undefined ? connectToEncrypt(to.path) : connect(start), (each) =>
      each.close(),
    );
    // What is cut off is thrown away, so no page need be kept beside it on the disk.
    copy.pragma("journal_mode = MEMORY");
    changeKey(copy, to.key);
  } catch (error) {
    throw openingError(error);
  }
}

/** Prepares a copy to be used in the place of the database, which has gone on since. */
export function prepareOlderCopy(copy: DatabaseFile): void {
  try {
    using stack = new DisposableStack();
    const db = stack.adopt(connect(copy), (each) => each.close());
    db.pragma("secure_delete = ON");
    migrate(db, families);
    db.transaction(() => {
      for (const { restore } of families) restore?.(db);
    })();
  } catch (error) {
    throw openingError(error);
  }
}

/** Reads a copy through, all of its indices and references included. Throws a `storage` BridgeError with words. */
export function examineCopy(copy: DatabaseFile): DatabaseCopy {
  try {
    using stack = new DisposableStack();
    const db = stack.adopt(connect(copy, { readonly: true }), (each) => each.close());
    refuseForeignFile(db, families);
    const found = db.pragma("integrity_check(1)", { simple: true });
    const [dangling] = db.pragma("foreign_key_check") as readonly unknown[];
    if (found === "ok" && dangling === undefined)
      return { schema: schemaOf(db), files: families.flatMap(({ files }) => files?.(db) ?? []) };
  } catch (error) {
    throw openingError(error);
  }
  throw new BridgeError("storage", {
    words: `The database ${copy.path} is damaged.`,
    certain: true,
  });
}
