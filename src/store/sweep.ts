import type { Database } from "better-sqlite3";
import { command } from "./query.ts";

const day = 86_400_000;

/**
 * What is older goes. Rows are numbered in the order of their time, so looking may stop at the first that is
 * younger than the limit: one that came later cannot have ended sooner.
 */
const ended = (queue: string, began: string): string => `WITH cutoff (at) AS (SELECT ?)
  DELETE FROM ${queue} WHERE ended_at < (SELECT at FROM cutoff) AND seq < coalesce(
    (SELECT seq FROM ${queue} WHERE ${began} >= (SELECT at FROM cutoff) ORDER BY seq LIMIT 1),
    9223372036854775807)`;

const limits: readonly { readonly days: number; readonly sql: string }[] = [
  // Keys are kept for as long as a homeserver or a network may repeat itself.
  { days: 60, sql: ended("hs_inbox", "taken_at") },
  { days: 30, sql: ended("net_inbox", "taken_at") },
  // What waited a month for the message it refers to waits in vain.
  { days: 30, sql: "DELETE FROM net_inbox WHERE parked_for IS NOT NULL AND taken_at < ?" },
  // By these rows the echoes of what we sent are told from what people wrote.
  { days: 60, sql: ended("hs_outbox", "created_at") },
  { days: 60, sql: "DELETE FROM net_outbox WHERE state <> 'queued' AND created_at < ?" },
  // The network may ask for a message again for a week. What was never sent keeps its text until it was.
  {
    days: 7,
    sql: "UPDATE net_outbox SET outgoing = NULL, sealed = NULL WHERE state = 'sent' AND created_at < ? AND outgoing IS NOT NULL",
  },
  { days: 30, sql: "DELETE FROM dead_letter WHERE at < ?" },
];

/** Housekeeping for `RecordWrites.sweep`; `deleted` hears that plaintext was removed from the file. */
export function sweeper(db: Database, deleted: () => void): (now: number) => void {
  const sweeps = limits.map(({ days, sql }) => ({ age: days * day, run: command<[number]>(db, sql) }));
  return (now) => {
    for (const { age, run } of sweeps) run(now - age);
    deleted();
  };
}
