import type { Database } from "better-sqlite3";
import type { Role } from "../../../core/model/groups.ts";
import type { ChatId, LoginId, PersonId } from "../../../core/model/ids.ts";
import { wellFormedJson } from "../../../core/model/well-formed.ts";
import {
  type GroupAbout,
  type InteropGroupReads,
  type InteropGroupWrites,
  interopGroups,
  type StoredGroup,
  type StoredMember,
} from "../../../networks/meta-interop/group-records.ts";
import { command, query } from "../../database/query.ts";
import type { FamilyTables } from "../family-tables.ts";

interface GroupRow {
  readonly about: string;
  readonly at: number;
  readonly distribution: string | null;
}

interface MemberRow {
  readonly person: PersonId;
  readonly role: Role;
  readonly name: string | null;
  readonly left_at: number | null;
  readonly holds: string | null;
  readonly said: 0 | 1;
}

const sql = {
  group: "SELECT about, at, distribution FROM interop_group WHERE login = ? AND chat = ?",
  members: `SELECT person, role, name, left_at, holds, said FROM interop_member
    WHERE login = ? AND chat = ? AND person > ? ORDER BY person LIMIT ?`,
  member: `SELECT person, role, name, left_at, holds, said FROM interop_member
    WHERE login = ? AND chat = ? AND person = ?`,
  writtenWith: `SELECT chat FROM interop_member JOIN interop_group USING (login, chat)
    WHERE login = ? AND person = ? AND left_at IS NULL AND distribution IS NOT NULL ORDER BY chat`,
  groupOfKey: "SELECT chat FROM interop_sender_key WHERE login = ? AND person = ? AND distribution = ?",
  setGroup: `INSERT INTO interop_group (login, chat, about, at) VALUES (?, ?, ?, coalesce(?, 0))
    ON CONFLICT (login, chat) DO UPDATE SET about = excluded.about, at = coalesce(?, at)`,
  setDistribution: "UPDATE interop_group SET distribution = ? WHERE login = ? AND chat = ?",
  setMember: `INSERT INTO interop_member (login, chat, person, role, name) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (login, chat, person) DO UPDATE SET role = excluded.role, name = coalesce(excluded.name, name),
      holds = iif(left_at IS NULL, holds, NULL), said = iif(left_at IS NULL, said, 0), left_at = NULL`,
  setLeft: `UPDATE interop_member SET left_at = ?, holds = NULL
    WHERE login = ? AND chat = ? AND person = ? AND left_at IS NULL`,
  setHolds: "UPDATE interop_member SET holds = ?, said = 0 WHERE login = ? AND chat = ? AND person = ?",
  setSaid: "UPDATE interop_member SET said = 1 WHERE login = ? AND chat = ? AND person = ?",
  addKey: `INSERT INTO interop_sender_key (login, person, distribution, chat) VALUES (?, ?, ?, ?)
    ON CONFLICT (login, person, distribution) DO NOTHING`,
  renewKeysWith: `UPDATE interop_group SET distribution = NULL WHERE login = ? AND chat IN
    (SELECT chat FROM interop_member WHERE login = ? AND person = ? AND left_at IS NULL)`,
} as const;

const tables = ["interop_group", "interop_member", "interop_sender_key"] as const;

type Key = [login: LoginId, chat: ChatId];

function reads(db: Database): InteropGroupReads {
  const group = query<Key, GroupRow>(db, sql.group);
  const members = query<[...Key, string, number], MemberRow>(db, sql.members);
  const member = query<[...Key, PersonId], MemberRow>(db, sql.member);
  const writtenWith = query<[LoginId, PersonId], { readonly chat: ChatId }>(db, sql.writtenWith);
  const groupOfKey = query<[LoginId, PersonId, string], { readonly chat: ChatId }>(db, sql.groupOfKey);
  return {
    group: async (login, chat) => {
      const row = group.one(login, chat);
      return row && groupOf(row);
    },
    members: async (login, chat, page) =>
      members.all(login, chat, page?.after ?? "", page?.most ?? -1).map(memberOf),
    member: async (login, chat, person) => {
      const row = member.one(login, chat, person);
      return row && memberOf(row);
    },
    writtenWith: async (login, person) => writtenWith.all(login, person).map(({ chat }) => chat),
    groupOfKey: async (login, person, distribution) => groupOfKey.one(login, person, distribution)?.chat,
  };
}

function writes(db: Database): InteropGroupWrites {
  const setGroup = command<[...Key, string, number | null, number | null]>(db, sql.setGroup);
  const setDistribution = command<[string | null, ...Key]>(db, sql.setDistribution);
  const setMember = command<[...Key, PersonId, Role, string | null]>(db, sql.setMember);
  const setLeft = command<[number, ...Key, PersonId]>(db, sql.setLeft);
  const setHolds = command<[string, ...Key, PersonId]>(db, sql.setHolds);
  const setSaid = command<[...Key, PersonId]>(db, sql.setSaid);
  const addKey = command<[LoginId, PersonId, string, ChatId]>(db, sql.addKey);
  const renewKeysWith = command<[LoginId, LoginId, PersonId]>(db, sql.renewKeysWith);
  return {
    setGroup(login, chat, { subject, description, avatar, announcement, locked }, at) {
      const about = JSON.stringify({ subject, description, avatar, announcement, locked });
      setGroup(login, chat, about, at ?? null, at ?? null);
    },
    setDistribution: (login, chat, distribution) => void setDistribution(distribution ?? null, login, chat),
    setMember: (login, chat, { person, role, name }) =>
      void setMember(login, chat, person, role, name ?? null),
    setLeft: (login, chat, person, at) => void setLeft(at, login, chat, person),
    setHolds: (login, chat, person, distribution) => void setHolds(distribution, login, chat, person),
    setSaid: (login, chat, person) => void setSaid(login, chat, person),
    addKey: (login, person, distribution, chat) => void addKey(login, person, distribution, chat),
    renewKeysWith: (login, person) => void renewKeysWith(login, login, person),
  };
}

const memberOf = ({ person, role, name, left_at, holds, said }: MemberRow): StoredMember => ({
  person,
  role,
  name: name ?? undefined,
  leftAt: left_at ?? undefined,
  holds: holds ?? undefined,
  said: said === 1,
});

/** Undefined for a damaged one, which is asked for anew. */
function groupOf({ about, at, distribution }: GroupRow): StoredGroup | undefined {
  try {
    // The bridge wrote it itself.
    const told = JSON.parse(wellFormedJson(about)) as GroupAbout;
    return { ...told, at, distribution: distribution ?? undefined };
  } catch {
    return undefined;
  }
}

/** The groups of WhatsApp and Messenger, and who has which sender key. */
export const interopGroupTables: FamilyTables<InteropGroupReads, InteropGroupWrites> = {
  key: interopGroups,
  migrations: new URL("./migrations/", import.meta.url),
  reads,
  writes,
  // What was sent since the copy was made used keys of these chains up: new ones begin.
  restore: (db) => void db.exec("UPDATE interop_group SET distribution = NULL"),
  forget(db) {
    const runs = tables.map((table) => command<[LoginId]>(db, `DELETE FROM ${table} WHERE login = ?`));
    return (login) => {
      for (const run of runs) run(login);
    };
  },
};
