import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import Database from "better-sqlite3";

/**
 * Takes a lock that the kernel gives back when this process dies, however it dies: an exclusive SQLite
 * transaction on an empty file. Undefined when another process holds it.
 */
export function tryLock(path: string): Disposable | undefined {
  mkdirSync(dirname(path), { recursive: true });
  const database = new Database(path, { timeout: 0 });
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    // By its shape, as jest's realms have error classes of their own.
    const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
    if (code.startsWith("SQLITE_BUSY")) return undefined;
    throw error;
  }
  return { [Symbol.dispose]: () => database.close() };
}

/** Runs `work` with the lock; `onWait` is called once when another process holds it. */
export async function withLock<T>(path: string, onWait: () => void, work: () => Promise<T>): Promise<T> {
  for (let waited = false; ; waited = true) {
    const held = tryLock(path);
    if (held !== undefined) {
      try {
        return await work();
      } finally {
        held[Symbol.dispose]();
      }
    }
    if (!waited) onWait();
    await pause(200);
  }
}
