import type { Database } from "better-sqlite3";
import type { RecordReads, RecordWrites } from "../../core/ports/store.ts";
import { command, query } from "../database/query.ts";

const sql = {
  get: "SELECT value FROM record WHERE scope = ? AND name = ?",
  all: "SELECT name, value FROM record WHERE scope = ? ORDER BY name",
  set: `INSERT INTO record (scope, name, value, expires_at) VALUES (?, ?, ?, ?)
    ON CONFLICT (scope, name) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at`,
  remove: "DELETE FROM record WHERE scope = ? AND name = ?",
  clear: "DELETE FROM record WHERE scope = ?",
} as const;

interface RecordRow {
  readonly value: string;
}

export function recordReads(db: Database): RecordReads {
  const get = query<[string, string], RecordRow>(db, sql.get);
  const all = query<[string], { readonly name: string; readonly value: string }>(db, sql.all);
  return {
    get: async (scope, name) => get.one(scope, name)?.value,
    all: async (scope) => all.all(scope),
  };
}

export function recordWrites(db: Database, sweep: RecordWrites["sweep"]): RecordWrites {
  const set = command<[string, string, string, number | null]>(db, sql.set);
  const remove = command<[string, string]>(db, sql.remove);
  const clear = command<[string]>(db, sql.clear);
  return {
    set: (scope, name, value, until) => void set(scope, name, value, until ?? null),
    remove: (scope, name) => void remove(scope, name),
    clear: (scope) => void clear(scope),
    sweep,
  };
}
