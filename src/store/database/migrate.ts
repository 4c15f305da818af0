import { readdirSync, readFileSync } from "node:fs";
import type { Database } from "better-sqlite3";
import { BridgeError } from "../../core/model/errors.ts";

const folder = new URL("../migrations/", import.meta.url);

const steps = readdirSync(folder)
  .filter((name) => /^\d{4}-.*\.sql$/.test(name))
  .sort();

/** Throws BridgeError where another program or a newer bridge has written the file. */
export function refuseForeignFile(db: Database): void {
  const version = versionOf(db);
  if (version <= steps.length) return;
  throw new BridgeError("storage", {
    words: `The database was written by a newer bridge (schema ${version}, this one knows ${steps.length}). Start that version again, or put back a backup from before the upgrade.`,
    certain: true,
  });
}

/** Brings the file to the newest schema in one transaction. */
export function migrate(db: Database): void {
  const run = db.transaction(() => {
    const version = versionOf(db);
    if (version >= steps.length) return;
    for (const step of steps.slice(version)) db.exec(readFileSync(new URL(step, folder), "utf8"));
    db.prepare("UPDATE schema_version SET version = ?").run(steps.length);
    db.pragma(`user_version = ${steps.length}`);
  });
  run.immediate();
}

/** The file's schema version, 0 for a new one. The pragma repeats the table's, for other tools. */
function versionOf(db: Database): number {
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all();
  const noted = Number(db.pragma("user_version", { simple: true }));
  if (tables.length === 0) return noted;
  if (!tables.includes("schema_version"))
    throw new BridgeError("storage", {
      words:
        "The file is a database of another program. Name another file in the configuration, or move this one away.",
      certain: true,
    });
  return Math.max(noted, Number(db.prepare("SELECT max(version) FROM schema_version").pluck().get()));
}
