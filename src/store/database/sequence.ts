import type { Database } from "better-sqlite3";

type Queue = "hs_inbox" | "hs_outbox" | "net_inbox" | "net_outbox";

/**
 * Numbers for a queue's rows. Counted here and not by SQLite, which would give the number of a deleted row to
 * another one while someone may still hold it.
 */
export function sequence(db: Database, queue: Queue): () => number {
  let last = Number(db.prepare(`SELECT coalesce(max(seq), 0) FROM ${queue}`).pluck().get());
  return () => {
    last += 1;
    return last;
  };
}
