import type { Database } from "better-sqlite3";
import type { ChatId, LoginId, PersonId } from "../../core/model/ids.ts";
import type { PortalMemberReads, PortalMemberWrites } from "../../core/ports/portal-store.ts";
import type { PortalMember } from "../../core/ports/rows.ts";
import { command, query } from "../database/query.ts";

const columns = "login, chat, person, role, membership";
const read = `${columns}, doubts`;
const sql = {
  of: `SELECT ${read} FROM portal_member WHERE login = ? AND chat = ? ORDER BY person`,
  get: `SELECT ${read} FROM portal_member WHERE login = ? AND chat = ? AND person = ?`,
  withRole: `SELECT ${read} FROM portal_member WHERE login = ? AND chat = ? AND role IN ('admin', 'owner')
    AND membership <> 'left' ORDER BY role DESC, person LIMIT ?`,
  count:
    "SELECT count(*) AS members FROM portal_member WHERE login = ? AND chat = ? AND membership <> 'left'",
  /** Our own person first, then those with a role. */
  unshown: `SELECT ${read} FROM portal_member WHERE login = ? AND chat = ? AND shown = 0
    ORDER BY person <> '', role NOT IN ('admin', 'owner'), person LIMIT ?`,
  put: `INSERT INTO portal_member (${columns}, shown) SELECT login, chat, ?, ?, ?, 0 FROM portal
    WHERE login = ? AND chat = ? AND kind = 'group'
    ON CONFLICT (login, chat, person) DO UPDATE SET role = excluded.role, membership = excluded.membership,
    shown = shown AND role = excluded.role AND membership = excluded.membership`,
  doubt:
    "UPDATE portal_member SET shown = 0, doubts = doubts + 1 WHERE login = ? AND chat = ? AND person = ?",
  doubtLeft: `UPDATE portal_member SET shown = 0, doubts = doubts + 1
    WHERE login = $login AND chat = $chat AND membership = 'left'
    AND person IN (SELECT person FROM portal_member WHERE login = $other AND chat = $chat
      AND (membership <> 'left' OR shown = 0))`,
  /** Also where a damaged row was taken for that. */
  shown: `UPDATE portal_member SET shown = 1, role = $role, membership = $membership
    WHERE login = $login AND chat = $chat AND person = $person AND doubts = $doubts
    AND iif(role IN ('admin', 'owner'), role, 'member') = $role
    AND iif(membership = 'left', membership, 'joined') = $membership`,
} as const;

/** The login's own person in the key, which cannot be NULL. */
const OWN = "";

interface PortalMemberRow extends Omit<PortalMember, "person" | "doubts"> {
  readonly person: PersonId | typeof OWN;
  readonly doubts: number;
}

/** Of a damaged row somebody is in the group and may do what everybody may. */
const toMember = ({ login, chat, person, role, membership, doubts }: PortalMemberRow): PortalMember => ({
  login,
  chat,
  role: role === "owner" || role === "admin" ? role : "member",
  membership: membership === "left" ? "left" : "joined",
  person: person === OWN ? undefined : person,
  ...(doubts === 0 ? {} : { doubts }),
});

export function portalMemberReads(db: Database): PortalMemberReads {
  const of = query<[LoginId, ChatId], PortalMemberRow>(db, sql.of);
  const get = query<[LoginId, ChatId, string], PortalMemberRow>(db, sql.get);
  const withRole = query<[LoginId, ChatId, number], PortalMemberRow>(db, sql.withRole);
  const count = query<[LoginId, ChatId], { readonly members: number }>(db, sql.count);
  const unshown = query<[LoginId, ChatId, number], PortalMemberRow>(db, sql.unshown);
  return {
    of: async ({ login, chat }) => of.all(login, chat).map(toMember),
    get: async ({ login, chat }, person) => {
      const row = get.one(login, chat, person ?? OWN);
      return row && toMember(row);
    },
    withRole: async ({ login, chat }, limit) => withRole.all(login, chat, limit).map(toMember),
    count: async ({ login, chat }) => count.one(login, chat)?.members ?? 0,
    unshown: async ({ login, chat }, limit) => unshown.all(login, chat, limit).map(toMember),
  };
}

export function portalMemberWrites(db: Database): PortalMemberWrites {
  type MemberColumns = [person: string, role: string, membership: string];
  const put = command<[...MemberColumns, LoginId, ChatId]>(db, sql.put);
  const doubt = command<[LoginId, ChatId, string]>(db, sql.doubt);
  const doubtLeft = db.prepare<[{ readonly login: LoginId; readonly chat: ChatId; readonly other: LoginId }]>(
    sql.doubtLeft,
  );
  const shown = db.prepare<[Omit<PortalMemberRow, "person"> & { readonly person: string }]>(sql.shown);
  const memberColumns = ({ person, role, membership }: PortalMember): MemberColumns => [
    person ?? OWN,
    role,
    membership,
  ];
  return {
    put: (member) => void put(...memberColumns(member), member.login, member.chat),
    doubt(member) {
      const { login, chat, person } = member;
      if (doubt(login, chat, person ?? OWN) === 0) put(...memberColumns(member), login, chat);
    },
    doubtLeft: ({ login, chat }, other) => void doubtLeft.run({ login, chat, other }),
    shown: ({ login, chat, person, role, membership, doubts = 0 }) =>
      void shown.run({ login, chat, person: person ?? OWN, role, membership, doubts }),
  };
}
