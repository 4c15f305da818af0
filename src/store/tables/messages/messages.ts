import { setImmediate } from "node:timers/promises";
import type { Database } from "better-sqlite3";
import type {
  ChatId,
  EventId,
  LoginId,
  MessageId,
  PersonId,
  RoomId,
  UserId,
} from "../../../core/model/ids.ts";
import type { Message } from "../../../core/ports/rows.ts";
import type { MessageReads, MessageWrites, TheirMessage } from "../../../core/ports/store.ts";
import { command, query } from "../../database/query.ts";

const columns = "login, chat, id, part, event, room, sender, at, form, shown_by";
const sql = {
  events: `SELECT ${columns} FROM message WHERE login = +? AND chat = +? AND id = +? ORDER BY part`,
  /** The newest where an edit into another kind gave the event to another message. */
  byEvent: `SELECT ${columns} FROM message WHERE event = ? AND room = ? AND login = coalesce(?, login)
    AND at = (SELECT max(at) FROM message WHERE event = ? AND room = ? AND login = coalesce(?, login)) ORDER BY item`,
  parts: `SELECT part, sender, shown_by FROM message WHERE login = +? AND chat = +? AND id = +?
    UNION SELECT link_part, link_sender, CASE WHEN link_sender IS NULL THEN sender END FROM hs_outbox
    WHERE link_login = +? AND link_chat = +? AND link_id = +? AND ended_at IS NULL
    UNION SELECT link_part, it.sender, CASE WHEN it.sender IS NULL THEN hs_outbox.sender END
    FROM hs_outbox_link AS it CROSS JOIN hs_outbox ON it.row = hs_outbox.id
    WHERE it.login = +? AND link_chat = +? AND link_id = +? AND ended_at IS NULL ORDER BY part`,
  /** Only the first part of each message. */
  newest: `SELECT ${columns} FROM message WHERE login = ? AND chat = ? AND sender = +? AND part = 0
    ORDER BY at DESC LIMIT 0 + ?`,
  placeOf: "SELECT place FROM message WHERE event = ? AND room = ? AND sender IS NOT NULL",
  /** Scans a range of the matrix outbox over all rooms, so that no query takes long. */
  sentTo: `SELECT DISTINCT message.id, message.sender FROM hs_outbox CROSS JOIN message
    ON message.event = hs_outbox.event AND message.room = hs_outbox.room
    WHERE hs_outbox.seq > ? AND hs_outbox.seq <= ? AND hs_outbox.room = ? AND message.sender IS NOT NULL
    AND message.login = coalesce(?, message.login)
    ORDER BY hs_outbox.seq DESC`,
  add: `INSERT INTO message (${columns}, item) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  remove: "DELETE FROM message WHERE login = ? AND chat = ? AND id = ? AND sender IS ?",
} as const;

/** The most rows of the outbox that one query scans. */
const SCAN_ROWS = 5_000;

interface MessageRow {
  readonly login: LoginId;
  readonly chat: ChatId;
  readonly id: MessageId;
  readonly part: number;
  readonly event: EventId;
  readonly room: RoomId;
  readonly sender: PersonId | null;
  readonly at: number;
  readonly form: string | null;
  readonly shown_by: UserId | null;
}

const toMessage = ({ form, shown_by: shownBy, ...row }: MessageRow): Message => ({
  ...row,
  ...(shownBy === null ? {} : { shownBy }),
  sender: row.sender ?? undefined,
  ...(form === null ? {} : { form }),
});

type Named = readonly [LoginId, ChatId, MessageId];

export function messageReads(db: Database): MessageReads {
  const events = query<[LoginId, ChatId, MessageId], MessageRow>(db, sql.events);
  const byEvent = query<[EventId, RoomId, LoginId | null, EventId, RoomId, LoginId | null], MessageRow>(
    db,
    sql.byEvent,
  );
  const parts = query<[...Named, ...Named, ...Named], Pick<MessageRow, "part" | "sender" | "shown_by">>(
    db,
    sql.parts,
  );
  const newest = query<[LoginId, ChatId, PersonId, number], MessageRow>(db, sql.newest);
  const placeOf = query<[EventId, RoomId], { readonly place: number }>(db, sql.placeOf);
  const sentTo = query<[number, number, RoomId, LoginId | null], TheirMessage>(db, sql.sentTo);
  return {
    events: async ({ login, chat }, id) => events.all(login, chat, id).map(toMessage),
    byEvent: async (room, event, login) => {
      const row = byEvent.one(event, room, login ?? null, event, room, login ?? null);
      return row && toMessage(row);
    },
    ofEvent: async (room, event, login) =>
      byEvent.all(event, room, login ?? null, event, room, login ?? null).map(toMessage),
    parts: async ({ login, chat }, id) =>
      parts
        .all(login, chat, id, login, chat, id, login, chat, id)
        .map(({ part, sender, shown_by: shownBy }) => ({
          part,
          sender: sender ?? undefined,
          ...(shownBy === null ? {} : { shownBy }),
        })),
    placeOf: async (room, event) => placeOf.one(event, room)?.place,
    async between(room, after, upTo, limit, login) {
      const found = new Map<MessageId, TheirMessage>();
      for (let end = upTo; end > after && found.size < limit; end -= SCAN_ROWS) {
        if (end !== upTo) await setImmediate();
        for (const one of sentTo.all(Math.max(after, end - SCAN_ROWS), end, room, login ?? null))
          found.set(one.id, one);
      }
      return Array.from(found.values()).slice(0, limit).toReversed();
    },
    newest: async ({ login, chat }, sender, limit) => newest.all(login, chat, sender, limit).map(toMessage),
  };
}

export function messageWrites(db: Database): MessageWrites {
  type InsertParams = [
    ...[login: LoginId, chat: ChatId, id: MessageId, part: number, event: EventId, room: RoomId],
    ...[sender: PersonId | null, at: number, form: string | null, shownBy: UserId | null, item: number],
  ];
  const add = command<InsertParams>(db, sql.add);
  const remove = command<[LoginId, ChatId, MessageId, PersonId | null]>(db, sql.remove);
  return {
    add({ login, chat, id, part, event, room, sender, at, form, shownBy }, item = 0) {
      const by = shownBy ?? null;
      add(login, chat, id, part, event, room, sender ?? null, at, form ?? null, by, item);
    },
    remove: ({ login, chat }, { id, sender }) => void remove(login, chat, id, sender ?? null),
  };
}
