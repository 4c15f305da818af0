import type { Database } from "better-sqlite3";
import type { PortalKey } from "../../core/model/events.ts";
import type { ChatId, EventId, LoginId, MessageId, OutboxId, RoomId, UserId } from "../../core/model/ids.ts";
import type { NetworkOutboxReads, NetworkOutboxWrites } from "../../core/ports/queues.ts";
import type { NetworkOutboxRow, NetworkOutboxState } from "../../core/ports/rows.ts";
import { bytes, command, query } from "../database/query.ts";
import { sequence } from "../database/sequence.ts";
import { toOutgoing } from "../database/stored-json.ts";
import { laneReads } from "./lane-reads.ts";

const columns =
  "id, login, chat, room, event, item, sender, remote_id, outgoing, sealed, state, attempts, created_at";

type NextState = Exclude<NetworkOutboxState, "queued">;

/** Whether a row, whose JSON may be damaged, is a change of a group; its kind is written first. */
const IS_CHANGE = `coalesce(outgoing LIKE '{"kind":"group-change"%', 0)`;

/** For each state: the columns that it empties, and the states that it may follow. */
const changes: { readonly [S in NextState]: string } = {
  sent: "sealed = NULL WHERE state = 'queued'",
  delivered: "outgoing = NULL, sealed = NULL WHERE state IN ('queued', 'sent')",
  read: "outgoing = NULL, sealed = NULL WHERE state IN ('queued', 'sent', 'delivered')",
  // A change of a group is no message: what it asked for is in the room's state no more, and is kept for another try.
  failed: `outgoing = iif(${IS_CHANGE}, outgoing, NULL), sealed = NULL WHERE state IN ('queued', 'sent')`,
  cancelled: "outgoing = NULL WHERE state = 'queued' AND sealed IS NULL",
};

const sql = {
  next: `SELECT ${columns} FROM net_outbox
    WHERE login = +? AND chat = +? AND state = 'queued' ORDER BY seq LIMIT 0 + ?`,
  lanes: "SELECT DISTINCT login, chat FROM net_outbox WHERE state = 'queued'",
  get: `SELECT ${columns} FROM net_outbox WHERE id = ?`,
  byEvent: `SELECT ${columns} FROM net_outbox WHERE event = ? ORDER BY item`,
  queuedOf: "SELECT id, item FROM net_outbox WHERE event = ? AND state = 'queued' ORDER BY item",
  byRemote: `SELECT ${columns} FROM net_outbox WHERE login = ? AND remote_id = ? AND chat = ?`,
  chatOf: "SELECT chat FROM net_outbox WHERE login = ? AND remote_id = ?",
  count: "SELECT count(*) AS count FROM net_outbox WHERE state = 'queued'",
  changes: `SELECT id, outgoing FROM net_outbox
    WHERE login = ? AND chat = ? AND state = 'queued' AND ${IS_CHANGE} ORDER BY seq`,
  failures: `SELECT ${columns} FROM net_outbox WHERE login = ? AND chat = ? AND state = 'failed' AND (${IS_CHANGE}
    OR EXISTS (SELECT 1 FROM message AS it
    WHERE it.login = net_outbox.login AND it.chat = net_outbox.chat AND it.id = remote_id)) ORDER BY seq`,
  allFailed: `SELECT ${columns} FROM net_outbox WHERE login = ? AND chat = ? AND state = 'failed' ORDER BY seq`,
  arrived:
    "UPDATE net_outbox SET state = 'sent', sealed = NULL WHERE state IN ('queued', 'failed') AND id = ?",
  requeue: `UPDATE net_outbox SET state = 'queued', seq = ?, outgoing = ?, sealed = NULL, attempts = 0,
    created_at = ? WHERE id = ? AND state = 'failed'`,
  add: `INSERT INTO net_outbox (seq, id, login, chat, room, event, item, sender, remote_id, outgoing, state,
    created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?)
    ON CONFLICT (id) DO NOTHING ON CONFLICT (event, item) DO NOTHING`,
  seal: "UPDATE net_outbox SET sealed = ? WHERE id = ? AND state = 'queued'",
  postpone: "UPDATE net_outbox SET seq = ? WHERE id = ? AND state = 'queued'",
  countTry: "UPDATE net_outbox SET attempts = attempts + 1 WHERE id = ?",
  remove: "DELETE FROM net_outbox WHERE id = ?",
  empty: `UPDATE net_outbox SET outgoing = NULL, sealed = NULL WHERE login = ? AND remote_id = ? AND chat = ?
    AND state <> 'queued'`,
  setState: (state: NextState) => `UPDATE net_outbox SET state = '${state}', ${changes[state]} AND id = ?`,
  receipt: (state: NextState) =>
    `UPDATE net_outbox SET state = '${state}', ${changes[state]} AND login = ? AND remote_id = ? AND chat = ?`,
} as const;

interface NetOutboxRow {
  readonly id: OutboxId;
  readonly login: LoginId;
  readonly chat: ChatId;
  readonly room: RoomId;
  readonly event: EventId;
  readonly item: number;
  readonly sender: UserId;
  readonly remote_id: MessageId;
  readonly outgoing: string | null;
  readonly sealed: Uint8Array | null;
  readonly state: NetworkOutboxState;
  readonly attempts: number;
  readonly created_at: number;
}

const toNetworkOutboxRow = (row: NetOutboxRow): NetworkOutboxRow => ({
  id: row.id,
  key: { login: row.login, chat: row.chat },
  room: row.room,
  event: row.event,
  item: row.item,
  sender: row.sender,
  remoteId: row.remote_id,
  outgoing: toOutgoing(row.outgoing),
  sealed: row.sealed === null ? undefined : bytes(row.sealed),
  state: row.state,
  attempts: row.attempts,
  createdAt: row.created_at,
});

/** Undefined where its JSON is damaged. An emptied row is not: the retry reads its event again from the homeserver. */
function toQueued(row: NetOutboxRow): NetworkOutboxRow | undefined {
  const item = toNetworkOutboxRow(row);
  return item.outgoing === undefined && row.outgoing !== null ? undefined : item;
}

export function networkOutboxReads(db: Database): NetworkOutboxReads {
  const next = query<[LoginId, ChatId, number], NetOutboxRow>(db, sql.next);
  const lanes = query<[], PortalKey>(db, sql.lanes);
  const get = query<[OutboxId], NetOutboxRow>(db, sql.get);
  const byEvent = query<[EventId], NetOutboxRow>(db, sql.byEvent);
  const queuedOf = query<[EventId], Pick<NetworkOutboxRow, "id" | "item">>(db, sql.queuedOf);
  const byRemote = query<[LoginId, MessageId, ChatId], NetOutboxRow>(db, sql.byRemote);
  const chatOf = query<[LoginId, MessageId], { readonly chat: ChatId }>(db, sql.chatOf);
  const count = query<[], { readonly count: number }>(db, sql.count);
  const waitingChanges = query<[LoginId, ChatId], Pick<NetOutboxRow, "id" | "outgoing">>(db, sql.changes);
  const failures = query<[LoginId, ChatId], NetOutboxRow>(db, sql.failures);
  const allFailed = query<[LoginId, ChatId], NetOutboxRow>(db, sql.allFailed);
  const one = (row: NetOutboxRow | undefined): NetworkOutboxRow | undefined => row && toNetworkOutboxRow(row);
  return {
    ...laneReads({
      load: ({ login, chat }: PortalKey, limit, size) =>
        next.within(size, ({ outgoing }) => outgoing?.length ?? 0, login, chat, limit),
      toItem: toQueued,
      toDamaged: ({ id, login, chat, room, event, sender, outgoing }: NetOutboxRow) => ({
        id,
        room,
        event,
        sender,
        key: { login, chat },
        body: outgoing ?? "",
      }),
    }),
    lanes: async () => lanes.all(),
    get: async (id) => one(get.one(id)),
    byEvent: async (event) => one(byEvent.one(event)),
    ofEvent: async (event) => byEvent.all(event).map(toNetworkOutboxRow),
    queuedOf: async (event) => queuedOf.all(event),
    byRemote: async ({ login, chat }, remoteId) => one(byRemote.one(login, remoteId, chat)),
    hasRemote: async (login, remoteId) => chatOf.one(login, remoteId) !== undefined,
    chatOf: async (login, remoteId) => chatOf.one(login, remoteId)?.chat,
    count: async () => count.one()?.count ?? 0,
    changes: async ({ login, chat }) =>
      waitingChanges.all(login, chat).flatMap(({ id, outgoing: stored }) => {
        const outgoing = toOutgoing(stored);
        return outgoing?.kind === "group-change" ? [{ id, change: outgoing.change }] : [];
      }),
    listFailed: async ({ login, chat }) => failures.all(login, chat).map(toNetworkOutboxRow),
    allFailed: async ({ login, chat }) => allFailed.all(login, chat).map(toNetworkOutboxRow),
  };
}

type InsertParams = [
  ...[number, OutboxId, LoginId, ChatId, RoomId, EventId, number],
  ...[UserId, MessageId, string | null, number],
];

/** `deleted` is called when plaintext was removed from the file. */
export function networkOutboxWrites(
  db: Database,
  now: () => number,
  deleted: () => void,
): NetworkOutboxWrites {
  const seq = sequence(db, "net_outbox");
  const add = command<InsertParams>(db, sql.add);
  const seal = command<[Uint8Array, OutboxId]>(db, sql.seal);
  const countTry = command<[OutboxId]>(db, sql.countTry);
  const remove = command<[OutboxId]>(db, sql.remove);
  const postpone = command<[number, OutboxId]>(db, sql.postpone);
  const requeue = command<[number, string, number, OutboxId]>(db, sql.requeue);
  const arrived = command<[OutboxId]>(db, sql.arrived);
  const empty = command<[LoginId, MessageId, ChatId]>(db, sql.empty);
  const setState = (state: NextState) => command<[OutboxId]>(db, sql.setState(state));
  const states: { readonly [S in NextState]: (id: OutboxId) => number } = {
    sent: setState("sent"),
    delivered: setState("delivered"),
    read: setState("read"),
    failed: setState("failed"),
    cancelled: setState("cancelled"),
  };
  const receipts = {
    delivered: command<[LoginId, MessageId, ChatId]>(db, sql.receipt("delivered")),
    read: command<[LoginId, MessageId, ChatId]>(db, sql.receipt("read")),
  };
  return {
    add({ id, key, room, event, item = 0, sender, remoteId, outgoing, createdAt }) {
      const json = outgoing === undefined ? null : JSON.stringify(outgoing);
      add(seq(), id, key.login, key.chat, room, event, item, sender, remoteId, json, createdAt);
    },
    postpone: ({ id }) => void postpone(seq(), id),
    requeue: ({ id }, outgoing) => void requeue(seq(), JSON.stringify(outgoing), now(), id),
    seal: (id, sealed) => void seal(sealed, id),
    countTry: (id) => void countTry(id),
    remove(id) {
      if (remove(id) > 0) deleted();
    },
    setState: (id, state) => void states[state](id),
    empty({ login, chat }, ids) {
      for (const id of ids) if (empty(login, id, chat) > 0) deleted();
    },
    arrived: (id) => void arrived(id),
    receipt({ login, chat }, ids, state) {
      for (const id of ids) receipts[state](login, id, chat);
    },
  };
}
