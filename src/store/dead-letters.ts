import type { Database } from "better-sqlite3";
import type { ChatId, LoginId } from "../core/ids.ts";
import type { DeadLetter } from "../core/rows.ts";
import type { DeadLetterReads, DeadLetterWrites } from "../core/store.ts";
import { command, query } from "./query.ts";

const sql = {
  count: "SELECT count(*) AS count FROM dead_letter WHERE login = ?",
  newest:
    "SELECT direction, login, chat, ref, reason, at, body FROM dead_letter ORDER BY seq DESC LIMIT 0 + ?",
  add: "INSERT INTO dead_letter (direction, login, chat, ref, reason, at, body) VALUES (?, ?, ?, ?, ?, ?, ?)",
} as const;

interface Row {
  readonly direction: DeadLetter["direction"];
  readonly login: LoginId | null;
  readonly chat: ChatId | null;
  readonly ref: string;
  readonly reason: string;
  readonly at: number;
  readonly body: string;
}

const toDeadLetter = ({ login, chat, ...row }: Row): DeadLetter => ({
  ...row,
  key: login === null || chat === null ? undefined : { login, chat },
});

export function deadLetterReads(db: Database): DeadLetterReads {
  const count = query<[LoginId], { readonly count: number }>(db, sql.count);
  const newest = query<[number], Row>(db, sql.newest);
  return {
    count: async (login) => count.one(login)?.count ?? 0,
    newest: async (limit) => newest.all(limit).map(toDeadLetter),
  };
}

export function deadLetterWrites(db: Database): DeadLetterWrites {
  const add = command<[string, LoginId | null, ChatId | null, string, string, number, string]>(db, sql.add);
  return {
    add({ direction, key, ref, reason, at, body }) {
      add(direction, key?.login ?? null, key?.chat ?? null, ref, reason, at, body);
    },
  };
}
