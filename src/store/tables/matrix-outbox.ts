import type { Database } from "better-sqlite3";
import type { EventId, OutboxId, RoomId, UserId } from "../../core/model/ids.ts";
import type { MatrixOutboxReads, MatrixOutboxWrites } from "../../core/ports/queues.ts";
import { command, query } from "../database/query.ts";
import { sequence } from "../database/sequence.ts";
import {
  columns,
  type HsOutboxRow,
  type LinkColumns,
  linkColumns,
  type TargetColumns,
  targetColumns,
  toQueuedRow,
} from "./hs-outbox-row.ts";
import { laneReads } from "./lane-reads.ts";

/** A row that ended no longer needs what links it to a chat. */
const unlinked = `link_login = NULL, link_chat = NULL, link_id = NULL, link_part = NULL, link_sender = NULL,
  link_at = NULL, target_login = NULL, target_chat = NULL, target_id = NULL, target_part = NULL`;

const sql = {
  next: `SELECT ${columns} FROM hs_outbox WHERE room = +? AND ended_at IS NULL ORDER BY seq LIMIT 0 + ?`,
  lanes: "SELECT DISTINCT room FROM hs_outbox WHERE ended_at IS NULL",
  sentAs: "SELECT event, room FROM hs_outbox WHERE id = ? AND event IS NOT NULL",
  count: "SELECT count(*) AS count FROM hs_outbox WHERE ended_at IS NULL",
  add: `INSERT INTO hs_outbox (seq, id, room, sender, type, state_key, content,
      link_login, link_chat, link_id, link_part, link_sender, link_at,
      target_login, target_chat, target_id, target_part, attachment, created_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
  setAttachment: "UPDATE hs_outbox SET attachment = ? WHERE id = ? AND ended_at IS NULL",
  countTry: "UPDATE hs_outbox SET attempts = attempts + 1 WHERE id = ?",
  link: `INSERT INTO message (login, chat, id, part, event, room, sender, at, shown_by, place)
    SELECT link_login, link_chat, link_id, link_part, ?, room, link_sender, coalesce(link_at, created_at),
      CASE WHEN link_sender IS NULL THEN sender END, seq
    FROM hs_outbox WHERE id = ? AND event IS NULL AND link_id IS NOT NULL
    AND EXISTS (SELECT 1 FROM login WHERE login.id = link_login) ON CONFLICT DO NOTHING`,
  hasOthers: "SELECT 1 AS found FROM hs_outbox_link WHERE row = ? LIMIT 1",
  linkOthers: `INSERT INTO message (login, chat, id, part, event, room, sender, at, place, shown_by)
    SELECT it.login, link_chat, link_id, link_part, ?, room, it.sender, coalesce(link_at, created_at), seq, NULL
    FROM hs_outbox JOIN hs_outbox_link AS it ON it.row = hs_outbox.id
    WHERE hs_outbox.id = ? AND event IS NULL AND link_id IS NOT NULL
    AND EXISTS (SELECT 1 FROM login WHERE login.id = it.login) ON CONFLICT DO NOTHING`,
  unlink: "DELETE FROM hs_outbox_link WHERE row = ?",
  react: "UPDATE reaction SET event = ? WHERE row = ? AND event IS NULL",
  /** Our own person's edit may have been stored before the event it changes was sent: that event is filled in here. */
  revise: `UPDATE revision SET event = ?, original = coalesce(original, CASE WHEN sender IS NULL THEN
      (SELECT it.event FROM message AS it WHERE it.login = revision.login AND it.chat = revision.chat
        AND it.id = revision.id AND it.part = revision.part AND it.sender IS NULL AND it.room = revision.room) END)
    WHERE row = ? AND event IS NULL`,
  handOver: `UPDATE hs_outbox SET instead_of = coalesce(instead_of, sender), sender = ?, content = ?
    WHERE id = ? AND ended_at IS NULL`,
  madeBy: "SELECT room, sender, instead_of, event FROM hs_outbox WHERE id = ?",
  sent: `UPDATE hs_outbox SET content = NULL, ${unlinked}, attachment = NULL, event = ?, ended_at = ?
    WHERE id = ? AND event IS NULL`,
  move: `UPDATE hs_outbox SET seq = ?, room = ?, content = ?, attempts = 0 WHERE id = ? AND ended_at IS NULL`,
  abandon: `UPDATE hs_outbox SET content = NULL, ${unlinked}, attachment = NULL, ended_at = ?
    WHERE id = ? AND ended_at IS NULL`,
} as const;

export function matrixOutboxReads(db: Database): MatrixOutboxReads {
  const next = query<[RoomId, number], HsOutboxRow>(db, sql.next);
  const lanes = query<[], { readonly room: RoomId }>(db, sql.lanes);
  const sentAs = query<[OutboxId], { readonly event: EventId; readonly room: RoomId }>(db, sql.sentAs);
  const madeBy = query<[OutboxId], MadeByRow>(db, sql.madeBy);
  const count = query<[], { readonly count: number }>(db, sql.count);
  return {
    ...laneReads({
      load: (room: RoomId, limit, size) => next.within(size, sizeOf, room, limit),
      toItem: toQueuedRow,
      toDamaged: ({ id, room, sender, type, link_id, content }: HsOutboxRow) => ({
        id,
        room,
        sender,
        type,
        message: link_id ?? undefined,
        body: content ?? "",
      }),
    }),
    lanes: async () => lanes.all().map(({ room }) => room),
    madeBy: async (id) => {
      const made = madeBy.one(id);
      if (!made) return undefined;
      const { room, sender, instead_of: insteadOf, event } = made;
      return { room, sender, insteadOf: insteadOf ?? undefined, event: event ?? undefined };
    },
    sentAs: async (id) => sentAs.one(id),
    count: async () => count.one()?.count ?? 0,
  };
}

interface MadeByRow {
  readonly room: RoomId;
  readonly sender: UserId;
  readonly instead_of: UserId | null;
  readonly event: EventId | null;
}

const sizeOf = ({ content, attachment }: HsOutboxRow): number =>
  (content?.length ?? 0) + (attachment?.length ?? 0);

type InsertParams = [
  ...[seq: number, id: OutboxId, room: RoomId, sender: UserId, type: string, stateKey: string | null],
  ...[content: string, ...LinkColumns, ...TargetColumns, attachment: string | null, createdAt: number],
];

export function matrixOutboxWrites(db: Database, now: () => number): MatrixOutboxWrites {
  const seq = sequence(db, "hs_outbox");
  const add = command<InsertParams>(db, sql.add);
  const setAttachment = command<[string, OutboxId]>(db, sql.setAttachment);
  const handOver = command<[UserId, string, OutboxId]>(db, sql.handOver);
  const countTry = command<[OutboxId]>(db, sql.countTry);
  const link = command<[EventId, OutboxId]>(db, sql.link);
  const hasOthers = query<[OutboxId], { readonly found: 1 }>(db, sql.hasOthers);
  const linkOthers = command<[EventId, OutboxId]>(db, sql.linkOthers);
  const unlink = command<[OutboxId]>(db, sql.unlink);
  const react = command<[EventId, OutboxId]>(db, sql.react);
  const revise = command<[EventId, OutboxId]>(db, sql.revise);
  const sent = command<[EventId, number, OutboxId]>(db, sql.sent);
  const abandon = command<[number, OutboxId]>(db, sql.abandon);
  const move = command<[number, RoomId, string, OutboxId]>(db, sql.move);
  return {
    add({ id, room, sender, type, stateKey, content, link, target, attachment, createdAt }) {
      const json = JSON.stringify(content);
      const file = attachment === undefined ? null : JSON.stringify(attachment);
      const state = stateKey ?? null;
      const [to, from] = [linkColumns(link), targetColumns(target)];
      add(seq(), id, room, sender, type, state, json, ...to, ...from, file, createdAt);
    },
    setAttachment: (id, attachment) => void setAttachment(JSON.stringify(attachment), id),
    handOver: (id, { sender, content }) => void handOver(sender, JSON.stringify(content), id),
    countTry: (id) => void countTry(id),
    sent(id, event) {
      link(event, id);
      // Most rows are of one login, and asking costs a tenth of linking nobody.
      if (hasOthers.one(id)) {
        linkOthers(event, id);
        unlink(id);
      }
      react(event, id);
      revise(event, id);
      sent(event, now(), id);
    },
    abandon(id) {
      abandon(now(), id);
      unlink(id);
    },
    move: (id, room, content) => void move(seq(), room, JSON.stringify(content), id),
  };
}
