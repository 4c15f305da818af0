import type { Db } from "./database.ts";

/** Values the gatekeeper makes once and keeps for ever: its root key, its signing key. */
export function keptOnce(db: Db, key: string, make: () => Uint8Array): Uint8Array {
  const row = db.prepare<[string], { value: Uint8Array }>("SELECT value FROM meta WHERE key = ?").get(key);
  if (row !== undefined) return new Uint8Array(row.value);
  const value = make();
  db.prepare("INSERT INTO meta (key, value) VALUES (?, ?)").run(key, value);
  return value;
}
