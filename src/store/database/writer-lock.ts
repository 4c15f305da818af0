import { BridgeError } from "../../core/model/errors.ts";
import { connect } from "./connection.ts";
import { codeOf } from "./storage-error.ts";

/**
 * Keeps a second bridge away from the same database, by an operating system lock on a file beside it. The lock ends with
 * the process, and does not keep other programs from reading the database.
 */
export function lockForWriting(path: string): Disposable {
  const lock = connect({ path: `${path}.lock` }, { timeout: 500 });
  try {
    lock.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    lock.close();
    if (!codeOf(error).startsWith("SQLITE_BUSY")) throw error;
    throw new BridgeError("storage", {
      words: `Another bridge is running on the database ${path}. Stop it first, or give this one a database of its own.`,
      certain: true,
      cause: error,
    });
  }
  return { [Symbol.dispose]: () => lock.close() };
}

/** Whether a bridge holds the lock of a database; false where nobody ever did, or it cannot be seen. */
export function isLocked(path: string): boolean {
  try {
    const lock = connect({ path: `${path}.lock` }, { timeout: 0, readonly: true });
    try {
      // Reading waits for a writer's exclusive lock, and holds up none that comes for more than a moment.
      lock.prepare("SELECT count(*) FROM sqlite_schema").get();
      return false;
    } catch (error) {
      return codeOf(error).startsWith("SQLITE_BUSY");
    } finally {
      lock.close();
    }
  } catch {
    return false;
  }
}
