import type { Database } from "better-sqlite3";
import type { ChatId, EventId, LoginId, MessageId, PersonId, RoomId } from "../core/ids.ts";
import type { Message } from "../core/rows.ts";
import type { MessageReads, MessageWrites } from "../core/store.ts";
import { command, query } from "./query.ts";

const columns = "login, chat, id, part, event, room, sender";
const sql = {
  events: `SELECT ${columns} FROM message WHERE login = +? AND chat = +? AND id = +? ORDER BY part`,
  byEvent: `SELECT ${columns} FROM message WHERE event = ? AND room = ?`,
  add: `INSERT INTO message (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
} as const;

interface Row {
  readonly login: LoginId;
  readonly chat: ChatId;
  readonly id: MessageId;
  readonly part: number;
  readonly event: EventId;
  readonly room: RoomId;
  readonly sender: PersonId | null;
}

const toMessage = (row: Row): Message => ({ ...row, sender: row.sender ?? undefined });

export function messageReads(db: Database): MessageReads {
  const events = query<[LoginId, ChatId, MessageId], Row>(db, sql.events);
  const byEvent = query<[EventId, RoomId], Row>(db, sql.byEvent);
  return {
    events: async ({ login, chat }, id) => events.all(login, chat, id).map(toMessage),
    byEvent: async (room, event) => {
      const row = byEvent.one(event, room);
      return row && toMessage(row);
    },
  };
}

export function messageWrites(db: Database): MessageWrites {
  const add = command<[LoginId, ChatId, MessageId, number, EventId, RoomId, PersonId | null]>(db, sql.add);
  return {
    add: (it) => void add(it.login, it.chat, it.id, it.part, it.event, it.room, it.sender ?? null),
  };
}
