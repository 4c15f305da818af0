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
import type { Revision } from "../../../core/ports/rows.ts";
import type {
  RevisionReads,
  RevisionWrites,
  WithdrawnReads,
  WithdrawnWrites,
} from "../../../core/ports/store.ts";
import { command, query } from "../../database/query.ts";

const columns = "login, chat, id, part, sender, room, original, event, row, remote, at";
const sql = {
  byEvent: `SELECT ${columns} FROM revision WHERE event = ? AND room = ? AND login = coalesce(?, login)`,
  byRemote: `SELECT ${columns} FROM revision WHERE login = ? AND chat = ? AND remote = ? ORDER BY part LIMIT 1`,
  /** In the order in which clients apply edits (spec: Event replacements). */
  ofEvent: `SELECT ${columns} FROM revision WHERE original = ? AND room = ? AND login = coalesce(?, login) ORDER BY at, event`,
  ofMessage: `SELECT ${columns} FROM revision WHERE login = ? AND chat = ? AND id = ? ORDER BY seq`,
  add: `INSERT INTO revision (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  remove: "DELETE FROM revision WHERE event = ? AND room = ?",
  /** The row stays, because the edit's own id still leads to its message. */
  forget: `UPDATE revision SET event = NULL, row = NULL
    WHERE login = ? AND chat = ? AND id = ? AND part = ? AND sender IS ?`,
  withdrawn: "SELECT sender, part FROM withdrawn WHERE login = ? AND chat = ? AND id = ?",
  withdraw: `INSERT INTO withdrawn (login, chat, id, sender, part) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  restore: "DELETE FROM withdrawn WHERE login = ? AND chat = ? AND id = ? AND sender = ? AND part = ?",
} as const;

/** The whole message and our own person in the key, which cannot be NULL. */
const WHOLE = -1;
const OWN = "";

interface RevisionRow {
  readonly login: LoginId;
  readonly chat: ChatId;
  readonly id: MessageId;
  readonly part: number;
  readonly sender: PersonId | null;
  readonly room: RoomId;
  readonly original: EventId | null;
  readonly event: EventId | null;
  readonly row: OutboxId | null;
  readonly remote: MessageId | null;
  readonly at: number;
}

const toRevision = (it: RevisionRow): Revision => ({
  ...it,
  sender: it.sender ?? undefined,
  original: it.original ?? undefined,
  event: it.event ?? undefined,
  row: it.row ?? undefined,
  remote: it.remote ?? undefined,
});

export function revisionReads(db: Database): RevisionReads {
  const byEvent = query<[EventId, RoomId, LoginId | null], RevisionRow>(db, sql.byEvent);
  const byRemote = query<[LoginId, ChatId, MessageId], RevisionRow>(db, sql.byRemote);
  const ofEvent = query<[EventId, RoomId, LoginId | null], RevisionRow>(db, sql.ofEvent);
  const ofMessage = query<[LoginId, ChatId, MessageId], RevisionRow>(db, sql.ofMessage);
  const one = (row: RevisionRow | undefined): Revision | undefined => row && toRevision(row);
  return {
    byEvent: async (room, event, login) => one(byEvent.one(event, room, login ?? null)),
    byRemote: async ({ login, chat }, remote) => one(byRemote.one(login, chat, remote)),
    ofEvent: async (room, original, login) => ofEvent.all(original, room, login ?? null).map(toRevision),
    ofMessage: async ({ login, chat }, id) => ofMessage.all(login, chat, id).map(toRevision),
  };
}

export function revisionWrites(db: Database): RevisionWrites {
  type InsertParams = [
    ...[LoginId, ChatId, MessageId, number, PersonId | null, RoomId],
    ...[EventId | null, EventId | null, OutboxId | null, MessageId | null, number],
  ];
  const add = command<InsertParams>(db, sql.add);
  const remove = command<[EventId, RoomId]>(db, sql.remove);
  const forget = command<[LoginId, ChatId, MessageId, number, PersonId | null]>(db, sql.forget);
  return {
    add({ login, chat, id, part, sender, room, original, event, row, remote, at }) {
      const of = [original ?? null, event ?? null, row ?? null, remote ?? null] as const;
      add(login, chat, id, part, sender ?? null, room, ...of, at);
    },
    remove: (room, event) => void remove(event, room),
    forget: ({ login, chat }, { id, part, sender }) => void forget(login, chat, id, part, sender ?? null),
  };
}

export function withdrawnReads(db: Database): WithdrawnReads {
  const of = query<
    [LoginId, ChatId, MessageId],
    { readonly sender: PersonId | typeof OWN; readonly part: number }
  >(db, sql.withdrawn);
  return {
    of: async ({ login, chat }, id) =>
      of.all(login, chat, id).map(({ sender, part }) => ({
        sender: sender === OWN ? undefined : sender,
        part: part === WHOLE ? undefined : part,
      })),
  };
}

export function withdrawnWrites(db: Database): WithdrawnWrites {
  const withdraw = command<[LoginId, ChatId, MessageId, string, number]>(db, sql.withdraw);
  const restore = command<[LoginId, ChatId, MessageId, string, number]>(db, sql.restore);
  return {
    add: ({ login, chat }, { id, sender, part }) =>
      void withdraw(login, chat, id, sender ?? OWN, part ?? WHOLE),
    remove: ({ login, chat }, { id, sender, part }) =>
      void restore(login, chat, id, sender ?? OWN, part ?? WHOLE),
  };
}
