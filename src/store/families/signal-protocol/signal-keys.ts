import type { Database } from "better-sqlite3";
import type { LoginId } from "../../../core/model/ids.ts";
import {
  type SignalReads,
  type SignalWrites,
  signalRecords,
} from "../../../signal-protocol/signal-records.ts";
import { bytes, command, query } from "../../database/query.ts";
import type { FamilyTables } from "../family-tables.ts";
import { type PreKeyReads, type PreKeyWrites, preKeyReads, preKeyWrites } from "./signal-prekeys.ts";

const sql = {
  own: "SELECT key, registration_id FROM signal_identity WHERE login = ? AND address = ''",
  setOwn: `INSERT INTO signal_identity (login, address, key, registration_id) VALUES (?, '', ?, ?)
    ON CONFLICT (login, address) DO UPDATE SET key = excluded.key, registration_id = excluded.registration_id`,
  identity: "SELECT key FROM signal_identity WHERE login = ? AND address = ? AND registration_id IS NULL",
  setIdentity: `INSERT INTO signal_identity (login, address, key) VALUES (?, ?, ?)
    ON CONFLICT (login, address) DO UPDATE SET key = excluded.key, registration_id = NULL`,
  session: "SELECT record FROM signal_session WHERE login = ? AND address = ?",
  setSession: `INSERT INTO signal_session (login, address, record) VALUES (?, ?, ?)
    ON CONFLICT (login, address) DO UPDATE SET record = excluded.record`,
  senderKey: "SELECT record FROM sender_key WHERE login = ? AND address = ? AND distribution = ?",
  setSenderKey: `INSERT INTO sender_key (login, address, distribution, record) VALUES (?, ?, ?, ?)
    ON CONFLICT (login, address, distribution) DO UPDATE SET record = excluded.record`,
} as const;

const forgotten = [
  "signal_identity",
  "signal_session",
  "signal_prekey",
  "signal_signed_prekey",
  "signal_kyber_prekey",
  "signal_prekey_last",
  "signal_kyber_use",
  "sender_key",
] as const;

interface OwnRow {
  readonly key: Uint8Array;
  readonly registration_id: number;
}
interface IdentityRow {
  readonly key: Uint8Array;
}
interface RecordRow {
  readonly record: Uint8Array;
}

function signalReads(db: Database): SignalReads {
  const own = query<[LoginId], OwnRow>(db, sql.own);
  const identity = query<[LoginId, string], IdentityRow>(db, sql.identity);
  const session = query<[LoginId, string], RecordRow>(db, sql.session);
  const senderKey = query<[LoginId, string, string], RecordRow>(db, sql.senderKey);
  const preKeys: PreKeyReads = preKeyReads(db);
  return {
    ...preKeys,
    own: async (login) => {
      const row = own.one(login);
      return row && { keyPair: bytes(row.key), registrationId: row.registration_id };
    },
    identity: async (login, address) => {
      const row = identity.one(login, address);
      return row && bytes(row.key);
    },
    session: async (login, address) => {
      const row = session.one(login, address);
      return row && bytes(row.record);
    },
    senderKey: async (login, address, distribution) => {
      const row = senderKey.one(login, address, distribution);
      return row && bytes(row.record);
    },
  };
}

function signalWrites(db: Database): SignalWrites {
  const setOwn = command<[LoginId, Uint8Array, number]>(db, sql.setOwn);
  const setIdentity = command<[LoginId, string, Uint8Array]>(db, sql.setIdentity);
  const setSession = command<[LoginId, string, Uint8Array]>(db, sql.setSession);
  const setSenderKey = command<[LoginId, string, string, Uint8Array]>(db, sql.setSenderKey);
  const preKeys: PreKeyWrites = preKeyWrites(db);
  return {
    ...preKeys,
    setOwn: (login, { keyPair, registrationId }) => void setOwn(login, keyPair, registrationId),
    setIdentity: (login, address, key) => void setIdentity(login, address, key),
    setSession: (login, address, record) => void setSession(login, address, record),
    setSenderKey: (login, address, distribution, record) =>
      void setSenderKey(login, address, distribution, record),
  };
}

function forgetLogin(db: Database): (login: LoginId) => void {
  const forget = forgotten.map((table) => command<[LoginId]>(db, `DELETE FROM ${table} WHERE login = ?`));
  return (login) => {
    for (const run of forget) run(login);
  };
}

export const signalTables: FamilyTables<SignalReads, SignalWrites> = {
  key: signalRecords,
  reads: signalReads,
  writes: signalWrites,
  forget: forgetLogin,
};
