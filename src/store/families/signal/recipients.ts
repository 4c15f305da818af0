import type { Database } from "better-sqlite3";
import type { LoginId, PersonId } from "../../../core/model/ids.ts";
import type {
  ContactProfile,
  Recipient,
  SignalFamilyReads,
  SignalFamilyWrites,
} from "../../../networks/signal/records.ts";
import { bytes, command, query } from "../../database/query.ts";

type RecipientReads = Pick<SignalFamilyReads, "recipient" | "recipients" | "storageVersion">;
type RecipientWrites = Pick<
  SignalFamilyWrites,
  "setProfileKey" | "setProfile" | "setStored" | "removeStored" | "setStorageVersion"
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
] as const;

const sql = {
  one: "SELECT * FROM signal_recipient WHERE login = ? AND person = ?",
  all: "SELECT * FROM signal_recipient WHERE login = ? ORDER BY person",
  setProfileKey: upsert(["profile_key"]),
  setProfile: upsert(["profile_name", "profile_avatar", "profile_at"]),
  setStored: upsert(STORED),
  removeStored: `UPDATE signal_recipient SET storage_id = NULL, pni = NULL, number = NULL, username = NULL,
    contact_name = NULL, nickname = NULL, blocked = 0, accepted = 0, marked_unread = 0, muted_until = 0
    WHERE login = ? AND person = ?`,
  version: "SELECT version FROM signal_storage WHERE login = ?",
  setVersion: `INSERT INTO signal_storage (login, version) VALUES (?, ?)
    ON CONFLICT (login) DO UPDATE SET version = excluded.version`,
} as const;

type Key = [login: LoginId, person: PersonId];

export function recipientReads(db: Database): RecipientReads {
  const one = query<Key, RecipientRow>(db, sql.one);
  const all = query<[LoginId], RecipientRow>(db, sql.all);
  const version = query<[LoginId], { readonly version: number }>(db, sql.version);
  return {
    recipient: async (login, person) => {
      const row = one.one(login, person);
      return row && recipientOf(row);
    },
    recipients: async (login) => all.all(login).map(recipientOf),
    storageVersion: async (login) => BigInt(version.one(login)?.version ?? 0),
  };
}

export function recipientWrites(db: Database): RecipientWrites {
  const setProfileKey = command<[...Key, Uint8Array]>(db, sql.setProfileKey);
  const setProfile = command<[...Key, string | null, string, number]>(db, sql.setProfile);
  const setStored = command<[...Key, Uint8Array, ...(string | null)[], number, number, number, number]>(
    db,
    sql.setStored,
  );
  const removeStored = command<Key>(db, sql.removeStored);
  const setVersion = command<[LoginId, number]>(db, sql.setVersion);
  return {
    setProfileKey: (login, person, key) => void setProfileKey(login, person, key),
    setProfile: (login, person, { name, avatar, at }: ContactProfile) =>
      void setProfile(login, person, name ?? null, avatar, at),
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
      ),
    removeStored: (login, person) => void removeStored(login, person),
    setStorageVersion: (login, version) => void setVersion(login, Number(version)),
  };
}

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
