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
import { recipientReads, recipientWrites } from "./recipients.ts";

const sql = {
  timer: "SELECT seconds, version FROM signal_timer WHERE login = ? AND chat = ?",
  setTimer: `INSERT INTO signal_timer (login, chat, seconds, version) VALUES (?, ?, ?, ?)
    ON CONFLICT (login, chat) DO UPDATE SET seconds = excluded.seconds, version = excluded.version`,
} as const;

/** The tables of this family; each row belongs to a login. */
const tables = ["signal_timer", "signal_recipient", "signal_storage"] as const;

function reads(db: Database): SignalFamilyReads {
  const timer = query<[LoginId, ChatId], ExpireTimer>(db, sql.timer);
  return { ...recipientReads(db), timer: async (login, chat) => timer.one(login, chat) };
}

function writes(db: Database): SignalFamilyWrites {
  const setTimer = command<[LoginId, ChatId, number, number]>(db, sql.setTimer);
  return {
    ...recipientWrites(db),
    setTimer: (login, chat, { seconds, version }) => void setTimer(login, chat, seconds, version),
  };
}

export const signalFamilyTables: FamilyTables<SignalFamilyReads, SignalFamilyWrites> = {
  key: signalFamily,
  migrations: new URL("./migrations/", import.meta.url),
  reads,
  writes,
  forget(db) {
    const runs = tables.map((table) => command<[LoginId]>(db, `DELETE FROM ${table} WHERE login = ?`));
    return (login) => {
      for (const run of runs) run(login);
    };
  },
};
