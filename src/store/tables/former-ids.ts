import type { Database } from "better-sqlite3";
import type { ChatId, LoginId, PersonId } from "../../core/model/ids.ts";
import type { FormerId, FormerIdReads, FormerIdWrites } from "../../core/ports/portal-store.ts";
import { command, query } from "../database/query.ts";

const of = "SELECT login, former_chat, former_person, chat, person FROM former_id WHERE login = ?";

/** What every statement is about. */
const it = "WITH it (login, network, was_chat, was_person, chat, person, at) AS (SELECT ?, ?, ?, ?, ?, ?, ?)";
const value = (column: string): string => `(SELECT ${column} FROM it)`;
const [login, network, wasChat, wasPerson, chat, person] = [
  value("login"),
  value("network"),
  value("was_chat"),
  value("was_person"),
  value("chat"),
  value("person"),
];

const ofChat = (key: string): string => `login = ${login} AND chat = ${key}`;
/** When the oldest message of a chat was written; late where there is none. */
const begun = (key: string): string =>
  `coalesce((SELECT min(at) FROM message WHERE ${ofChat(key)}), 9223372036854775807)`;
/** How little a chat's room is to be kept: what is no room, an archive, or younger, gives way. */
const rank = (key: string): string =>
  `(SELECT (room IS NULL) * 2 + (state = 'archived') FROM portal WHERE ${ofChat(key)})`;
const both = `(SELECT count(*) FROM portal WHERE login = ${login} AND chat IN (${wasChat}, ${chat})) = 2`;
/** Of the two chats the one whose room goes; none where there is only one. */
const loser = `iif(${both}, iif(${rank(wasChat)} < ${rank(chat)}
  OR (${rank(wasChat)} = ${rank(chat)} AND ${begun(wasChat)} <= ${begun(chat)}), ${chat}, ${wasChat}), NULL)`;

/** Moves a table's rows to the chat; what is there already stays. */
const moved = (table: string, column = "chat"): readonly string[] => [
  `${it} UPDATE OR IGNORE ${table} SET ${column} = ${chat} WHERE login = ${login} AND ${column} = ${wasChat}`,
  `${it} DELETE FROM ${table} WHERE login = ${login} AND ${column} = ${wasChat}`,
];
/** Gives what the person did in the chat to who they are. */
const given = (table: string, prefix = ""): string =>
  `${it} UPDATE OR IGNORE ${table} SET ${prefix}sender = ${person} WHERE ${prefix}login = ${login}
    AND ${prefix}chat = ${chat} AND ${prefix}sender = ${wasPerson}`;

/** Records are named by a chat or person, alone or with something behind it. */
const renamed = (was: string, now: string): readonly string[] => {
  // Behind the slash comes the zero.
  const theirs = `scope > 'login/' || ${login} || '/' AND scope < 'login/' || ${login} || '0'
    AND (name = ${was} OR instr(name, ${was} || ' ') = 1)`;
  return [
    `${it} UPDATE OR IGNORE record SET name = ${now} || substr(name, length(${was}) + 1) WHERE ${theirs}`,
    `${it} DELETE FROM record WHERE ${theirs}`,
  ];
};

/** In this order. */
const steps: readonly string[] = [
  // Whom our person wrote to first has nothing to ask.
  `${it} DELETE FROM record WHERE scope = 'login/' || ${login} || '/request' AND name = ${chat}
    AND EXISTS (SELECT 1 FROM portal WHERE ${ofChat(wasChat)}) AND NOT EXISTS (SELECT 1 FROM record
      WHERE scope = 'login/' || ${login} || '/request' AND name = ${wasChat})`,
  `${it} INSERT INTO former_room (room, login, chat, followed, carried, at)
    SELECT room, login, ${chat}, 0, 0, ${value("at")} FROM portal WHERE ${ofChat(loser)} AND room IS NOT NULL
      AND (SELECT count(room) FROM portal WHERE login = ${login} AND chat IN (${wasChat}, ${chat})) = 2
    ON CONFLICT (room) DO UPDATE SET chat = excluded.chat, carried = 0`,
  `${it} DELETE FROM portal WHERE ${ofChat(loser)}`,
  `${it} UPDATE portal SET chat = ${chat}, person = ${person} WHERE ${ofChat(wasChat)} AND kind = 'direct'`,
  ...moved("former_room"),
  // Who is in a group under both ids is there once; the other one's ghost is to leave.
  `${it} UPDATE OR IGNORE portal_member SET person = ${person}, shown = 0 WHERE login = ${login}
    AND person = ${wasPerson}`,
  `${it} UPDATE portal_member SET membership = 'left', role = 'member', shown = 0 WHERE login = ${login}
    AND person = ${wasPerson}`,
  // A ghost goes with its person, unless somebody else here knows them by the former id alone.
  `${it} UPDATE ghost SET person = ${person} WHERE network = ${network} AND person = ${wasPerson}
    AND NOT EXISTS (SELECT 1 FROM ghost AS other WHERE other.network = ${network} AND other.person = ${person})
    AND NOT EXISTS (SELECT 1 FROM portal WHERE network = ${network} AND person = ${wasPerson})
    AND NOT EXISTS (SELECT 1 FROM portal_member WHERE person = ${wasPerson})`,
  // Where it stays behind, the room's people are asked in again: the contact's ghost is another.
  `${it} UPDATE portal SET member = iif(member = 'left', 'left', 'none') WHERE ${ofChat(chat)}
    AND EXISTS (SELECT 1 FROM ghost WHERE network = ${network} AND person = ${wasPerson})`,
  `${it} UPDATE contact_state SET blocked = 1 WHERE login = ${login} AND person = ${person}
    AND EXISTS (SELECT 1 FROM contact_state WHERE login = ${login} AND person = ${wasPerson} AND blocked = 1)`,
  `${it} UPDATE OR IGNORE contact_state SET person = ${person}, chat = ${chat},
    trust = iif(trust = 'verified', 'changed', trust) WHERE login = ${login} AND person = ${wasPerson}`,
  `${it} DELETE FROM contact_state WHERE login = ${login} AND person = ${wasPerson}`,
  ...["message", "reaction", "revision", "learnt_id", "withdrawn", "expiry", "dead_letter"].flatMap((table) =>
    moved(table),
  ),
  ...["message", "reaction", "revision", "withdrawn", "expiry"].map((table) => given(table)),
  ...moved("net_inbox"),
  given("net_inbox"),
  `${it} UPDATE net_inbox SET body = json_set(body, '$.chat', chat) WHERE ${ofChat(chat)} AND ended_at IS NULL
    AND json_valid(body)`,
  `${it} UPDATE net_inbox SET body = json_set(body, '$.sender', sender) WHERE ${ofChat(chat)} AND ended_at IS NULL
    AND sender <> '' AND json_valid(body)`,
  ...moved("net_outbox"),
  `${it} UPDATE hs_outbox SET link_chat = ${chat} WHERE link_login = ${login} AND link_chat = ${wasChat}
    AND ended_at IS NULL`,
  given("hs_outbox", "link_"),
  `${it} UPDATE hs_outbox SET target_chat = ${chat} WHERE target_login = ${login}
    AND target_chat = ${wasChat} AND ended_at IS NULL`,
  // A person's mark on a chat names it.
  `${it} UPDATE hs_outbox SET content = json_set(content, '$.chat', ${chat}) WHERE ended_at IS NULL
    AND type = 'thirdpartychats.muted' AND json_valid(content)
    AND content ->> '$.login' = ${login} AND content ->> '$.chat' = ${wasChat}`,
  ...renamed(wasChat, chat),
  ...renamed(wasPerson, person),
  `${it} UPDATE former_id SET chat = ${chat}, person = ${person} WHERE ${ofChat(wasChat)}`,
  `${it} DELETE FROM former_id WHERE login = ${login} AND former_chat = ${chat}`,
  `${it} INSERT INTO former_id (login, former_chat, former_person, chat, person)
    VALUES (${login}, ${wasChat}, ${wasPerson}, ${chat}, ${person}) ON CONFLICT DO NOTHING`,
];

interface FormerIdRow {
  readonly login: LoginId;
  readonly former_chat: ChatId;
  readonly former_person: PersonId;
  readonly chat: ChatId;
  readonly person: PersonId;
}

export function formerIdReads(db: Database): FormerIdReads {
  const ofLogin = query<[LoginId], FormerIdRow>(db, of);
  return {
    of: async (id) =>
      ofLogin.all(id).map(({ former_chat, former_person, ...now }) => ({
        ...now,
        was: { chat: former_chat, person: former_person },
      })),
  };
}

export function formerIdWrites(db: Database): FormerIdWrites {
  const runs = steps.map((sql) => command<[string, string, string, string, string, string, number]>(db, sql));
  return {
    join({ was, ...now }: FormerId, of_network, at) {
      if (was.chat === now.chat) return;
      for (const run of runs) run(now.login, of_network, was.chat, was.person, now.chat, now.person, at);
    },
  };
}
