import type { Database } from "better-sqlite3";
import type { ChatId, LoginId, RoomId } from "../../core/model/ids.ts";
import type { FormerRoomReads, FormerRoomWrites } from "../../core/ports/portal-store.ts";
import type { FormerRoom } from "../../core/ports/rows.ts";
import { command, query } from "../database/query.ts";

const columns = "room, login, chat, followed, carried, at";
const sql = {
  get: `SELECT ${columns} FROM former_room WHERE room = ?`,
  of: `SELECT ${columns} FROM former_room WHERE login = ? AND chat = ? ORDER BY at, room`,
  carried: "UPDATE former_room SET carried = 1 WHERE room = ?",
  add: `INSERT INTO former_room (${columns}) VALUES (?, ?, ?, ?, 0, ?)
    ON CONFLICT (room) DO UPDATE SET login = excluded.login, chat = excluded.chat,
    followed = excluded.followed, carried = 0, at = excluded.at`,
  remove: "DELETE FROM former_room WHERE room = ?",
  move: `UPDATE portal SET room = ?, create_key = ?, state = iif(state = 'archived', 'archived', 'making'),
    member = iif(member = 'left', 'left', 'none'), picture = '', powers = ''
    WHERE (login = ? OR kind = 'group') AND chat = ? AND room = ?`,
  showAnew: `UPDATE portal_member SET shown = 0, doubts = doubts + 1 WHERE chat = ?
    AND login IN (SELECT login FROM portal WHERE portal.chat = portal_member.chat AND create_key = ?)`,
} as const;

interface FormerRoomRow {
  readonly room: RoomId;
  readonly login: LoginId;
  readonly chat: ChatId;
  readonly followed: number;
  readonly carried: number;
  readonly at: number;
}

const toFormerRoom = (row: FormerRoomRow): FormerRoom => ({
  ...row,
  followed: row.followed === 1,
  carried: row.carried === 1,
});

export function formerRoomReads(db: Database): FormerRoomReads {
  const get = query<[RoomId], FormerRoomRow>(db, sql.get);
  const of = query<[LoginId, ChatId], FormerRoomRow>(db, sql.of);
  return {
    get: async (room) => {
      const row = get.one(room);
      return row && toFormerRoom(row);
    },
    of: async ({ login, chat }) => of.all(login, chat).map(toFormerRoom),
  };
}

export function formerRoomWrites(db: Database): FormerRoomWrites {
  const carried = command<[RoomId]>(db, sql.carried);
  const add = command<[RoomId, LoginId, ChatId, number, number]>(db, sql.add);
  const remove = command<[RoomId]>(db, sql.remove);
  const move = command<[RoomId | null, string, LoginId, ChatId, RoomId]>(db, sql.move);
  const showAnew = command<[ChatId, string]>(db, sql.showAnew);
  return {
    leave({ login, chat, room, successor, bridged, createKey, at }) {
      if (move(successor ?? null, createKey, login, chat, room) === 0) return;
      showAnew(chat, createKey);
      add(room, login, chat, successor === undefined || bridged ? 0 : 1, at);
      if (successor !== undefined) remove(successor);
    },
    carried: (room) => void carried(room),
    forget: (room) => void remove(room),
  };
}
