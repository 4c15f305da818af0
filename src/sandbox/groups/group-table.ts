import type { NetworkName } from "../config.ts";
import type { Db } from "../state/database.ts";
import type { ProfilePicture } from "../state/person-table.ts";

/** A member's part; `superadmin`: who made the group. */
export type GroupPart = "member" | "admin" | "superadmin";

export interface GroupRow {
  readonly id: number;
  /** `{gid}@g.us` */
  readonly jid: string;
  readonly network: NetworkName;
  /** JID of who made it. */
  readonly creator: string;
  readonly subject: string;
  /** Empty where there is none. */
  readonly description: string;
  readonly picture: ProfilePicture | null;
  /** Whether only admins write in it. */
  readonly announcement: boolean;
  /** Whether only admins change it. */
  readonly locked: boolean;
  /** How many have left. */
  readonly left: number;
}

type StoredGroup = Omit<GroupRow, "picture" | "announcement" | "locked"> & {
  readonly picture: string | null;
  readonly announcement: number;
  readonly locked: number;
};

/** A member is a person by their id, or an integrator's user by their account; the other is empty or 0. */
export interface MemberRow {
  readonly person: string;
  readonly account: number;
  readonly part: GroupPart;
}
export type MemberKey = Omit<MemberRow, "part">;

export type NewGroup = Pick<GroupRow, "jid" | "network" | "creator" | "subject"> & {
  /** The creator's own name for it, by which a repeated request is known. */
  readonly key: string | null;
};

const toRow = ({ picture, announcement, locked, ...rest }: StoredGroup): GroupRow => ({
  ...rest,
  picture: picture === null ? null : (JSON.parse(picture) as ProfilePicture),
  announcement: announcement === 1,
  locked: locked === 1,
});

const columns = "id, jid, network, creator, subject, description, picture, announcement, locked, left";

/** Groups and their members, in the order in which they came. Writing functions are to be called inside a commit. */
export function groupTable(db: Db) {
  const all = db.prepare<[], StoredGroup>(`SELECT ${columns} FROM chat_group ORDER BY id`);
  const byId = db.prepare<[number], StoredGroup>(`SELECT ${columns} FROM chat_group WHERE id = ?`);
  const byJid = db.prepare<[string], StoredGroup>(`SELECT ${columns} FROM chat_group WHERE jid = ?`);
  const byKey = db.prepare<[string, string], StoredGroup>(
    `SELECT ${columns} FROM chat_group WHERE creator = ? AND key = ?`,
  );
  const insert = db.prepare(
    "INSERT INTO chat_group (jid, network, creator, key, subject) VALUES (@jid, @network, @creator, @key, @subject)",
  );
  const update = db.prepare(
    `UPDATE chat_group SET subject = @subject, description = @description, picture = @picture,
       announcement = @announcement, locked = @locked, left = @left WHERE id = @id`,
  );
  const members = db.prepare<[number], MemberRow>(
    "SELECT person, account, part FROM group_member WHERE chat = ? ORDER BY rowid",
  );
  const member = db.prepare<[number, string, number], MemberRow>(
    "SELECT person, account, part FROM group_member WHERE chat = ? AND person = ? AND account = ?",
  );
  const groupsOf = db.prepare<[string, number], { chat: number }>(
    "SELECT chat FROM group_member WHERE person = ? AND account = ? ORDER BY chat",
  );
  const put = db.prepare(
    `INSERT INTO group_member (chat, person, account, part) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET part = excluded.part`,
  );
  const drop = db.prepare("DELETE FROM group_member WHERE chat = ? AND person = ? AND account = ?");
  const found = (row: StoredGroup | undefined): GroupRow | undefined => row && toRow(row);

  return {
    all: (): readonly GroupRow[] => all.all().map(toRow),
    byJid: (jid: string): GroupRow | undefined => found(byJid.get(jid)),
    byId: (id: number): GroupRow | undefined => found(byId.get(id)),
    byKey: (creator: string, key: string): GroupRow | undefined => found(byKey.get(creator, key)),
    insert(group: NewGroup): GroupRow {
      const { lastInsertRowid } = insert.run(group);
      return { ...group, id: Number(lastInsertRowid), ...fresh };
    },
    update({ id, subject, description, picture, announcement, locked, left }: GroupRow): void {
      update.run({
        id,
        subject,
        description,
        picture: picture && JSON.stringify(picture),
        announcement: Number(announcement),
        locked: Number(locked),
        left,
      });
    },
    members: (group: number): readonly MemberRow[] => members.all(group),
    member: (group: number, { person, account }: MemberKey): MemberRow | undefined =>
      member.get(group, person, account),
    groupsOf: ({ person, account }: MemberKey): readonly GroupRow[] =>
      groupsOf.all(person, account).flatMap(({ chat }) => found(byId.get(chat)) ?? []),
    /** Adds a member, or gives one another part. */
    put: (group: number, { person, account, part }: MemberRow): void =>
      void put.run(group, person, account, part),
    drop: (group: number, { person, account }: MemberKey): void => void drop.run(group, person, account),
  };
}
export type GroupTable = ReturnType<typeof groupTable>;

const fresh = { description: "", picture: null, announcement: false, locked: false, left: 0 } as const;
