import type { Database } from "better-sqlite3";
import type { Reachability } from "../core/events.ts";
import type { ChatId, LoginId, PersonId } from "../core/ids.ts";
import type { Contact } from "../core/rows.ts";
import type { ContactReads, ContactWrites } from "../core/store.ts";
import { command, query } from "./query.ts";

const columns = "login, person, chat, reachability, trust, blocked";
const sql = {
  get: `SELECT ${columns} FROM contact_state WHERE login = ? AND person = ?`,
  ofLogin: `SELECT ${columns} FROM contact_state WHERE login = ? ORDER BY person`,
  put: `INSERT INTO contact_state (${columns}) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (login, person) DO UPDATE SET chat = excluded.chat, reachability = excluded.reachability,
    trust = excluded.trust, blocked = excluded.blocked`,
  /** One thing of a contact; of a new one the rest is as of somebody nothing is known of. */
  setReachability: `INSERT INTO contact_state (login, person, chat, reachability) VALUES (?, ?, ?, ?)
    ON CONFLICT (login, person) DO UPDATE SET reachability = excluded.reachability`,
  setTrust: `INSERT INTO contact_state (login, person, chat, reachability, trust) VALUES (?, ?, ?, 'unknown', ?)
    ON CONFLICT (login, person) DO UPDATE SET trust = excluded.trust`,
  setBlocked: `INSERT INTO contact_state (login, person, chat, reachability, blocked) VALUES (?, ?, ?, 'unknown', ?)
    ON CONFLICT (login, person) DO UPDATE SET blocked = excluded.blocked`,
} as const;

interface Row {
  readonly login: LoginId;
  readonly person: PersonId;
  readonly chat: ChatId;
  readonly reachability: Reachability;
  readonly trust: Contact["trust"];
  readonly blocked: 0 | 1;
}

const toContact = (row: Row): Contact => ({ ...row, blocked: row.blocked === 1 });

export function contactReads(db: Database): ContactReads {
  const get = query<[LoginId, PersonId], Row>(db, sql.get);
  const ofLogin = query<[LoginId], Row>(db, sql.ofLogin);
  return {
    get: async (login, person) => {
      const row = get.one(login, person);
      return row && toContact(row);
    },
    ofLogin: async (login) => ofLogin.all(login).map(toContact),
  };
}

export function contactWrites(db: Database): ContactWrites {
  const put = command<[LoginId, PersonId, ChatId, Reachability, Contact["trust"], 0 | 1]>(db, sql.put);
  const setReachability = command<[LoginId, PersonId, ChatId, Reachability]>(db, sql.setReachability);
  const setTrust = command<[LoginId, PersonId, ChatId, Contact["trust"]]>(db, sql.setTrust);
  const setBlocked = command<[LoginId, PersonId, ChatId, 0 | 1]>(db, sql.setBlocked);
  return {
    put({ login, person, chat, reachability, trust, blocked }) {
      put(login, person, chat, reachability, trust, blocked ? 1 : 0);
    },
    setReachability: (login, person, chat, to) => void setReachability(login, person, chat, to),
    setTrust: (login, person, chat, to) => void setTrust(login, person, chat, to),
    setBlocked: (login, person, chat, to) => void setBlocked(login, person, chat, to ? 1 : 0),
  };
}
