import { readdirSync, readFileSync } from "node:fs";
import type { Database } from "better-sqlite3";
import { BridgeError } from "../../core/model/errors.ts";

/** A family's tables: their numbered migrations, whose version is stored under the family's name. */
export interface FamilyMigrations {
  readonly key: { readonly family: string };
  readonly migrations: URL;
  /** Gives the connection the functions that migrations call. */
  readonly prepare?: (db: Database) => void;
}

const core = stepsIn(new URL("../migrations/", import.meta.url));

/** Throws BridgeError where another program or a newer bridge has written the file, or a family's tables in it. */
export function refuseForeignFile(db: Database, families: readonly FamilyMigrations[]): void {
  const version = schemaOf(db);
  if (version > core.length) throw newer(`schema ${version}, this one knows ${core.length}`);
  const versions = familyVersions(db);
  for (const { key, migrations } of families) {
    const newest = stepsIn(migrations).length;
    const found = versions.get(key.family) ?? 0;
    if (found > newest) throw newer(`tables of ${key.family} ${found}, this one knows ${newest}`);
  }
}

/** Whether the file has the newest schema, as every start brings it to. */
export const isNewest = (db: Database): boolean => schemaOf(db) === core.length;

/**
 * Brings the file to the newest schema, the core's and each family's, in one transaction, or leaves it as it was. Tables
 * of a family that is not among them stay untouched.
 */
export function migrate(db: Database, families: readonly FamilyMigrations[]): void {
  const run = db.transaction(() => {
    migrateCore(db);
    const versions = familyVersions(db);
    for (const family of families) migrateFamily(db, family, versions.get(family.key.family) ?? 0);
  });
  run.immediate();
}

function migrateCore(db: Database): void {
  const version = schemaOf(db);
  if (version >= core.length) return;
  for (const step of core.slice(version)) db.exec(readFileSync(step, "utf8"));
  db.prepare("UPDATE schema_version SET version = ?").run(core.length);
  db.pragma(`user_version = ${core.length}`);
}

function migrateFamily(db: Database, { key, migrations, prepare }: FamilyMigrations, version: number): void {
  const steps = stepsIn(migrations);
  if (version >= steps.length) return;
  prepare?.(db);
  for (const step of steps.slice(version)) db.exec(readFileSync(step, "utf8"));
  db.prepare(
    `INSERT INTO family_version (family, version) VALUES (?, ?)
      ON CONFLICT (family) DO UPDATE SET version = excluded.version`,
  ).run(key.family, steps.length);
}

function stepsIn(folder: URL): readonly URL[] {
  return readdirSync(folder)
    .filter((name) => /^\d{4}-.*\.sql$/.test(name))
    .sort()
    .map((name) => new URL(name, folder));
}

/** The file's schema version, 0 for a new one. The pragma repeats the table's, for other tools. */
export function schemaOf(db: Database): number {
  const tables = tablesOf(db);
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

/** Empty where the file was last written by a bridge without family tables. */
function familyVersions(db: Database): ReadonlyMap<string, number> {
  if (!tablesOf(db).includes("family_version")) return new Map();
  const rows = db
    .prepare<[], { readonly family: string; readonly version: number }>(
      "SELECT family, version FROM family_version",
    )
    .all();
  return new Map(rows.map(({ family, version }) => [family, version]));
}

function tablesOf(db: Database): readonly unknown[] {
  return db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all();
}

function newer(what: string): BridgeError {
  return new BridgeError("storage", {
    words: `The database was written by a newer bridge (${what}). Start that version again, or put back a backup from before the upgrade.`,
    certain: true,
  });
}
