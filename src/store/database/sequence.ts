import type { Database } from "better-sqlite3";

type Queue = "hs_inbox" | "hs_outbox" | "net_inbox" | "net_outbox";

/**
 * Answers the numbers of a queue's new rows. SQLite does not count them, as it would give a deleted row's number to a
 * new one while a lane may still hold the deleted one.
 */
export function sequence(db: Database, queue: Queue): () => number {
  let last = Number(db.prepare(`SELECT coalesce(max(seq), 0) FROM ${queue}`).pluck().get());
  return () => {
    last += 1;
    return last;
  };
}
