import type { Database } from "better-sqlite3";
import type { LoginId, RoomId, UserId } from "../../../core/model/ids.ts";
import { encodeKey } from "../../../matrix/crypto/indexed-db/keys.ts";
import { command, query } from "../../database/query.ts";

/** Where the library keeps what a session's messages are read with, by its room and itself. */
const INBOUND = "inbound_group_sessions3";
const BETWEEN = "\u001d";

/** The stores of one of our users' databases, whichever device they are of. */
const STORES = `(SELECT crypto_store.id FROM crypto_store JOIN crypto_database ON crypto_database.id = database
  WHERE crypto_store.name = '${INBOUND}' AND crypto_database.name >= ? || '/' AND crypto_database.name < ? || '0')`;

const sql = {
  use: `INSERT INTO crypto_session (id, bridge_user, room, at) VALUES (?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET at = max(at, excluded.at)`,
  unused: "SELECT id, bridge_user, room FROM crypto_session WHERE at < ? ORDER BY at LIMIT 0 + ?",
  /** What is a chat of another person's too stays theirs. */
  ofLogin: `SELECT id, bridge_user, room FROM crypto_session WHERE room IN (
      SELECT room FROM portal WHERE login = ? UNION SELECT room FROM former_room WHERE login = ?)
    AND room NOT IN (SELECT room FROM portal WHERE room IS NOT NULL AND login <> ?)`,
  forget: "DELETE FROM crypto_session WHERE id = ?",
  forgetOpened: "DELETE FROM crypto_opened WHERE session = ?",
  forgetKey: `DELETE FROM crypto_row WHERE store IN ${STORES} AND key = ?`,
  forgetEntries: `DELETE FROM crypto_index WHERE store IN ${STORES} AND key = ?`,
} as const;

/** A session of a room, and which of our users reads it. */
interface StoredSession {
  readonly id: string;
  readonly bridge_user: UserId;
  readonly room: RoomId;
}

/** Sessions are forgotten as a whole: what was read once is known as long as it could be read once more. */
export function sessionWrites(db: Database) {
  const use = command<[string, UserId, RoomId, number]>(db, sql.use);
  const unused = query<[number, number], StoredSession>(db, sql.unused);
  const forget = forgetting(db);
  return {
    useSession: (session: string, reader: UserId, room: RoomId, at: number) =>
      void use(session, reader, room, at),
    forgetSessions(before: number, most: number): void {
      for (const session of unused.all(before, most)) forget(session);
    },
  };
}

/** Prepares the deletion of what the messages of a login's rooms are read with. */
export function forgetLogin(db: Database): (login: LoginId) => void {
  const ofLogin = query<[LoginId, LoginId, LoginId], StoredSession>(db, sql.ofLogin);
  const forget = forgetting(db);
  return (login) => {
    for (const session of ofLogin.all(login, login, login)) forget(session);
  };
}

function forgetting(db: Database): (session: StoredSession) => void {
  const forget = command<[string]>(db, sql.forget);
  const forgetOpened = command<[string]>(db, sql.forgetOpened);
  const forgetKey = command<[UserId, UserId, Uint8Array]>(db, sql.forgetKey);
  const forgetEntries = command<[UserId, UserId, Uint8Array]>(db, sql.forgetEntries);
  return ({ id, bridge_user: reader, room }) => {
    const key = encodeKey(room + BETWEEN + id);
    forgetEntries(reader, reader, key);
    forgetKey(reader, reader, key);
    forgetOpened(id);
    forget(id);
  };
}
