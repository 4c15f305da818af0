import type { Database } from "better-sqlite3";
import type { LoginId } from "../../core/model/ids.ts";
import type { AnswersNothing, FamilyKey, FamilyReads, FamilyWrites } from "../../core/ports/family-store.ts";
import type { FamilyMigrations } from "../database/migrate.ts";

/** A family's tables, their migrations and how they are served over SQLite. */
export interface FamilyTables<Reads = unknown, Writes = unknown> extends FamilyMigrations {
  readonly key: FamilyKey<Reads, Writes>;
  readonly reads: (db: Database) => Reads;
  readonly writes: (db: Database) => Writes;
  /** The files that rows name, in the folder of what is hosted. */
  readonly files?: (db: Database) => readonly NamedFile[];
  /** Changes the rows of an older copy that is put back, so that it harms nothing that happened since. */
  readonly restore?: (db: Database) => void;
  /** Prepares the deletion of a login's rows in these tables. */
  readonly forget: (db: Database) => (login: LoginId) => void;
}

/** A file that is kept beside the database. */
export interface NamedFile {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
}

export interface OpenFamilies {
  readonly reads: FamilyReads["family"];
  readonly writes: FamilyWrites["family"];
  /** Deletes a login's rows in the tables of every family. */
  readonly forget: (login: LoginId) => void;
}

export function openFamilies(db: Database, families: readonly FamilyTables[]): OpenFamilies {
  const open = new Map(
    families.map((it) => [it.key, { reads: it.reads(db), writes: it.writes(db) }] as const),
  );
  const forgets = families.map((it) => it.forget(db));
  const of = (key: FamilyKey<unknown, unknown>) => {
    const found = open.get(key);
    if (!found) throw new Error(`the store was opened without the tables of ${key.family}`);
    return found;
  };
  // The casts hold because FamilyTables types a key like its reads and writes.
  return {
    reads: <Reads, Writes>(key: FamilyKey<Reads, Writes>) => of(key).reads as Reads,
    writes: <Reads, Writes>(key: FamilyKey<Reads, Writes>) => of(key).writes as AnswersNothing<Writes>,
    forget(login) {
      for (const forget of forgets) forget(login);
    },
  };
}
