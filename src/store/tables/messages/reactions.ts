import type { Database } from "better-sqlite3";
import type {
  ChatId,
  EventId,
  LoginId,
  MessageId,
  OutboxId,
  PersonId,
  RoomId,
} from "../../../core/model/ids.ts";
import type { Reaction } from "../../../core/ports/rows.ts";
import type { ReactionReads, ReactionWrites } from "../../../core/ports/store.ts";
import { command, query } from "../../database/query.ts";

const columns = "login, chat, target, sender, emoji, room, event, row";
const sql = {
  byEvent: `SELECT ${columns} FROM reaction WHERE event = ? AND room = ? AND login = coalesce(?, login)`,
  of: `SELECT ${columns} FROM reaction WHERE login = ? AND chat = ? AND target = ? AND sender = ?`,
  ofMessage: `SELECT ${columns} FROM reaction WHERE login = ? AND chat = ? AND target = ?`,
  put: `INSERT INTO reaction (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (login, chat, target, sender) DO UPDATE
    SET emoji = excluded.emoji, room = excluded.room, event = excluded.event, row = excluded.row`,
  remove: "DELETE FROM reaction WHERE login = ? AND chat = ? AND target = ? AND sender = ?",
} as const;

/** Our own person in the key, which cannot be NULL. */
const OWN = "";

interface ReactionRow {
  readonly login: LoginId;
  readonly chat: ChatId;
  readonly target: MessageId;
  readonly sender: PersonId | typeof OWN;
  readonly emoji: string;
  readonly room: RoomId;
  readonly event: EventId | null;
  readonly row: OutboxId | null;
}

const toReaction = (it: ReactionRow): Reaction => ({
  ...it,
  sender: it.sender === OWN ? undefined : it.sender,
  event: it.event ?? undefined,
  row: it.row ?? undefined,
});

export function reactionReads(db: Database): ReactionReads {
  const byEvent = query<[EventId, RoomId, LoginId | null], ReactionRow>(db, sql.byEvent);
  const of = query<[LoginId, ChatId, MessageId, string], ReactionRow>(db, sql.of);
  const ofMessage = query<[LoginId, ChatId, MessageId], ReactionRow>(db, sql.ofMessage);
  const one = (row: ReactionRow | undefined): Reaction | undefined => row && toReaction(row);
  return {
    byEvent: async (room, event, login) => one(byEvent.one(event, room, login ?? null)),
    of: async ({ login, chat }, target, sender) => one(of.one(login, chat, target, sender ?? OWN)),
    ofMessage: async ({ login, chat }, target) => ofMessage.all(login, chat, target).map(toReaction),
  };
}

export function reactionWrites(db: Database): ReactionWrites {
  const put = command<[LoginId, ChatId, MessageId, string, string, RoomId, EventId | null, OutboxId | null]>(
    db,
    sql.put,
  );
  const remove = command<[LoginId, ChatId, MessageId, string]>(db, sql.remove);
  return {
    put({ login, chat, target, sender, emoji, room, event, row }) {
      put(login, chat, target, sender ?? OWN, emoji, room, event ?? null, row ?? null);
    },
    remove: ({ login, chat }, target, sender) => void remove(login, chat, target, sender ?? OWN),
  };
}
