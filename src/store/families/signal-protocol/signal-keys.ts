import { SessionRecord } from "@signalapp/libsignal-client";
import type { Database } from "better-sqlite3";
import type { LoginId } from "../../../core/model/ids.ts";
import {
  type AccountKey,
  type SignalReads,
  type SignalWrites,
  signalRecords,
} from "../../../signal-protocol/signal-records.ts";
import { bytes, command, query } from "../../database/query.ts";
import type { FamilyTables } from "../family-tables.ts";
import { preKeyReads, preKeyWrites } from "./signal-prekeys.ts";

const upsert = (table: string, key: readonly string[], values: readonly string[]): string => {
  const columns = [...key, ...values];
  const replaced = values.map((column) => `${column} = excluded.${column}`);
  return `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})
    ON CONFLICT (${key.join(", ")}) DO UPDATE SET ${replaced.join(", ")}`;
};
const account = ["login", "account"] as const;
const device = [...account, "name", "device"] as const;
const where = (key: readonly string[]): string => key.map((column) => `${column} = ?`).join(" AND ");

const sql = {
  own: `SELECT key, registration_id FROM signal_account WHERE ${where(account)}`,
  setOwn: upsert("signal_account", account, ["key", "registration_id"]),
  identity: "SELECT key FROM signal_contact_identity WHERE login = ? AND name = ?",
  setIdentity: upsert("signal_contact_identity", ["login", "name"], ["key"]),
  session: `SELECT record FROM signal_session WHERE ${where(device)}`,
  devices: `SELECT device FROM signal_session WHERE ${where([...account, "name"])} ORDER BY device`,
  setSession: upsert("signal_session", device, ["record"]),
  senderKey: `SELECT record FROM signal_sender_key WHERE ${where([...device, "distribution"])}`,
  setSenderKey: upsert("signal_sender_key", [...device, "distribution"], ["record"]),
  dropSessions: `DELETE FROM signal_session WHERE ${where(account)}`,
  dropSenderKeys: `DELETE FROM signal_sender_key WHERE ${where(account)}`,
} as const;

/** The tables of this family; each row belongs to a login. */
const tables = [
  "signal_account",
  "signal_contact_identity",
  "signal_session",
  "signal_prekey",
  "signal_signed_prekey",
  "signal_kyber_prekey",
  "signal_prekey_last",
  "signal_kyber_use",
  "signal_sender_key",
] as const;

type Account = [login: LoginId, account: AccountKey["account"]];
type Device = [...Account, name: string, device: number];

interface AccountRow {
  readonly key: Uint8Array;
  readonly registration_id: number;
}
type IdentityRow = Pick<AccountRow, "key">;
interface SignalRecordRow {
  readonly record: Uint8Array;
}

function signalReads(db: Database): SignalReads {
  const own = query<Account, AccountRow>(db, sql.own);
  const identity = query<[LoginId, string], IdentityRow>(db, sql.identity);
  const session = query<Device, SignalRecordRow>(db, sql.session);
  const devices = query<[...Account, string], { readonly device: number }>(db, sql.devices);
  const senderKey = query<[...Device, string], SignalRecordRow>(db, sql.senderKey);
  return {
    ...preKeyReads(db),
    own: async ({ login, account }) => {
      const row = own.one(login, account);
      return row && { keyPair: bytes(row.key), registrationId: row.registration_id };
    },
    identity: async (login, name) => {
      const row = identity.one(login, name);
      return row && bytes(row.key);
    },
    session: async ({ login, account }, { name, device }) => {
      const row = session.one(login, account, name, device);
      return row && bytes(row.record);
    },
    devices: async ({ login, account }, name) => devices.all(login, account, name).map((row) => row.device),
    senderKey: async ({ login, account }, { name, device }, distribution) => {
      const row = senderKey.one(login, account, name, device, distribution);
      return row && bytes(row.record);
    },
  };
}

function signalWrites(db: Database): SignalWrites {
  const setOwn = command<[...Account, Uint8Array, number]>(db, sql.setOwn);
  const setIdentity = command<[LoginId, string, Uint8Array]>(db, sql.setIdentity);
  const setSession = command<[...Device, Uint8Array]>(db, sql.setSession);
  const setSenderKey = command<[...Device, string, Uint8Array]>(db, sql.setSenderKey);
  const dropSessions = command<Account>(db, sql.dropSessions);
  const dropSenderKeys = command<Account>(db, sql.dropSenderKeys);
  return {
    ...preKeyWrites(db),
    setOwn: ({ login, account }, { keyPair, registrationId }) =>
      void setOwn(login, account, keyPair, registrationId),
    setIdentity: (login, name, key) => void setIdentity(login, name, key),
    setSession: ({ login, account }, { name, device }, record) =>
      void setSession(login, account, name, device, record),
    setSenderKey: ({ login, account }, { name, device }, distribution, record) =>
      void setSenderKey(login, account, name, device, distribution, record),
    dropSessions({ login, account }) {
      dropSessions(login, account);
      dropSenderKeys(login, account);
    },
  };
}

export const signalTables: FamilyTables<SignalReads, SignalWrites> = {
  key: signalRecords,
  migrations: new URL("./migrations/", import.meta.url),
  reads: signalReads,
  writes: signalWrites,
  // The phones' side of the sessions has gone on, so none is written with any more. What was encrypted for one before can
  // still be read.
  restore(db) {
    const sessions = db.prepare<[], { readonly rowid: number; readonly record: Uint8Array<ArrayBuffer> }>(
      "SELECT rowid, record FROM signal_session",
    );
    const set = db.prepare("UPDATE signal_session SET record = ? WHERE rowid = ?");
    for (const { rowid, record } of sessions.all()) {
      const session = SessionRecord.deserialize(bytes(record));
      session.archiveCurrentState();
      set.run(session.serialize(), rowid);
    }
  },
  forget(db) {
    const runs = tables.map((table) => command<[LoginId]>(db, `DELETE FROM ${table} WHERE login = ?`));
    return (login) => {
      for (const run of runs) run(login);
    };
  },
};
