import type { Database } from "better-sqlite3";
import type { ChatId, LoginId } from "../../core/model/ids.ts";
import type { DeadLetterReads, DeadLetterWrites } from "../../core/ports/queues.ts";
import type { DeadLetter } from "../../core/ports/rows.ts";
import { command, query } from "../database/query.ts";

const sql = {
  count: "SELECT count(*) AS count FROM dead_letter WHERE login = ?",
  newest:
    "SELECT direction, login, chat, ref, reason, at, body FROM dead_letter ORDER BY seq DESC LIMIT 0 + ?",
  /** Adds nothing for a login that was removed meanwhile. */
  add: `INSERT INTO dead_letter (direction, login, chat, ref, reason, at, body) SELECT ?, ?, ?, ?, ?, ?, ?
    WHERE ? IS NULL OR EXISTS (SELECT 1 FROM login WHERE id = ?)`,
} as const;

interface DeadLetterRow {
  readonly direction: DeadLetter["direction"];
  readonly login: LoginId | null;
  readonly chat: ChatId | null;
  readonly ref: string;
  readonly reason: string;
  readonly at: number;
  readonly body: string;
}

const toDeadLetter = ({ login, chat, ...row }: DeadLetterRow): DeadLetter => ({
  ...row,
  key: login === null || chat === null ? undefined : { login, chat },
});

export function deadLetterReads(db: Database): DeadLetterReads {
  const count = query<[LoginId], { readonly count: number }>(db, sql.count);
  const newest = query<[number], DeadLetterRow>(db, sql.newest);
  return {
    count: async (login) => count.one(login)?.count ?? 0,
    newest: async (limit) => newest.all(limit).map(toDeadLetter),
  };
}

type InsertParams = [
  ...[direction: string, login: LoginId | null, chat: ChatId | null, ref: string, reason: string, at: number],
  ...[body: string, login: LoginId | null, login: LoginId | null],
];

export function deadLetterWrites(db: Database): DeadLetterWrites {
  const add = command<InsertParams>(db, sql.add);
  return {
    add({ direction, key, ref, reason, at, body }) {
      const login = key?.login ?? null;
      add(direction, login, key?.chat ?? null, ref, reason, at, body, login, login);
    },
  };
}
