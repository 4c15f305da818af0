import type { Database } from "better-sqlite3";
import type { ChatId, LoginId, MessageId } from "../../../core/model/ids.ts";
import type { NetworkInboxReads } from "../../../core/ports/queues.ts";
import { query } from "../../database/query.ts";

/**
 * The chats of a login in a table. The recursion reads the index on (login, chat) once a chat, however many rows each
 * has.
 */
const chatsIn = (
  table: string,
): string => `SELECT min(chat) FROM ${table} WHERE login = (SELECT login FROM asked)
  UNION ALL SELECT (SELECT min(chat) FROM ${table} WHERE login = (SELECT login FROM asked) AND chat > chats.chat)
    FROM chats WHERE chats.chat IS NOT NULL`;

const rowsOfChat = (table: string): string =>
  `SELECT 1 FROM ${table} AS it WHERE it.login = asked.login AND it.chat = chats.chat`;

const sql = {
  message: `WITH RECURSIVE asked (login, id, sender) AS (SELECT ?, ?, ?), chats (chat) AS (${chatsIn("message")})
    SELECT chat FROM chats, asked WHERE EXISTS (${rowsOfChat("message")} AND it.sender IS asked.sender AND it.id IN
        (asked.id, (SELECT ours FROM learnt_id WHERE login = it.login AND chat = it.chat AND learnt = asked.id)))
      OR EXISTS (${rowsOfChat("revision")} AND it.sender IS asked.sender AND it.remote = asked.id) LIMIT 1`,
  inbox: `WITH RECURSIVE asked (login, id, sender) AS (SELECT ?, ?, ?), chats (chat) AS (${chatsIn("net_inbox")})
    SELECT chat FROM chats, asked WHERE chats.chat <> '' AND EXISTS (${rowsOfChat("net_inbox")} AND it.id = asked.id
      AND it.sender = asked.sender AND it.kind IN ('message', 'edit')) LIMIT 1`,
} as const;

interface ChatRow {
  readonly chat: ChatId;
}

/** Finds the chat of a message by its sender and id: among shown messages and edits, then in the network inbox. */
export function chatOfMessage(
  db: Database,
): (login: LoginId, message: Parameters<NetworkInboxReads["chatOf"]>[1]) => ChatId | undefined {
  const inMessages = query<[LoginId, MessageId, string | null], ChatRow>(db, sql.message);
  const inInbox = query<[LoginId, MessageId, string], ChatRow>(db, sql.inbox);
  return (login, { id, sender }) =>
    (inMessages.one(login, id, sender ?? null) ?? inInbox.one(login, id, sender ?? ""))?.chat;
}
