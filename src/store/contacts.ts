import type { Database } from "better-sqlite3";
import type { Reachability } from "../core/events.ts";
import type { ChatId, LoginId, PersonId } from "../core/ids.ts";
import type { Contact } from "../core/rows.ts";
import type { ContactReads, ContactWrites } from "../core/store.ts";
import { command, query } from "./query.ts";

const sql = {
  get: "SELECT login, person, chat, reachability FROM contact_state WHERE login = ? AND person = ?",
  put: `INSERT INTO contact_state (login, person, chat, reachability) VALUES (?, ?, ?, ?)
    ON CONFLICT (login, person) DO UPDATE SET chat = excluded.chat, reachability = excluded.reachability`,
  setReachability: "UPDATE contact_state SET reachability = ? WHERE login = ? AND person = ?",
} as const;

/** Columns are named as the row is: a contact is read as it lies. */
type Row = Contact;

export function contactReads(db: Database): ContactReads {
  const get = query<[LoginId, PersonId], Row>(db, sql.get);
  return { get: async (login, person) => get.one(login, person) };
}

export function contactWrites(db: Database): ContactWrites {
  const put = command<[LoginId, PersonId, ChatId, Reachability]>(db, sql.put);
  const setReachability = command<[Reachability, LoginId, PersonId]>(db, sql.setReachability);
  return {
    put: (it) => void put(it.login, it.person, it.chat, it.reachability),
    setReachability: (login, person, state) => void setReachability(state, login, person),
  };
}
