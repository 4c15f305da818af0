import type { Database } from "better-sqlite3";
import type { LoginId, UserId } from "../../core/model/ids.ts";
import type {
  PersonDataPart,
  PersonDataReads,
  PersonDataRow,
  PersonDataWrites,
} from "../../core/ports/person-data.ts";
import { command, query } from "../database/query.ts";

const PERSON = "(SELECT id FROM person)";
const LOGINS = `(SELECT id FROM login WHERE user = ${PERSON})`;
/** Values of the person's, and of their parts: the name is the person, or begins or ends with them. */
const NAMED = `name = ${PERSON} OR instr(name, ${PERSON} || ' ') = 1
    OR substr(name, -length(${PERSON}) - 1) = ' ' || ${PERSON}`;

/** Each in an order that stays. */
const parts: Readonly<Record<PersonDataPart, string>> = {
  networks: `SELECT network, state, visible_id, consent_version, consent_at FROM login WHERE user = ${PERSON} ORDER BY id`,
  chats: `SELECT network, kind, chat, person, room, state, member, name, topic FROM portal WHERE login IN ${LOGINS}
    ORDER BY login, chat`,
  earlier_rooms: `SELECT room, chat, at FROM former_room WHERE login IN ${LOGINS} ORDER BY login, room`,
  contacts: `SELECT it.person, it.chat, it.reachability, it.trust, it.blocked, ghost.name FROM contact_state AS it
    JOIN login ON login.id = it.login
    LEFT JOIN ghost ON ghost.network = login.network AND ghost.person = it.person
    WHERE login.user = ${PERSON} ORDER BY it.login, it.person`,
  messages: `SELECT chat, id, part, event, room, sender, at FROM message WHERE login IN ${LOGINS}
    ORDER BY login, chat, id, part, sender`,
  edits: `SELECT chat, id, part, event, room, sender, at FROM revision WHERE login IN ${LOGINS} ORDER BY seq`,
  reactions: `SELECT chat, target, sender, emoji, room, event FROM reaction WHERE login IN ${LOGINS}
    ORDER BY login, chat, target, sender`,
  waiting_to_networks: `SELECT chat, room, event, remote_id, state, outgoing, created_at FROM net_outbox
    WHERE login IN ${LOGINS} ORDER BY seq`,
  waiting_from_networks: `SELECT chat, sender, id, kind, body, taken_at FROM net_inbox WHERE login IN ${LOGINS}
    ORDER BY seq`,
  waiting_to_bridge: `SELECT room, event, body, taken_at FROM hs_inbox
    WHERE ended_at IS NULL AND json_valid(body) AND body ->> '$.sender' = ${PERSON} ORDER BY seq`,
  failures: `SELECT direction, chat, ref, reason, at, body FROM dead_letter WHERE login IN ${LOGINS} ORDER BY seq`,
  hosted_files: `SELECT id, size, at FROM media_hosted WHERE login IN ${LOGINS} ORDER BY id`,
  management_room: `SELECT room FROM management_room WHERE user = ${PERSON} ORDER BY room`,
  // A scope with a slash is a connector's own, with keys.
  choices: `SELECT scope, name, value FROM record WHERE (${NAMED}) AND instr(scope, '/') = 0 ORDER BY scope, name`,
};

/** The rooms of the person and of these logins that no other login is in. */
const given = "WITH person (id) AS (SELECT ?), gone (login) AS (SELECT value FROM json_each(?))";
const rooms = `${given}, theirs (room) AS (
    SELECT room FROM portal WHERE login IN gone AND room IS NOT NULL
      AND room NOT IN (SELECT room FROM portal WHERE room IS NOT NULL AND login NOT IN gone)
    UNION SELECT room FROM former_room WHERE login IN gone
    UNION SELECT room FROM management_room WHERE user = ${PERSON}
    UNION SELECT value FROM record WHERE (${NAMED}) AND substr(value, 1, 1) = '!')`;

const unfinished = `${rooms} SELECT
    (SELECT count(*) FROM hs_outbox WHERE ended_at IS NULL AND room IN theirs)
    + (SELECT count(*) FROM net_outbox WHERE state = 'queued' AND login IN gone)
    + (SELECT count(*) FROM hs_inbox WHERE ended_at IS NULL AND room IN theirs) AS count`;

const ofRooms = (table: string, column = "room"): string =>
  `${rooms} DELETE FROM ${table} WHERE ${column} IN theirs`;
const ofLogins = (table: string): string => `${given} DELETE FROM ${table} WHERE login IN gone`;

/** In this order: the tables that tell whose a room was come last. */
const deletions: readonly string[] = [
  ...["hs_inbox", "hs_outbox", "told", "mark", "message_status"].map((table) => ofRooms(table)),
  ofRooms("record", "name"),
  ...["net_inbox", "net_outbox", "dead_letter", "media_hosted", "portal_member", "group_event"].map(ofLogins),
  `${given} UPDATE ghost SET picture_login = '' WHERE picture_login IN gone`,
  `${given} DELETE FROM record WHERE ${NAMED}`,
  `${given} DELETE FROM management_room WHERE user = ${PERSON}`,
  ...["former_room", "portal"].map(ofLogins),
];

/** No value and no room is named so. */
const NOBODY = "@";

/** `deleted` is called when plaintext was removed from the file. */
export function personDataWrites(db: Database, deleted: () => void): PersonDataWrites {
  const runs = deletions.map((sql) => command<[string, string]>(db, sql));
  return {
    forget(user, logins) {
      for (const run of runs) run(user ?? NOBODY, JSON.stringify(logins));
      deleted();
    },
  };
}

export function personDataReads(db: Database): PersonDataReads {
  const pages = Object.fromEntries(
    Object.entries(parts).map(([part, sql]) => [
      part,
      query<[UserId, number, number], PersonDataRow>(
        db,
        `WITH person (id) AS (SELECT ?) ${sql} LIMIT ? OFFSET ?`,
      ),
    ]),
  );
  const count = query<[UserId, string], { readonly count: number }>(db, unfinished);
  return {
    page: async (user, part, after, limit) => pages[part]?.all(user, limit, after) ?? [],
    unfinished: async (user, logins: readonly LoginId[]) =>
      count.one(user, JSON.stringify(logins))?.count ?? 0,
  };
}
