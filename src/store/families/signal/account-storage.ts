import type { Database } from "better-sqlite3";
import type { LoginId } from "../../../core/model/ids.ts";
import type { SignalFamilyReads, SignalFamilyWrites } from "../../../networks/signal/records.ts";
import { bytes, command, query } from "../../database/query.ts";

interface StorageRow {
  readonly version: number;
  readonly master_key: Uint8Array | null;
}

const sql = {
  of: "SELECT version, master_key FROM signal_storage WHERE login = ?",
  setVersion: `INSERT INTO signal_storage (login, version) VALUES (?, ?)
    ON CONFLICT (login) DO UPDATE SET version = excluded.version`,
  setKey: `INSERT INTO signal_storage (login, version, master_key) VALUES (?, 0, ?)
    ON CONFLICT (login) DO UPDATE SET master_key = excluded.master_key`,
} as const;

/** What the bridge knows of an account's storage at the server: its key, and up to where it was read. */
export function accountStorageReads(db: Database): Pick<SignalFamilyReads, "storageVersion" | "masterKey"> {
  const of = query<[LoginId], StorageRow>(db, sql.of);
  return {
    storageVersion: async (login) => BigInt(of.one(login)?.version ?? 0),
    masterKey: async (login) => {
      const key = of.one(login)?.master_key ?? null;
      return key === null ? undefined : bytes(key);
    },
  };
}

export function accountStorageWrites(
  db: Database,
): Pick<SignalFamilyWrites, "setStorageVersion" | "setMasterKey"> {
  const setVersion = command<[LoginId, number]>(db, sql.setVersion);
  const setKey = command<[LoginId, Uint8Array]>(db, sql.setKey);
  return {
    setStorageVersion: (login, version) => void setVersion(login, Number(version)),
    setMasterKey: (login, key) => void setKey(login, key),
  };
}
