import type { Database } from "better-sqlite3";
import type { ChatId, EventId, LoginId, MessageId, OutboxId, PersonId, RoomId, UserId } from "../core/ids.ts";
import type { HsOutboxRow, MessageLink } from "../core/rows.ts";
import type { HsOutboxReads, HsOutboxWrites } from "../core/store.ts";
import { command, query } from "./query.ts";
import { type Mortuary, readQueue } from "./read-queue.ts";
import { sequence } from "./sequence.ts";
import { toFields } from "./stored-json.ts";

const columns = `id, room, sender, type, state_key, content, link_login, link_chat, link_id, link_part, link_sender,
  created_at, attempts, tried_at`;
const sql = {
  next: `SELECT ${columns} FROM hs_outbox WHERE room = +? AND ended_at IS NULL ORDER BY seq LIMIT 0 + ?`,
  lanes: "SELECT DISTINCT room FROM hs_outbox WHERE ended_at IS NULL",
  get: `SELECT ${columns} FROM hs_outbox WHERE id = ?`,
  count: "SELECT count(*) AS count FROM hs_outbox WHERE ended_at IS NULL",
  add: `INSERT INTO hs_outbox (seq, id, room, sender, type, state_key, content,
      link_login, link_chat, link_id, link_part, link_sender, created_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
  /** The first try counts: the homeserver forgets the transaction a day after it took it, however often we ask. */
  tried: "UPDATE hs_outbox SET tried_at = coalesce(tried_at, ?) WHERE id = ?",
  failed: "UPDATE hs_outbox SET attempts = attempts + 1 WHERE id = ?",
  link: `INSERT INTO message (login, chat, id, part, event, room, sender)
    SELECT link_login, link_chat, link_id, link_part, ?, room, link_sender FROM hs_outbox
    WHERE id = ? AND event IS NULL AND link_id IS NOT NULL ON CONFLICT DO NOTHING`,
  sent: `UPDATE hs_outbox SET content = NULL, link_login = NULL, link_chat = NULL, link_id = NULL, link_part = NULL,
    link_sender = NULL, event = ?, ended_at = ? WHERE id = ? AND event IS NULL`,
  drop: "UPDATE hs_outbox SET content = NULL, ended_at = ? WHERE id = ? AND ended_at IS NULL",
} as const;

interface Row {
  readonly id: OutboxId;
  readonly room: RoomId;
  readonly sender: UserId;
  readonly type: string;
  readonly state_key: string | null;
  readonly content: string | null;
  readonly link_login: LoginId | null;
  readonly link_chat: ChatId | null;
  readonly link_id: MessageId | null;
  readonly link_part: number | null;
  readonly link_sender: PersonId | null;
  readonly created_at: number;
  readonly attempts: number;
  readonly tried_at: number | null;
}

function toLink(row: Row): MessageLink | undefined {
  const { link_login: login, link_chat: chat, link_id: id, link_part: part, link_sender: sender } = row;
  if (login === null || chat === null || id === null || part === null) return undefined;
  return { login, chat, id, part, sender: sender ?? undefined };
}

const toHsOutboxRow = (row: Row, content: HsOutboxRow["content"]): HsOutboxRow => ({
  id: row.id,
  room: row.room,
  sender: row.sender,
  type: row.type,
  stateKey: row.state_key ?? undefined,
  content,
  link: toLink(row),
  createdAt: row.created_at,
  attempts: row.attempts,
  triedAt: row.tried_at ?? undefined,
});

export function hsOutboxReads(db: Database, mortuary: Mortuary): HsOutboxReads {
  const next = query<[RoomId, number], Row>(db, sql.next);
  const lanes = query<[], { readonly room: RoomId }>(db, sql.lanes);
  const get = query<[OutboxId], Row>(db, sql.get);
  const count = query<[], { readonly count: number }>(db, sql.count);
  return {
    next: (room, limit) =>
      readQueue(mortuary, {
        load: () => next.all(room, limit),
        toItem: (row) => {
          const content = toFields(row.content);
          return content && toHsOutboxRow(row, content);
        },
        toLetter: (row) => ({
          direction: "to-matrix",
          key: toLink(row),
          ref: row.link_id ?? row.id,
          body: row.content ?? "",
        }),
        end: (tx, { id }) => tx.hsOutbox.drop(id),
      }),
    lanes: async () => lanes.all().map(({ room }) => room),
    get: async (id) => {
      const row = get.one(id);
      return row && toHsOutboxRow(row, toFields(row.content) ?? {});
    },
    count: async () => count.one()?.count ?? 0,
  };
}

type Added = [number, OutboxId, RoomId, UserId, string, string | null, string, ...LinkColumns, number];
type LinkColumns = [LoginId | null, ChatId | null, MessageId | null, number | null, PersonId | null];

const toColumns = (link: MessageLink | undefined): LinkColumns =>
  link === undefined
    ? [null, null, null, null, null]
    : [link.login, link.chat, link.id, link.part, link.sender ?? null];

export function hsOutboxWrites(db: Database, now: () => number): HsOutboxWrites {
  const seq = sequence(db, "hs_outbox");
  const add = command<Added>(db, sql.add);
  const tried = command<[number, OutboxId]>(db, sql.tried);
  const failed = command<[OutboxId]>(db, sql.failed);
  const link = command<[EventId, OutboxId]>(db, sql.link);
  const sent = command<[EventId, number, OutboxId]>(db, sql.sent);
  const drop = command<[number, OutboxId]>(db, sql.drop);
  return {
    add({ id, room, sender, type, stateKey, content, link, createdAt }) {
      const json = JSON.stringify(content);
      add(seq(), id, room, sender, type, stateKey ?? null, json, ...toColumns(link), createdAt);
    },
    tried: (id, at) => void tried(at, id),
    failed: (id) => void failed(id),
    sent(id, event) {
      link(event, id);
      sent(event, now(), id);
    },
    drop: (id) => void drop(now(), id),
  };
}
