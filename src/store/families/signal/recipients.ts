import type { Database } from "better-sqlite3";
import type { LoginId, PersonId } from "../../../core/model/ids.ts";
import type {
  ContactProfile,
  Recipient,
  SignalFamilyReads,
  SignalFamilyWrites,
} from "../../../networks/signal/records.ts";
import { bytes, command, query } from "../../database/query.ts";
import { foldedName } from "./folded-name.ts";

type RecipientReads = Pick<
  SignalFamilyReads,
  "recipient" | "recipients" | "storageIds" | "byNumber" | "named"
>;
type RecipientWrites = Pick<
  SignalFamilyWrites,
  "setProfileKey" | "offerProfileKey" | "setProfile" | "setStored" | "removeStored"
>;

interface RecipientRow {
  readonly person: PersonId;
  readonly profile_key: Uint8Array | null;
  readonly profile_name: string | null;
  readonly profile_avatar: string | null;
  readonly profile_at: number | null;
  readonly storage_id: Uint8Array | null;
  readonly pni: PersonId | null;
  readonly number: string | null;
  readonly username: string | null;
  readonly contact_name: string | null;
  readonly nickname: string | null;
  readonly blocked: 0 | 1;
  readonly accepted: 0 | 1;
  readonly marked_unread: 0 | 1;
  readonly muted_until: number;
}

const upsert = (columns: readonly string[]): string =>
  `INSERT INTO signal_recipient (login, person, ${columns.join(", ")})
    VALUES (?, ?, ${columns.map(() => "?").join(", ")})
    ON CONFLICT (login, person) DO UPDATE SET ${columns.map((it) => `${it} = excluded.${it}`).join(", ")}`;

const STORED = [
  "storage_id",
  "pni",
  "number",
  "username",
  "contact_name",
  "nickname",
  "blocked",
  "accepted",
  "marked_unread",
  "muted_until",
  "folded_username",
  "folded_contact",
  "folded_nickname",
] as const;

const NAMES = ["folded_nickname", "folded_contact", "folded_profile", "folded_username"] as const;

export const sql = {
  one: "SELECT * FROM signal_recipient WHERE login = ? AND person = ?",
  all: "SELECT * FROM signal_recipient WHERE login = ? ORDER BY person",
  storageIds: "SELECT person, storage_id FROM signal_recipient WHERE login = ? AND storage_id IS NOT NULL",
  byNumber: `SELECT * FROM signal_recipient WHERE login = ? AND person =
    (SELECT min(person) FROM signal_recipient WHERE login = ? AND number = ?)`,
  /** One search for each name: SQLite reads all of a login's rows where they are one condition. */
  named: `SELECT * FROM signal_recipient WHERE login = ? AND person IN (${NAMES.map(
    (column) => `SELECT person FROM signal_recipient WHERE login = ? AND ${column} = ?`,
  ).join(" UNION ")}) LIMIT 2`,
  setProfileKey: `${upsert(["profile_key"])},
    profile_at = CASE WHEN profile_key IS excluded.profile_key OR profile_at IS NULL THEN profile_at ELSE 0 END`,
  offerProfileKey: `${upsert(["profile_key"])} WHERE profile_key IS NULL`,
  setProfile: upsert(["profile_name", "profile_avatar", "profile_at", "folded_profile"]),
  setStored: upsert(STORED),
  removeStored: `UPDATE signal_recipient SET storage_id = NULL, pni = NULL, number = NULL, username = NULL,
    contact_name = NULL, nickname = NULL, blocked = 0, accepted = 0, marked_unread = 0, muted_until = 0,
    folded_username = NULL, folded_contact = NULL, folded_nickname = NULL
    WHERE login = ? AND person = ?`,
} as const;

type Key = [login: LoginId, person: PersonId];

export function recipientReads(db: Database): RecipientReads {
  const one = query<Key, RecipientRow>(db, sql.one);
  const all = query<[LoginId], RecipientRow>(db, sql.all);
  const storageIds = query<[LoginId], { person: PersonId; storage_id: Uint8Array }>(db, sql.storageIds);
  const byNumber = query<[LoginId, LoginId, string], RecipientRow>(db, sql.byNumber);
  const named = query<[LoginId, ...string[]], RecipientRow>(db, sql.named);
  return {
    recipient: async (login, person) => {
      const row = one.one(login, person);
      return row && recipientOf(row);
    },
    recipients: async (login) => all.all(login).map(recipientOf),
    storageIds: async (login) =>
      storageIds.all(login).map(({ person, storage_id }) => ({ person, storageId: bytes(storage_id) })),
    byNumber: async (login, number) => {
      const row = byNumber.one(login, login, number);
      return row && recipientOf(row);
    },
    named: async (login, name) => {
      const same = foldedName(name);
      return named.all(login, ...NAMES.flatMap(() => [login, same])).map(recipientOf);
    },
  };
}

export function recipientWrites(db: Database): RecipientWrites {
  const setProfileKey = command<[...Key, Uint8Array]>(db, sql.setProfileKey);
  const offerProfileKey = command<[...Key, Uint8Array]>(db, sql.offerProfileKey);
  const setProfile = command<[...Key, string | null, string, number, string | null]>(db, sql.setProfile);
  const setStored = command<[...Key, Uint8Array, ...(string | number | null)[]]>(db, sql.setStored);
  const removeStored = command<Key>(db, sql.removeStored);
  return {
    setProfileKey: (login, person, key) => void setProfileKey(login, person, key),
    offerProfileKey: (login, person, key) => void offerProfileKey(login, person, key),
    setProfile: (login, person, { name, avatar, at }: ContactProfile) =>
      void setProfile(login, person, name ?? null, avatar, at, folded(name)),
    setStored: (login, person, { pni, number, username, contactName, nickname, ...stored }) =>
      void setStored(
        login,
        person,
        stored.storageId,
        ...[pni, number, username, contactName, nickname].map((text) => text ?? null),
        Number(stored.blocked),
        Number(stored.accepted),
        Number(stored.markedUnread),
        stored.mutedUntil,
        ...[username, contactName, nickname].map(folded),
      ),
    removeStored: (login, person) => void removeStored(login, person),
  };
}

const folded = (name: string | undefined): string | null => (name === undefined ? null : foldedName(name));

function recipientOf(row: RecipientRow): Recipient {
  const { person, profile_key: key, profile_at: at, storage_id: id } = row;
  return {
    person,
    profileKey: key === null ? undefined : bytes(key),
    profile:
      at === null ? undefined : { name: row.profile_name ?? undefined, avatar: row.profile_avatar ?? "", at },
    stored:
      id === null
        ? undefined
        : {
            pni: row.pni ?? undefined,
            number: row.number ?? undefined,
            username: row.username ?? undefined,
            contactName: row.contact_name ?? undefined,
            nickname: row.nickname ?? undefined,
            blocked: row.blocked === 1,
            accepted: row.accepted === 1,
            markedUnread: row.marked_unread === 1,
            mutedUntil: row.muted_until,
            storageId: bytes(id),
          },
  };
}
