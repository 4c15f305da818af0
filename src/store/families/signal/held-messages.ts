import type { Database } from "better-sqlite3";
import type { ChatId, LoginId, PersonId } from "../../../core/model/ids.ts";
import type {
  HeldMessage,
  SignalGroupReads,
  SignalGroupWrites,
} from "../../../networks/signal/group-records.ts";
import { bytes, command, query } from "../../database/query.ts";

interface HeldRow {
  readonly seq: number;
  readonly sender: PersonId;
  readonly device: number;
  readonly account: HeldMessage["account"];
  readonly timestamp: number;
  readonly at: number;
  readonly content: Uint8Array;
}

/** The most bytes of messages that are read at once. */
const MOST_BYTES = 1024 * 1024;

const sql = {
  chats: "SELECT DISTINCT chat FROM signal_held WHERE login = ?",
  first: `SELECT seq, sender, device, account, timestamp, at, content FROM signal_held
    WHERE login = ? AND chat = ? ORDER BY seq LIMIT ?`,
  hold: `INSERT INTO signal_held (login, chat, sender, device, account, timestamp, at, content)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  release: "DELETE FROM signal_held WHERE login = ? AND chat = ? AND seq <= ?",
  // Anybody can name a group that is none, or not our person's: nothing of it stays.
  forget: `DELETE FROM signal_group AS it WHERE login = ? AND chat = ? AND state IS NULL AND storage_id IS NULL
    AND NOT EXISTS (SELECT 1 FROM signal_held WHERE login = it.login AND chat = it.chat)`,
} as const;

export function heldReads(db: Database): Pick<SignalGroupReads, "holding" | "held"> {
  const chats = query<[LoginId], { readonly chat: ChatId }>(db, sql.chats);
  const first = query<[LoginId, ChatId, number], HeldRow>(db, sql.first);
  return {
    holding: async (login) => chats.all(login).map(({ chat }) => chat),
    held: async (login, chat, most) =>
      first
        .within(MOST_BYTES, ({ content }) => content.length, login, chat, most)
        .map((row) => ({ ...row, content: bytes(row.content) })),
  };
}

export function heldWrites(db: Database): Pick<SignalGroupWrites, "hold" | "release"> {
  const hold = command<[LoginId, ChatId, PersonId, number, string, number, number, Uint8Array]>(db, sql.hold);
  const release = command<[LoginId, ChatId, number]>(db, sql.release);
  const forget = command<[LoginId, ChatId]>(db, sql.forget);
  return {
    hold: (login, chat, { sender, device, account, timestamp, at, content }) =>
      void hold(login, chat, sender, device, account, timestamp, at, content),
    release(login, chat, seq) {
      release(login, chat, seq);
      forget(login, chat);
    },
  };
}
