import type { Database } from "better-sqlite3";
import type { ChatId, LoginId } from "../../../core/model/ids.ts";
import { wellFormedJson } from "../../../core/model/well-formed.ts";
import type {
  GroupState,
  KnownGroup,
  SignalGroupReads,
  SignalGroupWrites,
  StoredGroup,
} from "../../../networks/signal/group-records.ts";
import { bytes, command, query } from "../../database/query.ts";

interface GroupRow extends StoredRow {
  readonly master_key: Uint8Array;
  readonly state: string | null;
}

interface StoredRow {
  readonly chat: ChatId;
  readonly storage_id: Uint8Array | null;
  readonly blocked: 0 | 1;
  readonly accepted: 0 | 1;
  readonly archived: 0 | 1;
  readonly marked_unread: 0 | 1;
  readonly muted_until: number;
}

const sql = {
  one: "SELECT * FROM signal_group WHERE login = ? AND chat = ?",
  all: `SELECT chat, storage_id, blocked, accepted, archived, marked_unread, muted_until FROM signal_group
    WHERE login = ? ORDER BY chat`,
  add: "INSERT INTO signal_group (login, chat, master_key) VALUES (?, ?, ?) ON CONFLICT (login, chat) DO NOTHING",
  setState: "UPDATE signal_group SET revision = ?, state = ? WHERE login = ? AND chat = ? AND revision <= ?",
  setStored: `UPDATE signal_group SET storage_id = ?, blocked = ?, accepted = ?, archived = ?, marked_unread = ?,
    muted_until = ? WHERE login = ? AND chat = ?`,
  removeStored: `UPDATE signal_group SET storage_id = NULL, blocked = 0, accepted = 0, archived = 0, marked_unread = 0,
    muted_until = 0 WHERE login = ? AND chat = ?`,
} as const;

type Key = [login: LoginId, chat: ChatId];

export function groupReads(db: Database): Pick<SignalGroupReads, "group" | "groups"> {
  const one = query<Key, GroupRow>(db, sql.one);
  const all = query<[LoginId], StoredRow>(db, sql.all);
  return {
    group: async (login, chat) => {
      const row = one.one(login, chat);
      return row && groupOf(row);
    },
    groups: async (login) => all.all(login).map((row) => ({ chat: row.chat, stored: storedIn(row) })),
  };
}

export function groupWrites(db: Database): Omit<SignalGroupWrites, "hold" | "release"> {
  const add = command<[...Key, Uint8Array]>(db, sql.add);
  const setState = command<[number, string, ...Key, number]>(db, sql.setState);
  const setStored = command<[Uint8Array, ...number[], ...Key]>(db, sql.setStored);
  const removeStored = command<Key>(db, sql.removeStored);
  return {
    addGroup: (login, chat, masterKey) => void add(login, chat, masterKey),
    setGroupState: (login, chat, state) =>
      void setState(state.revision, JSON.stringify(state), login, chat, state.revision),
    setStoredGroup: (login, chat, { storageId, blocked, accepted, archived, markedUnread, mutedUntil }) =>
      void setStored(
        storageId,
        ...[blocked, accepted, archived, markedUnread].map(Number),
        mutedUntil,
        login,
        chat,
      ),
    removeStoredGroup: (login, chat) => void removeStored(login, chat),
  };
}

const groupOf = (row: GroupRow): KnownGroup => ({
  chat: row.chat,
  masterKey: bytes(row.master_key),
  state: stateIn(row.state),
  stored: storedIn(row),
});

function storedIn(row: StoredRow): StoredGroup | undefined {
  if (row.storage_id === null) return undefined;
  return {
    blocked: row.blocked === 1,
    accepted: row.accepted === 1,
    archived: row.archived === 1,
    markedUnread: row.marked_unread === 1,
    mutedUntil: row.muted_until,
    storageId: bytes(row.storage_id),
  };
}

/** Undefined for a damaged one, which is fetched anew. */
function stateIn(text: string | null): GroupState | undefined {
  if (text === null) return undefined;
  try {
    // The bridge wrote it itself.
    return JSON.parse(wellFormedJson(text)) as GroupState;
  } catch {
    return undefined;
  }
}
