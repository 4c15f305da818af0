import type { Database } from "better-sqlite3";
import type { ChatId, LoginId, MessageId } from "../../core/model/ids.ts";
import type { NetworkInboxReads } from "../../core/ports/queues.ts";
import { query } from "../database/query.ts";

/** A table's chats of a login by the index that begins with them: one step a chat, however many rows each has. */
const chatsIn = (
  table: string,
): string => `SELECT min(chat) FROM ${table} WHERE login = (SELECT login FROM asked)
  UNION ALL SELECT (SELECT min(chat) FROM ${table} WHERE login = (SELECT login FROM asked) AND chat > known.chat)
    FROM known WHERE known.chat IS NOT NULL`;

const here = (table: string): string =>
  `SELECT 1 FROM ${table} AS it WHERE it.login = asked.login AND it.chat = known.chat`;

const sql = {
  shown: `WITH RECURSIVE asked (login, id, sender) AS (SELECT ?, ?, ?), known (chat) AS (${chatsIn("message")})
    SELECT chat FROM known, asked WHERE EXISTS (${here("message")} AND it.sender IS asked.sender AND it.id IN
        (asked.id, (SELECT ours FROM learnt_id WHERE login = it.login AND chat = it.chat AND learnt = asked.id)))
      OR EXISTS (${here("revision")} AND it.sender IS asked.sender AND it.remote = asked.id) LIMIT 1`,
  taken: `WITH RECURSIVE asked (login, id, sender) AS (SELECT ?, ?, ?), known (chat) AS (${chatsIn("net_inbox")})
    SELECT chat FROM known, asked WHERE known.chat <> '' AND EXISTS (${here("net_inbox")} AND it.id = asked.id
      AND it.sender = asked.sender AND it.kind IN ('message', 'edit')) LIMIT 1`,
} as const;

interface Row {
  readonly chat: ChatId;
}

/** Finds the chat of a message that is named by its sender and id alone. */
export function chatOfMessage(
  db: Database,
): (login: LoginId, message: Parameters<NetworkInboxReads["chatOf"]>[1]) => ChatId | undefined {
  const shown = query<[LoginId, MessageId, string | null], Row>(db, sql.shown);
  const taken = query<[LoginId, MessageId, string], Row>(db, sql.taken);
  return (login, { id, sender }) =>
    (shown.one(login, id, sender ?? null) ?? taken.one(login, id, sender ?? ""))?.chat;
}
