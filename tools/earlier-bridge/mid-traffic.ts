import type { Database } from "better-sqlite3";

/** What must be under way in the database of the bridge at once: a query that counts it, and how much there must be. */
export const lastToCome = "events from the homeserver";
const wanted: Readonly<Record<string, readonly [sql: string, least: number]>> = {
  [lastToCome]: ["hs_inbox WHERE ended_at IS NULL", 5],
  "events to the homeserver": ["hs_outbox WHERE ended_at IS NULL", 5],
  "commands, which no stream brings again": [
    "hs_inbox WHERE ended_at IS NULL AND room IN (SELECT room FROM management_room)",
    3,
  ],
  "a file on its way to the homeserver": ["hs_outbox WHERE ended_at IS NULL AND attachment IS NOT NULL", 1],
  "messages from the networks": ["net_inbox WHERE ended_at IS NULL AND parked_for IS NULL", 5],
  "an edit and a reaction that wait for their message": ["net_inbox WHERE parked_for IS NOT NULL", 2],
  "messages to the networks": ["net_outbox WHERE state = 'queued'", 10],
  "sealed messages of two chats": [
    "(SELECT DISTINCT login, chat FROM net_outbox WHERE state = 'queued' AND sealed IS NOT NULL)",
    2,
  ],
  "a message that was read": ["net_outbox WHERE state = 'read'", 1],
  "reactions of both": ["reaction", 2],
  "an archive": ["portal WHERE state = 'archived'", 1],
  "a room that is being made": ["portal WHERE state = 'making'", 1],
  "a contact whose safety number changed": ["contact_state WHERE trust = 'changed'", 1],
  "a hosted file": ["media_hosted", 1],
  "sessions with every contact": ["signal_session", 7],
};

/** What of it is missing, in words; `but` is left out. */
export function missingTraffic(database: Database, but?: string): readonly string[] {
  return Object.entries(wanted).flatMap(([what, [sql, least]]) => {
    if (what === but) return [];
    const count = database.prepare<[], number>(`SELECT count(*) FROM ${sql}`).pluck().get() ?? 0;
    return count < least ? [`${what}: ${count} of ${least}`] : [];
  });
}
