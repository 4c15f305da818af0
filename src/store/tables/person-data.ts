import type { Database } from "better-sqlite3";
import type { PersonDataWrites } from "../../core/ports/person-data.ts";
import { command } from "../database/query.ts";

const PERSON = "(SELECT id FROM person)";
/** Values of a person's, and of their parts: the name is the person, or begins or ends with them. */
export const named = (person: string): string =>
  `name = ${person} OR instr(name, ${person} || ' ') = 1 OR substr(name, -length(${person}) - 1) = ' ' || ${person}`;
const NAMED = named(PERSON);

/** The rooms of the person and of these logins that no other login is in. */
const given = "WITH person (id) AS (SELECT ?), gone (login) AS (SELECT value FROM json_each(?))";
const rooms = `${given}, theirs (room) AS (
    SELECT room FROM portal WHERE login IN gone AND room IS NOT NULL
      AND room NOT IN (SELECT room FROM portal WHERE room IS NOT NULL AND login NOT IN gone)
    UNION SELECT room FROM former_room WHERE login IN gone
    UNION SELECT room FROM management_room WHERE user = ${PERSON}
    UNION SELECT value FROM record WHERE (${NAMED}) AND substr(value, 1, 1) = '!')`;

/** How much is still to be handled, by person and logins. */
export const unfinished = `${rooms} SELECT
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
