import type { Database } from "better-sqlite3";
import type { ChatId, LoginId } from "../../../core/model/ids.ts";
import {
  type ExpireTimer,
  type SignalFamilyReads,
  type SignalFamilyWrites,
  signalFamily,
} from "../../../networks/signal/records.ts";
import { command, query } from "../../database/query.ts";
import type { FamilyTables } from "../family-tables.ts";
import { accountStorageReads, accountStorageWrites } from "./account-storage.ts";
import { foldedName } from "./folded-name.ts";
import { groupReads, groupWrites } from "./groups.ts";
import { heldReads, heldWrites } from "./held-messages.ts";
import { recipientReads, recipientWrites } from "./recipients.ts";
import { senderKeyReads, senderKeyWrites } from "./sender-keys.ts";

const sql = {
  timer: "SELECT seconds, version FROM signal_timer WHERE login = ? AND chat = ?",
  setTimer: `INSERT INTO signal_timer (login, chat, seconds, version) VALUES (?, ?, ?, ?)
    ON CONFLICT (login, chat) DO UPDATE SET seconds = excluded.seconds, version = excluded.version
    WHERE excluded.version >= version`,
  offerTimer: `INSERT INTO signal_timer (login, chat, seconds, version) VALUES (?, ?, ?, ?)
    ON CONFLICT (login, chat) DO UPDATE SET seconds = excluded.seconds, version = excluded.version
    WHERE excluded.version > version`,
  copyTimer: `INSERT INTO signal_timer (login, chat, seconds, version)
    SELECT login, ?, seconds, version FROM signal_timer WHERE login = ? AND chat = ?
    ON CONFLICT (login, chat) DO UPDATE SET seconds = excluded.seconds, version = excluded.version
    WHERE excluded.version > version`,
  removeTimer: "DELETE FROM signal_timer WHERE login = ? AND chat = ?",
} as const;

/** The tables of this family; each row belongs to a login. */
const tables = [
  "signal_timer",
  "signal_recipient",
  "signal_storage",
  "signal_group",
  "signal_held",
  "signal_group_key",
  "signal_key_holder",
] as const;

function reads(db: Database): SignalFamilyReads {
  const timer = query<[LoginId, ChatId], ExpireTimer>(db, sql.timer);
  return {
    ...accountStorageReads(db),
    ...groupReads(db),
    ...heldReads(db),
    ...recipientReads(db),
    ...senderKeyReads(db),
    timer: async (login, chat) => timer.one(login, chat),
  };
}

function writes(db: Database): SignalFamilyWrites {
  const setTimer = command<[LoginId, ChatId, number, number]>(db, sql.setTimer);
  const offerTimer = command<[LoginId, ChatId, number, number]>(db, sql.offerTimer);
  const copyTimer = command<[ChatId, LoginId, ChatId]>(db, sql.copyTimer);
  const removeTimer = command<[LoginId, ChatId]>(db, sql.removeTimer);
  return {
    ...accountStorageWrites(db),
    ...groupWrites(db),
    ...heldWrites(db),
    ...recipientWrites(db),
    ...senderKeyWrites(db),
    setTimer: (login, chat, { seconds, version }) => void setTimer(login, chat, seconds, version),
    offerTimer: (login, chat, { seconds, version }) => void offerTimer(login, chat, seconds, version),
    moveTimer(login, from, to) {
      copyTimer(to, login, from);
      removeTimer(login, from);
    },
  };
}

export const signalFamilyTables: FamilyTables<SignalFamilyReads, SignalFamilyWrites> = {
  key: signalFamily,
  migrations: new URL("./migrations/", import.meta.url),
  prepare(db) {
    const folded = (name: string | null) => (name === null ? null : foldedName(name));
    db.function("folded", { deterministic: true }, folded);
  },
  reads,
  writes,
  forget(db) {
    const runs = tables.map((table) => command<[LoginId]>(db, `DELETE FROM ${table} WHERE login = ?`));
    return (login) => {
      for (const run of runs) run(login);
    };
  },
};
