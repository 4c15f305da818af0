import type { Database } from "better-sqlite3";
import type { EventId, RoomId } from "../../../core/model/ids.ts";
import type { MatrixOutboxWrites } from "../../../core/ports/queues.ts";
import type { MessageStatusWrites, ShownStatus } from "../../../core/ports/told.ts";
import { command } from "../../database/query.ts";

const has = (states: string): string =>
  `EXISTS (SELECT 1 FROM net_outbox WHERE event = (SELECT event FROM it) AND state IN (${states}))`;

/** For each status: when the event's rows bear it out, and the statuses that it may follow. */
const rules: { readonly [S in ShownStatus]: { readonly holds: string; readonly follows: string } } = {
  pending: { holds: `${has("'queued'")} AND NOT ${has("'failed'")}`, follows: "'failed'" },
  sent: {
    holds: `${has("'sent', 'delivered', 'read'")} AND NOT ${has("'queued', 'failed'")}`,
    follows: "'pending', 'failed'",
  },
  delivered: {
    holds: `${has("'delivered', 'read'")} AND NOT ${has("'queued', 'failed', 'sent'")}`,
    follows: "'pending', 'failed', 'sent'",
  },
  failed: { holds: has("'failed'"), follows: "'pending', 'sent'" },
  refused: { holds: "true", follows: "'pending', 'failed', 'sent', 'delivered'" },
};

const show = (status: ShownStatus): string => `WITH it (event, room, at, is_first) AS (SELECT ?, ?, ?, ?)
  INSERT INTO message_status (event, room, shown, at) SELECT event, room, '${status}', at FROM it
    WHERE (is_first = 1 OR EXISTS (SELECT 1 FROM message_status WHERE event = (SELECT event FROM it)))
    AND ${rules[status].holds}
  ON CONFLICT (event) DO UPDATE SET shown = excluded.shown, at = excluded.at
    WHERE message_status.shown IN (${rules[status].follows})`;

export function messageStatusWrites(
  db: Database,
  outbox: Pick<MatrixOutboxWrites, "add">,
): MessageStatusWrites {
  const shown = (status: ShownStatus) => command<[EventId, RoomId, number, 0 | 1]>(db, show(status));
  const commands: {
    readonly [S in ShownStatus]: (...asked: Parameters<ReturnType<typeof shown>>) => number;
  } = {
    pending: shown("pending"),
    sent: shown("sent"),
    delivered: shown("delivered"),
    failed: shown("failed"),
    refused: shown("refused"),
  };
  return {
    show({ event, status, row, first }) {
      if (commands[status](event, row.room, row.createdAt, first ? 1 : 0) > 0) outbox.add(row);
    },
  };
}
