import Database from "better-sqlite3";
import { schemaSteps } from "./schema.ts";

export type Db = Database.Database;

/**
 * Opens the sandbox's file, making the tables it lacks. WAL with `synchronous=NORMAL` keeps every commit
 * across kill -9; only a power cut may take the last ones, which a test bench can bear.
 * @throws Error when the file is of a newer sandbox.
 */
export function openDatabase(path: string): Db {
  const db = new Database(path);
  db.pragma("journal_mode = WAL");
  db.pragma("synchronous = NORMAL");
  db.pragma("busy_timeout = 5000");
  db.pragma("wal_autocheckpoint = 8000");
  db.pragma("cache_size = -65536");
  const version = Number(db.pragma("user_version", { simple: true }));
  if (version > schemaSteps.length) {
    db.close();
    throw new Error(
      `The sandbox's data file is of a newer version (${version}); start it with a newer sandbox.`,
    );
  }
  db.transaction(() => {
    for (const step of schemaSteps.slice(version)) db.exec(step);
    db.pragma(`user_version = ${schemaSteps.length}`);
  })();
  return db;
}
