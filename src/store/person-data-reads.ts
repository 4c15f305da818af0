import type { Database } from "better-sqlite3";
import type { LoginId, UserId } from "../core/model/ids.ts";
import {
  chatChoices,
  type PersonDataPage,
  type PersonDataPart,
  type PersonDataReads,
  type PersonDataRow,
} from "../core/ports/person-data.ts";
import { query } from "./database/query.ts";
import { named, unfinished } from "./tables/person-data.ts";

const OWNER = "(SELECT id FROM owner)";

interface Part {
  /** Whose rows they are: each of the person's logins', or the person's. */
  readonly of: "login" | "person";
  /** Its columns and tables; the one that has the keys is `it`. */
  readonly select: string;
  /** Which rows; those of `it.login` where it is absent. */
  readonly where?: string;
  /** Columns that tell its rows apart, in the order of an index behind the login. */
  readonly keys: readonly string[];
}

const ofLogin = (select: string, ...keys: readonly string[]): Part => ({ of: "login", select, keys });
const ofPerson = (select: string, where: string, ...keys: readonly string[]): Part => ({
  of: "person",
  select,
  where,
  keys,
});

const parts: Readonly<Record<PersonDataPart, Part>> = {
  networks: ofPerson(
    "network, state, visible_id, consent_version, consent_at FROM login AS it",
    `user = ${OWNER}`,
    "id",
  ),
  chats: ofLogin("network, kind, chat, person, room, state, member, name, topic FROM portal AS it", "chat"),
  chat_choices: {
    of: "login",
    select: `substr(scope, length('login/' || ${OWNER}) + 2) AS choice, name, value FROM record AS it`,
    where: `scope IN (${chatChoices.map((choice) => `'login/' || ${OWNER} || '/${choice}'`).join(", ")})`,
    keys: ["scope", "name"],
  },
  chat_timers: ofLogin("chat, seconds FROM signal_timer AS it", "chat"),
  earlier_rooms: ofLogin("room, chat, at FROM former_room AS it", "chat", "room"),
  contacts: ofLogin(
    `it.person, it.chat, it.reachability, it.trust, it.blocked, ghost.name FROM contact_state AS it
      JOIN login ON login.id = it.login
      LEFT JOIN ghost ON ghost.network = login.network AND ghost.person = it.person`,
    "person",
  ),
  former_ids: ofLogin("former_chat, former_person, chat, person FROM former_id AS it", "former_chat"),
  address_book: ofLogin(
    `person, contact_name, nickname, profile_name, number, username, blocked, accepted, marked_unread, muted_until
      FROM signal_recipient AS it`,
    "person",
  ),
  stored_groups: ofLogin(
    "chat, blocked, accepted, archived, marked_unread, muted_until FROM signal_group AS it",
    "chat",
  ),
  waiting_in_groups: ofLogin("chat, sender, timestamp, at FROM signal_held AS it", "chat", "seq"),
  group_members: ofLogin("chat, person, role, membership FROM portal_member AS it", "chat", "person"),
  messages: ofLogin(
    `chat, id, part, event, room, sender, at, (SELECT due FROM expiry WHERE expiry.login = it.login
      AND expiry.chat = it.chat AND expiry.id = it.id AND expiry.sender = coalesce(it.sender, '')) AS disappears_at
      FROM message AS it`,
    "chat",
    "id",
    "part",
    "event",
  ),
  edits: ofLogin("chat, id, part, event, room, sender, at FROM revision AS it", "chat", "id", "seq"),
  reactions: ofLogin(
    "chat, target, sender, emoji, room, event FROM reaction AS it",
    "chat",
    "target",
    "sender",
  ),
  waiting_to_networks: ofLogin(
    "chat, room, event, remote_id, state, outgoing, created_at FROM net_outbox AS it",
    "remote_id",
  ),
  waiting_from_networks: ofLogin(
    "chat, sender, id, kind, body, taken_at FROM net_inbox AS it",
    "chat",
    "id",
    "sender",
    "kind",
  ),
  waiting_to_bridge: ofPerson(
    "room, event, body, taken_at FROM hs_inbox AS it",
    `ended_at IS NULL AND json_valid(body) AND body ->> '$.sender' = ${OWNER}`,
    "seq",
  ),
  failures: ofLogin("direction, chat, ref, reason, at, body FROM dead_letter AS it", "seq"),
  hosted_files: ofLogin("id, size, at FROM media_hosted AS it", "id"),
  management_room: ofPerson("room FROM management_room AS it", `user = ${OWNER}`, "room"),
  // A scope with a slash is a connector's own, with keys, or a login's.
  choices: ofPerson(
    "scope, name, value FROM record AS it",
    `(${named(OWNER)}) AND instr(scope, '/') = 0`,
    "scope",
    "name",
  ),
};

/** A page is found by its keys: what is skipped need not be read again, and what comes meanwhile moves nothing. */
function pageOf({ select, where = `it.login = ${OWNER}`, keys }: Part, isFurther: boolean): string {
  const columns = keys.map((key) => `it.${key}`).join(", ");
  const place = keys.map((_, index) => `(SELECT keys ->> '$[${index}]' FROM place)`).join(", ");
  return `WITH owner (id) AS (SELECT ?), place (keys) AS (SELECT ?)
    SELECT json_array(${columns}) AS place, ${select} WHERE ${where}
    ${isFurther ? `AND (${columns}) > (${place})` : ""} ORDER BY ${columns} LIMIT 0 + ?`;
}

export function personDataReads(db: Database): PersonDataReads {
  type Placed = PersonDataRow & { readonly place: string };
  const pages = Object.fromEntries(
    Object.entries(parts).map(([name, part]) => [
      name,
      {
        of: part.of,
        first: query<[string, string, number], Placed>(db, pageOf(part, false)),
        further: query<[string, string, number], Placed>(db, pageOf(part, true)),
      },
    ]),
  );
  const next = query<[UserId, string], { readonly id: LoginId }>(
    db,
    "SELECT id FROM login WHERE user = ? AND id > ? ORDER BY id LIMIT 1",
  );
  const count = query<[UserId, string], { readonly count: number }>(db, unfinished);
  const nextLogin = (user: UserId, after: string): PersonDataPage["next"] => {
    const login = next.one(user, after)?.id;
    return login === undefined ? undefined : { owner: login, keys: undefined };
  };
  return {
    async page(user, name, after, limit) {
      const part = pages[name];
      if (part === undefined) return { rows: [], next: undefined };
      const at = after ?? (part.of === "login" ? nextLogin(user, "") : { owner: user, keys: undefined });
      if (at === undefined) return { rows: [], next: undefined };
      const { owner, keys } = at;
      const placed =
        keys === undefined ? part.first.all(owner, "[]", limit) : part.further.all(owner, keys, limit);
      const last = placed.at(-1);
      const rows = placed.map(({ place: _place, ...row }) => row);
      if (last !== undefined && rows.length >= limit) return { rows, next: { owner, keys: last.place } };
      return { rows, next: part.of === "login" ? nextLogin(user, owner) : undefined };
    },
    unfinished: async (user, logins: readonly LoginId[]) =>
      count.one(user, JSON.stringify(logins))?.count ?? 0,
  };
}
