import type { Database } from "better-sqlite3";
import type { PortalKey, RemoteEvent } from "../../core/model/events.ts";
import type { ChatId, LoginId, MessageId, PersonId } from "../../core/model/ids.ts";
import type { NetworkInboxReads, NetworkInboxWrites, Unconfirmed } from "../../core/ports/queues.ts";
import type { NetworkInboxRow } from "../../core/ports/rows.ts";
import { command, query } from "../database/query.ts";
import { sequence } from "../database/sequence.ts";
import { toRemoteEvent } from "../database/stored-json.ts";
import { laneReads } from "./lane-reads.ts";
import { chatOfMessage } from "./messages/chat-of-message.ts";

const sql = {
  next: `SELECT seq, login, chat, sender, id, attempts, overdue, body, taken_at FROM net_inbox
    WHERE login = +? AND chat = +? AND ended_at IS NULL AND parked_for IS NULL ORDER BY seq LIMIT 0 + ?`,
  lanes: "SELECT DISTINCT login, chat FROM net_inbox WHERE ended_at IS NULL AND parked_for IS NULL",
  /**
   * Undecryptable messages and changed identities do not count: the former may come again, the latter bear their
   * message's id.
   */
  taken: `SELECT 1 AS found FROM net_inbox
    WHERE login = ? AND chat = ? AND id = ? AND sender = ?
    AND kind IN ('message', 'edit', 'delete', 'reaction', 'excluded', 'call', 'unsupported')`,
  /** A deletion whose chat is not known: it counts as ended, so that the sweep deletes it unless its message comes. */
  takeUnplaced: `INSERT INTO net_inbox (seq, login, chat, sender, id, kind, body, parked_for, taken_at, ended_at)
    VALUES (?, ?, '', ?, ?, 'delete', ?, ?, ?, ?) ON CONFLICT (login, chat, id, sender, kind) DO NOTHING`,
  placed: `UPDATE OR IGNORE net_inbox SET chat = ?, parked_for = NULL, ended_at = NULL
    WHERE login = ? AND chat = '' AND parked_for = ? AND sender = ?`,
  count: "SELECT count(*) AS count FROM net_inbox WHERE ended_at IS NULL AND parked_for IS NULL",
  receipt: `SELECT receipt FROM net_inbox
    WHERE login = ? AND chat = ? AND id = ? AND sender = ? AND kind = 'message'`,
  unconfirmed: `SELECT seq, chat, sender, id, receipt FROM net_inbox AS taken
    WHERE login = ? AND receipt IS NOT NULL AND seq > ? AND EXISTS (SELECT 1 FROM message
      WHERE message.login = taken.login AND message.chat = taken.chat AND message.id = taken.id
      AND message.part = 0 AND message.sender = taken.sender)
    ORDER BY seq LIMIT 0 + ?`,
  confirmed: `UPDATE net_inbox SET receipt = NULL
    WHERE login = ? AND chat = ? AND id = ? AND sender = ? AND kind = 'message' AND receipt IS NOT NULL`,
  take: `INSERT INTO net_inbox (seq, login, chat, sender, id, kind, body, raw, receipt, taken_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (login, chat, id, sender, kind) DO NOTHING`,
  finish: "UPDATE net_inbox SET body = NULL, ended_at = ? WHERE seq = ? AND ended_at IS NULL",
  park: "UPDATE net_inbox SET parked_for = ? WHERE seq = ? AND ended_at IS NULL",
  unpark: "UPDATE net_inbox SET parked_for = NULL WHERE login = ? AND chat = ? AND parked_for = ?",
  parked: `SELECT seq, login, chat FROM net_inbox WHERE login = ? AND parked_for IS NOT NULL
    AND ended_at IS NULL ORDER BY seq LIMIT 0 + ?`,
  awaited: `SELECT 1 AS found FROM net_inbox
    WHERE login = ? AND chat = ? AND parked_for = ? AND ended_at IS NULL LIMIT 1`,
  overdue: "UPDATE net_inbox SET parked_for = NULL, overdue = 1 WHERE seq = ? AND parked_for IS NOT NULL",
  countTry: "UPDATE net_inbox SET attempts = attempts + 1 WHERE seq = ?",
} as const;

type Key = [LoginId, ChatId, MessageId, Sender];

/** Empty for our own person: the key cannot be NULL. */
type Sender = PersonId | "";
const senderOf = ({ sender }: Pick<RemoteEvent, "sender">): Sender => sender ?? "";

interface NetInboxRow {
  readonly seq: number;
  readonly login: LoginId;
  readonly chat: ChatId;
  readonly sender: Sender;
  readonly id: MessageId;
  readonly attempts: number;
  readonly overdue: 0 | 1;
  readonly body: string | null;
  readonly taken_at: number;
}

export function networkInboxReads(db: Database): NetworkInboxReads {
  const next = query<[LoginId, ChatId, number], NetInboxRow>(db, sql.next);
  const lanes = query<[], PortalKey>(db, sql.lanes);
  const taken = query<Key, { readonly found: 1 }>(db, sql.taken);
  const count = query<[], { readonly count: number }>(db, sql.count);
  const chatOf = chatOfMessage(db);
  const parked = query<[LoginId, number], PortalKey & { readonly seq: number }>(db, sql.parked);
  const awaited = query<[LoginId, ChatId, MessageId], { readonly found: 1 }>(db, sql.awaited);
  const receipt = query<Key, { readonly receipt: string | null }>(db, sql.receipt);
  const unconfirmed = query<[LoginId, number, number], Unconfirmed>(db, sql.unconfirmed);
  return {
    ...laneReads({
      load: ({ login, chat }: PortalKey, limit, size) =>
        next.within(size, ({ body }) => body?.length ?? 0, login, chat, limit),
      toItem: (row: NetInboxRow): NetworkInboxRow | undefined => {
        const { seq, login, chat, attempts, overdue } = row;
        const event = toRemoteEvent(row.body, row);
        return event && { seq, key: { login, chat }, event, attempts, overdue: overdue === 1 };
      },
      toDamaged: ({ seq, login, chat, id, body }: NetInboxRow) => ({
        seq,
        key: { login, chat },
        id,
        body: body ?? "",
      }),
    }),
    lanes: async () => lanes.all(),
    chatOf: async (login, message) => chatOf(login, message),
    hasTaken: async (login, message) =>
      taken.one(login, message.chat, message.id, senderOf(message)) !== undefined,
    count: async () => count.one()?.count ?? 0,
    receipt: async (login, message) =>
      receipt.one(login, message.chat, message.id, senderOf(message))?.receipt ?? undefined,
    unconfirmed: async (login, after, limit) => unconfirmed.all(login, after, limit),
    parked: async (login, limit) =>
      parked.all(login, limit).map(({ seq, chat }) => ({ seq, key: { login, chat } })),
    isAwaited: async ({ login, chat }, target) => awaited.one(login, chat, target) !== undefined,
  };
}

export function networkInboxWrites(db: Database, now: () => number): NetworkInboxWrites {
  const seq = sequence(db, "net_inbox");
  const take = command<
    [number, LoginId, ChatId, Sender, MessageId, string, string, Uint8Array | null, string | null, number]
  >(db, sql.take);
  const takeUnplaced = command<[number, LoginId, Sender, MessageId, string, MessageId, number, number]>(
    db,
    sql.takeUnplaced,
  );
  const placed = command<[ChatId, LoginId, MessageId, Sender]>(db, sql.placed);
  const finish = command<[number, number]>(db, sql.finish);
  const countTry = command<[number]>(db, sql.countTry);
  const confirmed = command<Key>(db, sql.confirmed);
  const park = command<[MessageId, number]>(db, sql.park);
  const overdue = command<[number]>(db, sql.overdue);
  const unpark = command<[LoginId, ChatId, MessageId]>(db, sql.unpark);
  return {
    take(login, event, at) {
      const { chat, id, kind } = event;
      const sender = senderOf(event);
      const raw = kind === "unsupported" && event.raw !== undefined ? Buffer.from(event.raw, "base64") : null;
      const receipt = kind === "message" ? (event.receipt ?? null) : null;
      take(seq(), login, chat, sender, id, kind, JSON.stringify(event), raw, receipt, at);
      if (kind === "message" || kind === "edit") placed(chat, login, id, sender);
    },
    takeUnplaced(login, deletion, at) {
      const { id, target } = deletion;
      const sender = senderOf(deletion);
      takeUnplaced(seq(), login, sender, id, JSON.stringify(deletion), target, at, at);
    },
    finish: (row) => void finish(now(), row),
    countTry: (row) => void countTry(row),
    confirmed: (login, message) => void confirmed(login, message.chat, message.id, senderOf(message)),
    park: (row, target) => void park(target, row),
    overdue: ({ seq }) => void overdue(seq),
    unpark: ({ login, chat }, target) => void unpark(login, chat, target),
  };
}
