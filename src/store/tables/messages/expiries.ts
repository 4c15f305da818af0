import type { Database } from "better-sqlite3";
import type { ChatId, LoginId, MessageId, PersonId } from "../../../core/model/ids.ts";
import type { Expiring, ExpiryReads, ExpiryWrites } from "../../../core/ports/expiries.ts";
import { command, query } from "../../database/query.ts";

const sql = {
  due: `SELECT login, chat, id, sender, seconds, due FROM expiry WHERE login = +? AND due <= +?
    ORDER BY due LIMIT 0 + ?`,
  next: "SELECT min(due) AS due FROM expiry WHERE login = ? AND due IS NOT NULL",
  lanes: "SELECT DISTINCT login FROM expiry WHERE due IS NOT NULL",
  has: "SELECT 1 AS found FROM expiry WHERE login = ? AND chat = ? AND id = ? LIMIT 1",
  awaitsReading: `SELECT 1 AS found FROM expiry WHERE login = ? AND chat = ? AND due IS NULL AND sender <> ''
    LIMIT 1`,
  add: `INSERT INTO expiry (login, chat, id, sender, seconds, due) SELECT ?, ?, ?, ?, ?, ?
    WHERE EXISTS (SELECT 1 FROM login WHERE id = ?) ON CONFLICT DO NOTHING`,
  read: `UPDATE expiry SET due = ? + 1000 * seconds WHERE login = ? AND chat = ? AND due IS NULL AND sender <> ''
    AND EXISTS (SELECT 1 FROM message AS it WHERE it.login = expiry.login AND it.chat = expiry.chat
      AND it.id = expiry.id AND it.sender = expiry.sender AND it.place <= ? AND it.at <= ?)`,
  hurry: "UPDATE expiry SET due = ? WHERE login = ? AND (due IS NULL OR due > ?)",
  remove: "DELETE FROM expiry WHERE login = ? AND chat = ? AND id = ? AND sender = ?",
} as const;

type ExpiryRow = Omit<Expiring, "sender" | "due"> & {
  readonly sender: PersonId | "";
  readonly due: number | null;
};

const toExpiring = ({ sender, due, ...row }: ExpiryRow): Expiring => ({
  ...row,
  sender: sender === "" ? undefined : sender,
  due: due ?? undefined,
});

export function expiryReads(db: Database): ExpiryReads {
  const due = query<[LoginId, number, number], ExpiryRow>(db, sql.due);
  const next = query<[LoginId], { readonly due: number | null }>(db, sql.next);
  const lanes = query<[], { readonly login: LoginId }>(db, sql.lanes);
  const has = query<[LoginId, ChatId, MessageId], { readonly found: 1 }>(db, sql.has);
  const awaitsReading = query<[LoginId, ChatId], { readonly found: 1 }>(db, sql.awaitsReading);
  return {
    due: async (login, by, limit) => due.all(login, by, limit).map(toExpiring),
    next: async (login) => next.one(login)?.due ?? undefined,
    lanes: async () => lanes.all().map(({ login }) => login),
    has: async ({ login, chat }, id) => has.one(login, chat, id) !== undefined,
    awaitsReading: async ({ login, chat }) => awaitsReading.one(login, chat) !== undefined,
  };
}

export function expiryWrites(db: Database): ExpiryWrites {
  const add = command<[LoginId, ChatId, MessageId, PersonId | "", number, number | null, LoginId]>(
    db,
    sql.add,
  );
  const read = command<[number, LoginId, ChatId, number, number]>(db, sql.read);
  const hurry = command<[number, LoginId, number]>(db, sql.hurry);
  const remove = command<[LoginId, ChatId, MessageId, PersonId | ""]>(db, sql.remove);
  return {
    add: ({ login, chat, id, sender, seconds, due }) =>
      void add(login, chat, id, sender ?? "", seconds, due ?? null, login),
    read({ login, chat }, upTo, at) {
      const place = "place" in upTo ? upTo.place : Number.MAX_SAFE_INTEGER;
      const writtenBy = "writtenBy" in upTo ? upTo.writtenBy : Number.MAX_SAFE_INTEGER;
      read(at, login, chat, place, writtenBy);
    },
    hurry: (login, at) => void hurry(at, login, at),
    remove: ({ login, chat, id, sender }) => void remove(login, chat, id, sender ?? ""),
  };
}
