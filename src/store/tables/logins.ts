import type { Database } from "better-sqlite3";
import type { LoginId, NetworkId, UserId } from "../../core/model/ids.ts";
import type { Login, LoginState } from "../../core/ports/rows.ts";
import type { LoginReads, LoginWrites } from "../../core/ports/store.ts";
import { command, query } from "../database/query.ts";

const columns = "id, user, network, state, visible_id, account, consent_version, consent_at";
const sql = {
  all: `SELECT ${columns} FROM login ORDER BY consent_at, id`,
  get: `SELECT ${columns} FROM login WHERE id = ?`,
  of: `SELECT ${columns} FROM login WHERE user = ? AND network = ? ORDER BY consent_at, id`,
  add: `INSERT INTO login (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  setState: "UPDATE login SET state = ? WHERE id = ?",
  setAccount: "UPDATE login SET visible_id = ?, account = ? WHERE id = ?",
  setConsent: "UPDATE login SET consent_version = ?, consent_at = ? WHERE id = ?",
} as const;

/** Deletes a table's rows about the rooms of the login's chats, earlier rooms included. */
const deleteByRooms = (
  table: string,
): string => `WITH gone (id) AS (SELECT ?) DELETE FROM ${table} WHERE room IN
  (SELECT room FROM portal WHERE login = (SELECT id FROM gone)
    UNION SELECT room FROM former_room WHERE login = (SELECT id FROM gone))
  AND room NOT IN (SELECT room FROM portal WHERE room IS NOT NULL AND login <> (SELECT id FROM gone))`;

/** What is on its way to a group's room for several logins is another's then. */
const another = (login: string): string => `SELECT other.login FROM portal JOIN portal AS other
  ON other.room = portal.room AND other.chat = portal.chat AND other.login <> portal.login
  WHERE portal.login = ${login} AND portal.room = hs_outbox.room AND portal.kind = 'group' ORDER BY other.login LIMIT 1`;
const handOver = [
  `UPDATE hs_outbox SET (link_login, link_sender) = (SELECT it.login, it.sender FROM hs_outbox_link AS it
      WHERE it.row = hs_outbox.id ORDER BY it.login LIMIT 1)
    WHERE ended_at IS NULL AND link_login = ? AND id IN (SELECT row FROM hs_outbox_link)`,
  "DELETE FROM hs_outbox_link WHERE login = ?",
  `DELETE FROM hs_outbox_link WHERE EXISTS (SELECT 1 FROM hs_outbox AS it WHERE it.id = hs_outbox_link.row
    AND it.link_login = hs_outbox_link.login) AND ? IS NOT NULL`,
  `UPDATE hs_outbox SET target_login = (${another("hs_outbox.target_login")})
    WHERE ended_at IS NULL AND target_login = ? AND EXISTS (${another("hs_outbox.target_login")})`,
  `UPDATE hs_outbox SET attachment = json_set(attachment, '$.login', link_login) WHERE ended_at IS NULL
    AND json_valid(attachment) AND link_login IS NOT NULL AND attachment ->> '$.login' = ?`,
] as const;

/** What is deleted with a login, in this order. A row of the matrix inbox stays: its sender still gets an answer. */
const deletions = [
  "DELETE FROM net_inbox WHERE login = ?",
  // A queued row stays, without its text: its sender is still to be told that it is not sent.
  "DELETE FROM net_outbox WHERE login = ? AND state <> 'queued'",
  "UPDATE net_outbox SET outgoing = NULL, sealed = NULL WHERE login = ?",
  ...handOver,
  "DELETE FROM hs_outbox WHERE ended_at IS NULL AND link_login = ?",
  "DELETE FROM hs_outbox WHERE ended_at IS NULL AND target_login = ?",
  "DELETE FROM dead_letter WHERE login = ?",
  "DELETE FROM message WHERE login = ?",
  "DELETE FROM reaction WHERE login = ?",
  "DELETE FROM revision WHERE login = ?",
  "DELETE FROM learnt_id WHERE login = ?",
  "DELETE FROM withdrawn WHERE login = ?",
  "DELETE FROM expiry WHERE login = ?",
  "DELETE FROM former_id WHERE login = ?",
  "DELETE FROM contact_state WHERE login = ?",
  deleteByRooms("told"),
  deleteByRooms("mark"),
  deleteByRooms("message_status"),
  "DELETE FROM record WHERE scope = 'login/' || ?",
  "DELETE FROM record WHERE instr(scope, 'login/' || ? || '/') = 1",
  "DELETE FROM portal WHERE login = ? AND room IS NULL",
  // An earlier room of an archive stays known, so that the bot can answer what a person does there.
  `UPDATE former_room SET chat = coalesce((SELECT room FROM portal
    WHERE portal.login = former_room.login AND portal.chat = former_room.chat), '') WHERE login = ?`,
  // An archived portal keeps its room and forgets who was in it; the room replaces the chat in the key.
  `UPDATE portal SET state = 'archived', chat = room, person = iif(kind = 'direct', '', NULL), create_key = '',
    name = '', topic = '', avatar = '', picture = '', self = '' WHERE login = ?`,
  "DELETE FROM portal_member WHERE login = ?",
  "DELETE FROM group_event WHERE login = ?",
  // A ghost's account stays in the archives. Its row, which says whom it stands for, stays while another login of the
  // network has a chat with that person.
  `WITH left (network) AS (SELECT network FROM login WHERE id = ?)
    DELETE FROM ghost WHERE network = (SELECT network FROM left)
    AND person NOT IN (SELECT person FROM portal WHERE network = (SELECT network FROM left) AND person IS NOT NULL)
    AND person NOT IN (SELECT person FROM portal_member WHERE login IN
      (SELECT id FROM login WHERE network = (SELECT network FROM left)))`,
] as const;

interface LoginRow {
  readonly id: LoginId;
  readonly user: UserId;
  readonly network: NetworkId;
  readonly state: LoginState;
  readonly visible_id: string;
  readonly account: string;
  readonly consent_version: number;
  readonly consent_at: number;
}

const toLogin = (row: LoginRow): Login => ({
  id: row.id,
  user: row.user,
  network: row.network,
  state: row.state,
  visibleId: row.visible_id,
  account: row.account,
  consentVersion: row.consent_version,
  consentAt: row.consent_at,
});

export function loginReads(db: Database): LoginReads {
  const all = query<[], LoginRow>(db, sql.all);
  const get = query<[LoginId], LoginRow>(db, sql.get);
  const of = query<[UserId, NetworkId], LoginRow>(db, sql.of);
  const one = (row: LoginRow | undefined): Login | undefined => row && toLogin(row);
  return {
    all: async () => all.all().map(toLogin),
    get: async (id) => one(get.one(id)),
    of: async (user, network) => of.all(user, network).map(toLogin),
  };
}

/**
 * `forget` deletes the login's rows of the families' tables; `deleted` is called when plaintext was removed from the
 * file.
 */
export function loginWrites(
  db: Database,
  { forget, deleted }: { readonly forget: (id: LoginId) => void; readonly deleted: () => void },
): LoginWrites {
  const add = command<[string, string, string, string, string, string, number, number]>(db, sql.add);
  const setState = command<[LoginState, LoginId]>(db, sql.setState);
  const setConsent = command<[number, number, LoginId]>(db, sql.setConsent);
  const setAccount = command<[string, string, LoginId]>(db, sql.setAccount);
  const runDeletions = deletions.map((text) => command<[LoginId]>(db, text));
  const removeRow = command<[LoginId]>(db, "DELETE FROM login WHERE id = ?");
  const empty = (id: LoginId): void => {
    forget(id);
    for (const run of runDeletions) run(id);
    deleted();
  };
  return {
    add(it) {
      add(it.id, it.user, it.network, it.state, it.visibleId, it.account, it.consentVersion, it.consentAt);
    },
    setState: (id, state) => void setState(state, id),
    setAccount: (id, { visibleId, account }) => void setAccount(visibleId, account, id),
    setConsent: (id, version, at) => void setConsent(version, at, id),
    empty,
    remove(id) {
      empty(id);
      removeRow(id);
    },
  };
}
