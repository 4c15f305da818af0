import type { Database } from "better-sqlite3";
import type { LoginId } from "../../../core/model/ids.ts";
import type {
  AccountKey,
  PreKeyKind,
  SignalReads,
  SignalWrites,
} from "../../../signal-protocol/signal-records.ts";
import { bytes, command, query } from "../../database/query.ts";

type PreKeyReads = Pick<
  SignalReads,
  "preKey" | "preKeyIds" | "lastPreKeyId" | "newestPreKeyAt" | "kyberUsed"
>;
type PreKeyWrites = Pick<SignalWrites, "addPreKey" | "removePreKey" | "dropPreKeysBefore" | "markKyberUsed">;

/** A kind's table, with the columns of its key beside the id and their values. */
interface KindTable {
  readonly table: string;
  readonly columns: string;
  readonly values: string;
  readonly where: string;
}

const kyber = (lastResort: 0 | 1): KindTable => ({
  table: "signal_kyber_prekey",
  columns: "login, account, last_resort",
  values: `?, ?, ${lastResort}`,
  where: `login = ? AND account = ? AND last_resort = ${lastResort}`,
});
const plain = (table: string): KindTable => ({
  table,
  columns: "login, account",
  values: "?, ?",
  where: "login = ? AND account = ?",
});

const kindTables: { readonly [K in PreKeyKind]: KindTable } = {
  "one-time": plain("signal_prekey"),
  signed: plain("signal_signed_prekey"),
  kyber: kyber(0),
  "kyber-last-resort": kyber(1),
};

const sql = {
  get: ({ table, where }: KindTable) => `SELECT record FROM ${table} WHERE ${where} AND id = ?`,
  ids: ({ table, where }: KindTable) => `SELECT id FROM ${table} WHERE ${where} ORDER BY id`,
  newest: ({ table, where }: KindTable) => `SELECT max(made_at) AS at FROM ${table} WHERE ${where}`,
  add: ({ table, columns, values }: KindTable) =>
    `INSERT INTO ${table} (${columns}, id, record, made_at) VALUES (${values}, ?, ?, ?)
      ON CONFLICT DO UPDATE SET record = excluded.record, made_at = excluded.made_at`,
  remove: ({ table, where }: KindTable) => `DELETE FROM ${table} WHERE ${where} AND id = ?`,
  dropBefore: ({ table, where }: KindTable) => `DELETE FROM ${table} WHERE ${where} AND made_at < ?`,
  last: "SELECT id FROM signal_prekey_last WHERE login = ? AND account = ? AND kind = ?",
  setLast: `INSERT INTO signal_prekey_last (login, account, kind, id) VALUES (?, ?, ?, ?)
    ON CONFLICT (login, account, kind) DO UPDATE SET id = max(id, excluded.id)`,
  used: `SELECT 1 AS used FROM signal_kyber_use
    WHERE login = ? AND account = ? AND kyber_id = ? AND signed_id = ? AND base_key = ?`,
  markUsed: `INSERT INTO signal_kyber_use (login, account, kyber_id, signed_id, base_key) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO NOTHING`,
  dropUses: `DELETE FROM signal_kyber_use AS used WHERE login = ? AND account = ? AND NOT EXISTS
    (SELECT 1 FROM signal_kyber_prekey WHERE login = used.login AND account = used.account AND id = used.kyber_id)`,
} as const;

type Account = [login: LoginId, account: AccountKey["account"]];

const perKind = <T>(make: (table: KindTable) => T): { readonly [K in PreKeyKind]: T } => ({
  "one-time": make(kindTables["one-time"]),
  signed: make(kindTables.signed),
  kyber: make(kindTables.kyber),
  "kyber-last-resort": make(kindTables["kyber-last-resort"]),
});

export function preKeyReads(db: Database): PreKeyReads {
  const get = perKind((it) => query<[...Account, number], { readonly record: Uint8Array }>(db, sql.get(it)));
  const ids = perKind((it) => query<Account, { readonly id: number }>(db, sql.ids(it)));
  const newest = perKind((it) => query<Account, { readonly at: number | null }>(db, sql.newest(it)));
  const last = query<[...Account, PreKeyKind], { readonly id: number }>(db, sql.last);
  const used = query<[...Account, number, number, Uint8Array], { readonly used: 1 }>(db, sql.used);
  return {
    preKey: async ({ login, account }, kind, id) => {
      const row = get[kind].one(login, account, id);
      return row && bytes(row.record);
    },
    preKeyIds: async ({ login, account }, kind) => ids[kind].all(login, account).map(({ id }) => id),
    lastPreKeyId: async ({ login, account }, kind) => last.one(login, account, kind)?.id ?? 0,
    newestPreKeyAt: async ({ login, account }, kind) => newest[kind].one(login, account)?.at ?? undefined,
    kyberUsed: async ({ login, account }, { kyberId, signedId, baseKey }) =>
      used.one(login, account, kyberId, signedId, baseKey) !== undefined,
  };
}

export function preKeyWrites(db: Database): PreKeyWrites {
  const add = perKind((it) => command<[...Account, number, Uint8Array, number]>(db, sql.add(it)));
  const remove = perKind((it) => command<[...Account, number]>(db, sql.remove(it)));
  const dropBefore = perKind((it) => command<[...Account, number]>(db, sql.dropBefore(it)));
  const setLast = command<[...Account, PreKeyKind, number]>(db, sql.setLast);
  const markUsed = command<[...Account, number, number, Uint8Array]>(db, sql.markUsed);
  const dropUses = command<Account>(db, sql.dropUses);
  return {
    addPreKey({ login, account }, kind, id, record, at) {
      add[kind](login, account, id, record, at);
      setLast(login, account, kind, id);
    },
    removePreKey: ({ login, account }, kind, id) => void remove[kind](login, account, id),
    dropPreKeysBefore({ login, account }, kind, at) {
      const dropped = dropBefore[kind](login, account, at);
      // No session can be set up with a key that is gone, so what it was used with can be forgotten.
      if (dropped > 0 && kind === "kyber-last-resort") dropUses(login, account);
    },
    markKyberUsed: ({ login, account }, { kyberId, signedId, baseKey }) =>
      void markUsed(login, account, kyberId, signedId, baseKey),
  };
}
