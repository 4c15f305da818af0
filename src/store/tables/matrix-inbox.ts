import type { Database } from "better-sqlite3";
import type { EventId, RoomId } from "../../core/model/ids.ts";
import type { MatrixInboxReads, MatrixInboxWrites } from "../../core/ports/queues.ts";
import type { MatrixInboxRow } from "../../core/ports/rows.ts";
import { command, query } from "../database/query.ts";
import { sequence } from "../database/sequence.ts";
import { toMatrixEvent } from "../database/stored-json.ts";
import { laneReads } from "./lane-reads.ts";

const sql = {
  next: `SELECT event, room, attempts, body, taken_at FROM hs_inbox
    WHERE held = 0 AND room = +? AND ended_at IS NULL ORDER BY seq LIMIT 0 + ?`,
  lanes: "SELECT DISTINCT room FROM hs_inbox WHERE ended_at IS NULL",
  contains: "SELECT 1 AS found FROM hs_inbox WHERE event = ?",
  count: "SELECT count(*) AS count FROM hs_inbox WHERE ended_at IS NULL",
  take: `INSERT INTO hs_inbox (seq, event, room, held, body, taken_at) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (event) DO NOTHING`,
  /** The audit stream brought an event that was pushed during the gap: it takes its place in the stream's order. */
  releaseInOrder: "UPDATE hs_inbox SET held = 0, seq = ? WHERE event = ? AND held = 1 AND ended_at IS NULL",
  held: "SELECT seq FROM hs_inbox WHERE held = 1 AND ended_at IS NULL ORDER BY seq",
  release: "UPDATE hs_inbox SET held = 0, seq = ? WHERE seq = ?",
  finish: "UPDATE hs_inbox SET body = NULL, ended_at = ? WHERE event = ? AND ended_at IS NULL",
  countTry: "UPDATE hs_inbox SET attempts = attempts + 1 WHERE event = ?",
} as const;

interface HsInboxRow {
  readonly event: EventId;
  readonly room: RoomId;
  readonly attempts: number;
  readonly body: string | null;
  readonly taken_at: number;
}

export function matrixInboxReads(db: Database): MatrixInboxReads {
  const next = query<[RoomId, number], HsInboxRow>(db, sql.next);
  const lanes = query<[], { readonly room: RoomId }>(db, sql.lanes);
  const contains = query<[EventId], { readonly found: 1 }>(db, sql.contains);
  const count = query<[], { readonly count: number }>(db, sql.count);
  return {
    ...laneReads({
      load: (room: RoomId, limit, size) => next.within(size, ({ body }) => body?.length ?? 0, room, limit),
      toItem: (row: HsInboxRow): MatrixInboxRow | undefined => {
        const event = toMatrixEvent(row.body, row);
        return event && { event, attempts: row.attempts };
      },
      toDamaged: ({ event, room, body }: HsInboxRow) => ({ event, room, body: body ?? "" }),
    }),
    lanes: async () => lanes.all().map(({ room }) => room),
    unknown: async (events) => new Set(events.filter((event) => contains.one(event) === undefined)),
    count: async () => count.one()?.count ?? 0,
  };
}

export function matrixInboxWrites(db: Database, now: () => number): MatrixInboxWrites {
  const seq = sequence(db, "hs_inbox");
  const take = command<[number, EventId, RoomId, 0 | 1, string, number]>(db, sql.take);
  const releaseInOrder = command<[number, EventId]>(db, sql.releaseInOrder);
  const held = query<[], { readonly seq: number }>(db, sql.held);
  const release = command<[number, number]>(db, sql.release);
  const finish = command<[number, EventId]>(db, sql.finish);
  const countTry = command<[EventId]>(db, sql.countTry);
  return {
    take(event, via, inGap) {
      const heldBack = inGap && via === "push" ? 1 : 0;
      const taken = take(seq(), event.id, event.room, heldBack, JSON.stringify(event), now());
      if (taken === 0 && via === "sync") releaseInOrder(seq(), event.id);
    },
    release() {
      for (const row of held.all()) release(seq(), row.seq);
    },
    finish: (event) => void finish(now(), event),
    countTry: (event) => void countTry(event),
  };
}
