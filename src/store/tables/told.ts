import { createHash } from "node:crypto";
import type { Database } from "better-sqlite3";
import type { EventId, OutboxId, RoomId } from "../../core/model/ids.ts";
import type { MatrixOutboxWrites } from "../../core/ports/queues.ts";
import type { Mark, ToldReads, ToldWrites } from "../../core/ports/told.ts";
import { command, query } from "../database/query.ts";

const DAY = 86_400_000;

const sql = {
  /** A row stamped in the future was written when the clock was wrong, and counts as not said. */
  setSaid: `INSERT INTO told (room, kind, at) VALUES (?, ?, ?) ON CONFLICT (room, kind) DO UPDATE SET at = excluded.at
    WHERE told.at NOT BETWEEN excluded.at - ${DAY - 1} AND excluded.at`,
  mark: `INSERT INTO mark (event, room, row, at) VALUES (?, ?, ?, ?)
    ON CONFLICT (event) DO NOTHING`,
  markOf: "SELECT row FROM mark WHERE event = ?",
  unmark: "DELETE FROM mark WHERE event = ?",
  unsay: "DELETE FROM told WHERE room = ? AND kind = ?",
} as const;

/** Words may name people, so only a digest of them is kept. */
const digestOf = (kind: string): string => createHash("sha256").update(kind).digest("base64url");

export function toldReads(db: Database): ToldReads {
  const markOf = query<[EventId], { readonly row: OutboxId }>(db, sql.markOf);
  return { markOf: async (event) => markOf.one(event)?.row };
}

export function toldWrites(db: Database, outbox: Pick<MatrixOutboxWrites, "add">): ToldWrites {
  const setSaid = command<[RoomId, string, number]>(db, sql.setSaid);
  const mark = command<[EventId, RoomId, OutboxId, number]>(db, sql.mark);
  const unmark = command<[EventId]>(db, sql.unmark);
  const unsay = command<[RoomId, string]>(db, sql.unsay);
  const isMarkedNow = ({ event, row: { id, room, createdAt } }: Mark): boolean =>
    mark(event, room, id, createdAt) > 0;
  return {
    once(kind, row, otherwise) {
      if (setSaid(row.room, digestOf(kind), row.createdAt) > 0) outbox.add(row);
      else if (otherwise && isMarkedNow(otherwise)) outbox.add(otherwise.row);
    },
    unmark: (event) => void unmark(event),
    unsay: (room, kind) => void unsay(room, digestOf(kind)),
  };
}
