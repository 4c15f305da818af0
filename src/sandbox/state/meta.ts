import type { Db } from "./database.ts";

/** The stored value of this key, made when there is none: the gatekeeper's root key, its signing key. */
export function madeOnce(db: Db, key: string, make: () => Uint8Array): Uint8Array {
  const row = db.prepare<[string], { value: Uint8Array }>("SELECT value FROM meta WHERE key = ?").get(key);
  if (row !== undefined) return new Uint8Array(row.value);
  const value = make();
  db.prepare("INSERT INTO meta (key, value) VALUES (?, ?)").run(key, value);
  return value;
}
