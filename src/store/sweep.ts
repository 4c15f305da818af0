import type { Database } from "better-sqlite3";
import { isSteady } from "../core/ports/clock.ts";
import { command, query } from "./database/query.ts";

const day = 86_400_000;

/**
 * Rows are numbered in the order of time, so a scan for old rows stops at the first row that began after the limit: no
 * row behind it can have ended before. A row stamped in the future, when the clock was wrong, does not stop the scan.
 */
const untilNewer = (queue: string, began: string): string => `seq < coalesce(
    (SELECT seq FROM ${queue} WHERE ${began} BETWEEN (SELECT limit_at FROM turn) AND (SELECT now FROM turn)
      ORDER BY seq LIMIT 1),
    9223372036854775807)`;

const deleteEnded = (queue: string, began: string): string =>
  `DELETE FROM ${queue} WHERE ended_at < (SELECT limit_at FROM turn) AND ${untilNewer(queue, began)}`;

const limits: readonly { readonly days: number; readonly sql: string }[] = [
  // The keys of events are kept for as long as a homeserver or a network may repeat them.
  { days: 60, sql: deleteEnded("hs_inbox", "taken_at") },
  { days: 30, sql: deleteEnded("net_inbox", "taken_at") },
  // These rows tell the echoes of what we sent from what people wrote.
  { days: 60, sql: deleteEnded("hs_outbox", "created_at") },
  {
    days: 60,
    sql: `DELETE FROM net_outbox WHERE state <> 'queued' AND created_at < (SELECT limit_at FROM turn)
      AND ${untilNewer("net_outbox", "created_at")}`,
  },
  // The network may ask for a message again for a week. A queued message keeps its text until it is sent.
  {
    days: 7,
    sql: `UPDATE net_outbox SET outgoing = NULL, sealed = NULL WHERE state = 'sent' AND outgoing IS NOT NULL
      AND created_at < (SELECT limit_at FROM turn) AND ${untilNewer("net_outbox", "created_at")}`,
  },
  { days: 30, sql: "DELETE FROM group_event WHERE at < (SELECT limit_at FROM turn)" },
  { days: 30, sql: "DELETE FROM dead_letter WHERE at < (SELECT limit_at FROM turn)" },
  { days: 1, sql: "DELETE FROM told WHERE at < (SELECT limit_at FROM turn)" },
  { days: 60, sql: "DELETE FROM mark WHERE at < (SELECT limit_at FROM turn)" },
  // As long as the rows by which a status is judged.
  { days: 60, sql: "DELETE FROM message_status WHERE at < (SELECT limit_at FROM turn)" },
  { days: 0, sql: "DELETE FROM record WHERE expires_at < (SELECT limit_at FROM turn)" },
];

/** Makes `RecordWrites.sweep`. `deleted` is called when plaintext was removed from the file. */
export function sweeper(db: Database, deleted: () => void): (now: number) => void {
  const sweeps = limits.map(({ days, sql }) => ({
    age: days * day,
    run: command<[number, number]>(db, `WITH turn (limit_at, now) AS (SELECT ?, ?) ${sql}`),
  }));
  const lastSweep = query<[], { readonly value: string }>(
    db,
    "SELECT value FROM record WHERE scope = 'sweep' AND name = 'at'",
  );
  const setLastSweep = command<[string]>(
    db,
    `INSERT INTO record (scope, name, value) VALUES ('sweep', 'at', ?)
      ON CONFLICT (scope, name) DO UPDATE SET value = excluded.value`,
  );
  return (now) => {
    const last = lastSweep.one()?.value;
    setLastSweep(String(now));
    if (!isSteady(now, last === undefined ? undefined : Number(last))) return;
    for (const { age, run } of sweeps) run(now - age, now);
    deleted();
  };
}
