import type { Database } from "better-sqlite3";
import type { ChatId, LoginId, MessageId } from "../../../core/model/ids.ts";
import type { LearntIdReads, LearntIdWrites } from "../../../core/ports/store.ts";
import { command, query } from "../../database/query.ts";

const sql = {
  of: "SELECT learnt AS id FROM learnt_id WHERE login = ? AND chat = ? AND ours = ?",
  ours: "SELECT ours AS id FROM learnt_id WHERE login = ? AND chat = ? AND learnt = ?",
  add: "INSERT INTO learnt_id (login, chat, learnt, ours) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
  forget: "DELETE FROM learnt_id WHERE login = ? AND chat = ? AND ours = ?",
} as const;

interface IdRow {
  readonly id: MessageId;
}

export function learntIdReads(db: Database): LearntIdReads {
  const of = query<[LoginId, ChatId, MessageId], IdRow>(db, sql.of);
  const ours = query<[LoginId, ChatId, MessageId], IdRow>(db, sql.ours);
  return {
    of: async ({ login, chat }, id) => of.one(login, chat, id)?.id,
    ours: async ({ login, chat }, id) => ours.one(login, chat, id)?.id,
  };
}

export function learntIdWrites(db: Database): LearntIdWrites {
  const add = command<[LoginId, ChatId, MessageId, MessageId]>(db, sql.add);
  const forget = command<[LoginId, ChatId, MessageId]>(db, sql.forget);
  return {
    add: ({ login, chat }, { learnt, ours }) => void add(login, chat, learnt, ours),
    forget: ({ login, chat }, ours) => void forget(login, chat, ours),
  };
}
