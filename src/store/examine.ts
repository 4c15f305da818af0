import { existsSync, realpathSync, statSync } from "node:fs";
import { BridgeError } from "../core/model/errors.ts";
import { isMissing } from "../core/model/unread-file.ts";
import type { Store } from "../core/ports/store.ts";
import { connect, type DatabaseFile } from "./database/connection.ts";
import { isNewest, refuseForeignFile } from "./database/migrate.ts";
import { openingError } from "./database/storage-error.ts";
import { isLocked } from "./database/writer-lock.ts";
import { families as allFamilies } from "./families/families.ts";
import type { NamedFile } from "./families/family-tables.ts";
import { matrixCryptoTables } from "./families/matrix-crypto/matrix-crypto.ts";
import { deadLetterReads } from "./tables/dead-letters.ts";
import { loginReads } from "./tables/logins.ts";
import { matrixInboxReads } from "./tables/matrix-inbox.ts";
import { matrixOutboxReads } from "./tables/matrix-outbox.ts";
import { networkInboxReads } from "./tables/network-inbox.ts";
import { networkOutboxReads } from "./tables/network-outbox.ts";
import { recordReads } from "./tables/records.ts";

/**
 * Reads a database of the bridge through without changing it, beside the bridge or not; answers its size in bytes, or
 * undefined where there is no file. Throws a `storage` BridgeError whose words say what to do.
 */
export function examineDatabase(file: DatabaseFile): number | undefined {
  try {
    const { size } = statSync(file.path);
    using stack = new DisposableStack();
    const db = stack.adopt(connect(file, { readonly: true }), (each) => each.close());
    refuseForeignFile(db, allFamilies);
    const found = db.pragma("quick_check(1)", { simple: true });
    if (found === "ok") return size;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw openingError(error);
  }
  throw new BridgeError("storage", {
    words: "The bridge's database is damaged. Stop the bridge, and put a backup of the file in its place.",
    certain: true,
  });
}

/** Whether a bridge runs on the database. */
export function isInUse(path: string): boolean {
  try {
    return isLocked(realpathSync(path));
  } catch {
    return false;
  }
}

/** What a bridge has stored, for whoever only looks. */
export interface Stored extends Disposable, Pick<Store, "logins" | "deadLetters" | "records"> {
  /** Rows that wait, by their queue. */
  readonly waiting: Readonly<
    Record<"matrixInbox" | "matrixOutbox" | "networkInbox" | "networkOutbox", number>
  >;
  /** What is kept of encryption between people's clients and the bridge. */
  readonly crypto: ReturnType<typeof matrixCryptoTables.reads>;
  /** The files its rows name at this moment, which are kept outside of it. */
  readonly files: () => readonly NamedFile[];
}

/**
 * Reads a database of this version, beside the bridge or not; undefined where there is none, or one of an earlier version
 * that the next start brings up. Throws a `storage` BridgeError whose words say what to do.
 */
export async function openStored(file: DatabaseFile): Promise<Stored | undefined> {
  using stack = new DisposableStack();
  try {
    const db = stack.adopt(connect(file, { readonly: true }), (each) => each.close());
    refuseForeignFile(db, allFamilies);
    if (!isNewest(db)) return undefined;
    const waiting = {
      matrixInbox: await matrixInboxReads(db).count(),
      matrixOutbox: await matrixOutboxReads(db).count(),
      networkInbox: await networkInboxReads(db).count(),
      networkOutbox: await networkOutboxReads(db).count(),
    };
    const opened = stack.move();
    return {
      waiting,
      logins: loginReads(db),
      deadLetters: deadLetterReads(db),
      records: recordReads(db),
      crypto: matrixCryptoTables.reads(db),
      files: () => allFamilies.flatMap(({ files }) => files?.(db) ?? []),
      [Symbol.dispose]: () => opened.dispose(),
    };
  } catch (error) {
    if (isMissing(error) || !existsSync(file.path)) return undefined;
    throw openingError(error);
  }
}

/** The version of SQLite by which a database is read. Throws a `storage` BridgeError. */
export function sqliteVersion(file: DatabaseFile): string {
  try {
    using stack = new DisposableStack();
    const db = stack.adopt(connect(file, { readonly: true }), (each) => each.close());
    return String(db.prepare("SELECT sqlite_version()").pluck().get());
  } catch (error) {
    throw openingError(error);
  }
}
