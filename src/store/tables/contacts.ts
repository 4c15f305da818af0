import type { Database } from "better-sqlite3";
import type { Reachability } from "../../core/model/events.ts";
import type { ChatId, LoginId, PersonId } from "../../core/model/ids.ts";
import type { Contact } from "../../core/ports/rows.ts";
import type { ContactReads, ContactWrites } from "../../core/ports/store.ts";
import { command, query } from "../database/query.ts";

const columns = "login, person, chat, reachability, trust, blocked";
const sql = {
  get: `SELECT ${columns} FROM contact_state WHERE login = ? AND person = ?`,
  ofChat: `SELECT ${columns} FROM contact_state WHERE login = ? AND chat = ?`,
  /** From the few whose trust changed. */
  changedIn: `SELECT ${columns} FROM contact_state AS it WHERE login = ? AND trust = 'changed' AND EXISTS (
    SELECT 1 FROM portal_member WHERE login = it.login AND chat = ? AND person = it.person AND membership <> 'left')
    ORDER BY person LIMIT 1`,
  /**
   * Each command sets one value of a contact. A new contact gets the defaults for the others: until the network says
   * otherwise they can be reached.
   */
  setReachability: `INSERT INTO contact_state (login, person, chat, reachability) VALUES (?, ?, ?, ?)
    ON CONFLICT (login, person) DO UPDATE SET reachability = excluded.reachability`,
  setTrust: `INSERT INTO contact_state (login, person, chat, reachability, trust) VALUES (?, ?, ?, 'reachable', ?)
    ON CONFLICT (login, person) DO UPDATE SET trust = excluded.trust`,
  setChanged:
    "UPDATE contact_state SET trust = 'changed' WHERE login = ? AND person = ? AND trust = 'verified'",
  setBlocked: `INSERT INTO contact_state (login, person, chat, reachability, blocked) VALUES (?, ?, ?, 'reachable', ?)
    ON CONFLICT (login, person) DO UPDATE SET blocked = excluded.blocked`,
} as const;

interface ContactRow {
  readonly login: LoginId;
  readonly person: PersonId;
  readonly chat: ChatId;
  readonly reachability: Reachability;
  readonly trust: Contact["trust"];
  readonly blocked: 0 | 1;
}

const toContact = (row: ContactRow): Contact => ({ ...row, blocked: row.blocked === 1 });

export function contactReads(db: Database): ContactReads {
  const get = query<[LoginId, PersonId], ContactRow>(db, sql.get);
  const ofChat = query<[LoginId, ChatId], ContactRow>(db, sql.ofChat);
  const changedIn = query<[LoginId, ChatId], ContactRow>(db, sql.changedIn);
  const one = (row: ContactRow | undefined): Contact | undefined => row && toContact(row);
  return {
    get: async (login, person) => one(get.one(login, person)),
    changedIn: async ({ login, chat }) => one(changedIn.one(login, chat)),
    ofChat: async ({ login, chat }) => one(ofChat.one(login, chat)),
  };
}

export function contactWrites(db: Database): ContactWrites {
  const setReachability = command<[LoginId, PersonId, ChatId, Reachability]>(db, sql.setReachability);
  const setTrust = command<[LoginId, PersonId, ChatId, Contact["trust"]]>(db, sql.setTrust);
  const setChanged = command<[LoginId, PersonId]>(db, sql.setChanged);
  const setBlocked = command<[LoginId, PersonId, ChatId, 0 | 1]>(db, sql.setBlocked);
  return {
    setReachability: (login, person, chat, to) => void setReachability(login, person, chat, to),
    setTrust: (login, person, chat, to) => void setTrust(login, person, chat, to),
    setChanged: (login, person) => void setChanged(login, person),
    setBlocked: (login, person, chat, to) => void setBlocked(login, person, chat, to ? 1 : 0),
  };
}
