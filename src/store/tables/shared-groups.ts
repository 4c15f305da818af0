import type { Database } from "better-sqlite3";
import type { ChatId, LoginId, MessageId } from "../../core/model/ids.ts";
import type { GroupEvent, SharedGroupReads, SharedGroupWrites } from "../../core/ports/shared-groups.ts";
import { command, query } from "../database/query.ts";

/** Newest messages, and events, that a login is given which comes into a room that is there. */
const NEWEST = 1_000;

/** Logins that share a group's room with one, and by whom each knows the other's person; `which` narrows them down. */
const othersWhere = (
  which: string,
): string => `WITH me AS (SELECT login, chat, room, iif(self = '', 'login ' || login, self) AS self FROM portal
    WHERE login = $login AND chat = $chat AND kind = 'group' AND room IS NOT NULL),
  others AS (SELECT other.login, other.self, me.self AS mine, me.room FROM me JOIN portal AS other
    ON other.room = me.room AND other.chat = me.chat AND other.login <> me.login${which})`;
const others = othersWhere("");
/** All of them, or the one that comes in. */
const receivers = othersWhere(" AND ($to IS NULL OR other.login = $to)");
/** Some messages' ids, in JSON. */
const THESE = "IN (SELECT value FROM json_each($ids))";

/** A sender as the other login has it; `own` stands for the login's own person. */
const seen = (sender: string, own: "NULL" | "''"): string =>
  `CASE WHEN ${sender} IS ${own} THEN others.mine WHEN ${sender} = others.self THEN ${own} ELSE ${sender} END`;

const ofOthers = (table: string, id: string): string => `${receivers} DELETE FROM ${table}
  WHERE chat = $chat AND ${id} ${THESE} AND login IN (SELECT login FROM others)`;

/** What makes messages the same to all logins of a room, with what was done to them. */
const share = [
  `${receivers} INSERT INTO message (login, chat, id, part, event, room, sender, at, form, shown_by, item, place)
    SELECT others.login, it.chat, it.id, it.part, it.event, it.room, ${seen("it.sender", "NULL")}, it.at, it.form,
      it.shown_by, it.item, it.place FROM message AS it, others
    WHERE it.login = $login AND it.chat = $chat AND it.id ${THESE} ON CONFLICT DO NOTHING`,
  `${receivers} INSERT INTO hs_outbox_link (row, login, sender)
    SELECT it.id, others.login, ${seen("it.link_sender", "NULL")} FROM hs_outbox AS it, others
    WHERE it.link_login = $login AND it.link_chat = $chat AND it.link_id ${THESE} AND it.ended_at IS NULL
    ON CONFLICT DO NOTHING`,
  ofOthers("revision", "id"),
  `${receivers} INSERT INTO revision (login, chat, id, part, sender, room, original, event, row, remote, at)
    SELECT others.login, it.chat, it.id, it.part, ${seen("it.sender", "NULL")}, it.room, it.original, it.event, it.row,
      it.remote, it.at FROM revision AS it, others
    WHERE it.login = $login AND it.chat = $chat AND it.id ${THESE} ORDER BY it.seq`,
  ofOthers("withdrawn", "id"),
  `${receivers} INSERT INTO withdrawn (login, chat, id, sender, part)
    SELECT others.login, it.chat, it.id, ${seen("it.sender", "''")}, it.part FROM withdrawn AS it, others
    WHERE it.login = $login AND it.chat = $chat AND it.id ${THESE} ON CONFLICT DO NOTHING`,
  ofOthers("reaction", "target"),
  `${receivers} INSERT INTO reaction (login, chat, target, sender, emoji, room, event, row)
    SELECT others.login, it.chat, it.target, ${seen("it.sender", "''")}, it.emoji, it.room, it.event, it.row
    FROM reaction AS it, others WHERE it.login = $login AND it.chat = $chat AND it.target ${THESE}
    ON CONFLICT DO NOTHING`,
  `${receivers} INSERT INTO learnt_id (login, chat, learnt, ours) SELECT others.login, it.chat, it.learnt, it.ours
    FROM learnt_id AS it, others WHERE it.login = $login AND it.chat = $chat AND it.ours ${THESE} ON CONFLICT DO NOTHING`,
] as const;

const sql = {
  has: "SELECT 1 AS found FROM group_event WHERE login = ? AND chat = ? AND id = ? AND sender = ? AND kind = ?",
  add: `${others} INSERT INTO group_event (login, chat, id, sender, kind, at)
    SELECT login, $chat, $id, $sender, $kind, $at FROM (SELECT $login AS login UNION ALL SELECT login FROM others)
    WHERE true ON CONFLICT DO NOTHING`,
  /** Who is there longest has the most. */
  before: `SELECT other.login FROM portal JOIN portal AS other ON other.room = portal.room AND other.chat = portal.chat
    AND other.login <> portal.login JOIN login ON login.id = other.login
    WHERE portal.login = ? AND portal.chat = ? AND portal.kind = 'group' ORDER BY login.consent_at, login.id LIMIT 1`,
  adoptEvents: `INSERT INTO group_event (login, chat, id, sender, kind, at) SELECT ?, chat, id, sender, kind, at
    FROM group_event WHERE login = ? AND chat = ? ORDER BY at DESC LIMIT ${NEWEST} ON CONFLICT DO NOTHING`,
  newest: `SELECT id FROM (SELECT id, max(place) AS newest FROM message WHERE login = ? AND chat = ? GROUP BY id
      ORDER BY newest DESC LIMIT ${NEWEST})
    UNION SELECT link_id FROM hs_outbox WHERE link_login = ? AND link_chat = ? AND ended_at IS NULL`,
} as const;

type Key = [LoginId, ChatId, MessageId, string, string];

export function sharedGroupReads(db: Database): SharedGroupReads {
  const has = query<Key, { readonly found: 1 }>(db, sql.has);
  return {
    has: async ({ login, chat, id, sender, kind }) => has.one(login, chat, id, sender, kind) !== undefined,
  };
}

interface SharedMessages {
  readonly login: LoginId;
  readonly chat: ChatId;
  readonly ids: string;
  readonly to: LoginId | null;
}

export function sharedGroupWrites(db: Database): SharedGroupWrites {
  const add = db.prepare<[GroupEvent & { readonly at: number }]>(sql.add);
  const adoptEvents = command<[LoginId, LoginId, ChatId]>(db, sql.adoptEvents);
  const steps = share.map((step) => db.prepare<[SharedMessages]>(step));
  const before = query<[LoginId, ChatId], { readonly login: LoginId }>(db, sql.before);
  const newest = query<[LoginId, ChatId, LoginId, ChatId], { readonly id: MessageId }>(db, sql.newest);
  const shareAll = (messages: SharedMessages): void => steps.forEach((step) => void step.run(messages));
  return {
    shown: ({ login, chat, id, sender, kind }, at) => void add.run({ login, chat, id, sender, kind, at }),
    share: ({ login, chat }, id) => shareAll({ login, chat, ids: JSON.stringify([id]), to: null }),
    adopt({ login, chat }) {
      const from = before.one(login, chat)?.login;
      if (from === undefined) return;
      adoptEvents(login, from, chat);
      const ids = JSON.stringify(newest.all(from, chat, from, chat).map(({ id }) => id));
      shareAll({ login: from, chat, ids, to: login });
    },
  };
}
