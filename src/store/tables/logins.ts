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

/** What is noted of rooms: those of its chats, and those they had before. */
const ofRooms = (table: string): string => `WITH gone (id) AS (SELECT ?) DELETE FROM ${table} WHERE room IN
  (SELECT room FROM portal WHERE login = (SELECT id FROM gone)
    UNION SELECT room FROM former_room WHERE login = (SELECT id FROM gone))`;

/** What goes with a login. Hosted files are named until they are deleted from the disk. Events people wrote in its rooms stay in the inbox: each still gets its answer. */
const removal = [
  "DELETE FROM net_inbox WHERE login = ?",
  // Of what waits to be sent its person is still to be told that it is not.
  "DELETE FROM net_outbox WHERE login = ? AND state <> 'queued'",
  "UPDATE net_outbox SET outgoing = NULL, sealed = NULL WHERE login = ?",
  "DELETE FROM hs_outbox WHERE ended_at IS NULL AND link_login = ?",
  "DELETE FROM hs_outbox WHERE ended_at IS NULL AND target_login = ?",
  "DELETE FROM dead_letter WHERE login = ?",
  "DELETE FROM message WHERE login = ?",
  "DELETE FROM reaction WHERE login = ?",
  "DELETE FROM revision WHERE login = ?",
  "DELETE FROM learnt_id WHERE login = ?",
  "DELETE FROM withdrawn WHERE login = ?",
  "DELETE FROM contact_state WHERE login = ?",
  ofRooms("told"),
  ofRooms("mark"),
  "DELETE FROM record WHERE scope = 'login/' || ?",
  "DELETE FROM record WHERE instr(scope, 'login/' || ? || '/') = 1",
  "DELETE FROM portal WHERE login = ? AND room IS NULL",
  // What a person still does in an earlier room is answered there.
  `UPDATE former_room SET chat = coalesce((SELECT room FROM portal
    WHERE portal.login = former_room.login AND portal.chat = former_room.chat), '') WHERE login = ?`,
  // Of an archive only the room is remembered, not who was in it; the room stands in for the chat in the key.
  `UPDATE portal SET state = 'archived', chat = room, person = iif(kind = 'direct', '', NULL), create_key = '',
    name = '', topic = '', avatar = '', picture = '', self = '' WHERE login = ?`,
  "DELETE FROM portal_member WHERE login = ?",
  // A ghost's account stays in the archives. Who it stands for is known as long as somebody has a chat with them.
  `WITH left (network) AS (SELECT network FROM login WHERE id = ?)
    DELETE FROM ghost WHERE network = (SELECT network FROM left)
    AND person NOT IN (SELECT person FROM portal WHERE network = (SELECT network FROM left) AND person IS NOT NULL)
    AND person NOT IN (SELECT person FROM portal_member WHERE login IN
      (SELECT id FROM login WHERE network = (SELECT network FROM left)))`,
] as const;

interface Row {
  readonly id: LoginId;
  readonly user: UserId;
  readonly network: NetworkId;
  readonly state: LoginState;
  readonly visible_id: string;
  readonly account: string;
  readonly consent_version: number;
  readonly consent_at: number;
}

const toLogin = (row: Row): Login => ({
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
  const all = query<[], Row>(db, sql.all);
  const get = query<[LoginId], Row>(db, sql.get);
  const of = query<[UserId, NetworkId], Row>(db, sql.of);
  const one = (row: Row | undefined): Login | undefined => row && toLogin(row);
  return {
    all: async () => all.all().map(toLogin),
    get: async (id) => one(get.one(id)),
    of: async (user, network) => of.all(user, network).map(toLogin),
  };
}

/** `forget` deletes what families keep of the login; `deleted` hears that plaintext was removed from the file. */
export function loginWrites(
  db: Database,
  { forget, deleted }: { readonly forget: (id: LoginId) => void; readonly deleted: () => void },
): LoginWrites {
  const add = command<[string, string, string, string, string, string, number, number]>(db, sql.add);
  const setState = command<[LoginState, LoginId]>(db, sql.setState);
  const setConsent = command<[number, number, LoginId]>(db, sql.setConsent);
  const setAccount = command<[string, string, LoginId]>(db, sql.setAccount);
  const removals = removal.map((text) => command<[LoginId]>(db, text));
  const removeRow = command<[LoginId]>(db, "DELETE FROM login WHERE id = ?");
  const empty = (id: LoginId): void => {
    forget(id);
    for (const run of removals) run(id);
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
