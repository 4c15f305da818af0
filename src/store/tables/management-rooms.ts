import type { Database } from "better-sqlite3";
import type { RoomId, UserId } from "../../core/model/ids.ts";
import type { ManagementRoomReads, ManagementRoomWrites } from "../../core/ports/store.ts";
import { command, query } from "../database/query.ts";

const sql = {
  of: "SELECT user, room FROM management_room WHERE user = ?",
  owner: "SELECT user, room FROM management_room WHERE room = ?",
  owners: "SELECT user, room FROM management_room ORDER BY user",
  set: "INSERT OR REPLACE INTO management_room (user, room) VALUES (?, ?)",
  remove: "DELETE FROM management_room WHERE room = ?",
} as const;

interface ManagementRoomRow {
  readonly user: UserId;
  readonly room: RoomId;
}

export function managementRoomReads(db: Database): ManagementRoomReads {
  const of = query<[UserId], ManagementRoomRow>(db, sql.of);
  const owner = query<[RoomId], ManagementRoomRow>(db, sql.owner);
  const owners = query<[], ManagementRoomRow>(db, sql.owners);
  return {
    of: async (user) => of.one(user)?.room,
    owner: async (room) => owner.one(room)?.user,
    owners: async () => owners.all().map(({ user }) => user),
  };
}

export function managementRoomWrites(db: Database): ManagementRoomWrites {
  const set = command<[UserId, RoomId]>(db, sql.set);
  const remove = command<[RoomId]>(db, sql.remove);
  return { set: (user, room) => void set(user, room), remove: (room) => void remove(room) };
}
