import type { Archives } from "./archives.ts";
import type { Attachments } from "./attachments.ts";
import type { Clock } from "./clock.ts";
import { Commits } from "./commits.ts";
import { BridgeError } from "./errors.ts";
import type { Homeserver } from "./homeserver.ts";
import type { EventId, RoomId } from "./ids.ts";
import type { Step } from "./lanes.ts";
import { faultOf, type Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import { resolveTarget, withTarget } from "./row-targets.ts";
import type { HsOutboxRow } from "./rows.ts";
import { triesAgain, waitAfter } from "./set-back.ts";
import type { Store } from "./store.ts";

const BATCH = 50;
const TRIES = 10;
/**
 * Synapse forgets transaction ids after a day; an older row is looked for in the room before it is sent. No request is
 * older than its row, and when the first was made would have to be on disk before it is made.
 */
const TXN_MEMORY = 23 * 3_600_000;

interface Parts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly attachments: Attachments;
  readonly archives: Archives;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** A contact's message is in the room now. */
  readonly arrived: (row: HsOutboxRow) => void;
  /** A row was given up; somebody must be told. */
  readonly gaveUp: (row: HsOutboxRow, error: BridgeError) => Promise<void>;
}

/** Sends a room's rows one after another. One step of the room's lane. */
export function matrixSender(parts: Parts): (room: RoomId) => Promise<Step> {
  const { store } = parts;
  return async (room) => {
    const rows = await store.hsOutbox.next(room, BATCH);
    if (rows.length === 0) return "idle";
    const commits = new Commits();
    let step: Step = "more";
    for (const row of rows) {
      try {
        // A target earlier in this batch is looked up by its row's commit.
        if (row.target) await commits.done();
        const event = await sendOne(parts, row);
        if (event === undefined) {
          commits.add(store.write((tx) => tx.hsOutbox.drop(row.id)));
          continue;
        }
        commits.add(store.write((tx) => tx.hsOutbox.sent(row.id, event)));
        parts.arrived(row);
      } catch (error) {
        step = await setBack(parts, row, BridgeError.from(error));
        break;
      }
    }
    await commits.done();
    return step;
  };
}

/** Undefined where nothing is sent: what the row refers to never came to the room, or the row was an act on it. */
async function sendOne(parts: Parts, row: HsOutboxRow): Promise<EventId | undefined> {
  const { homeserver, clock, store, attachments } = parts;
  if (clock.now() - row.createdAt > TXN_MEMORY) {
    const found = await homeserver.findSent(row.room, row.sender, row.id, row.createdAt);
    if (found) return found;
  }
  if (await parts.archives.perform(row)) return undefined;
  const target = row.target && (await resolveTarget(store, row.target));
  if (row.target && target === undefined) return withoutTarget(parts, row);
  const whole = row.attachment ? await attachments.place(row, row.attachment) : row.content;
  return homeserver.send({ ...row, content: target === undefined ? whole : withTarget(whole, target) });
}

/** What it refers to could not be shown. An answer goes without it, of an edit somebody is told, and the rest has no use. */
async function withoutTarget(
  { homeserver, attachments }: Parts,
  row: HsOutboxRow,
): Promise<EventId | undefined> {
  if (row.type !== "m.room.message" || row.sender === homeserver.bot) return undefined;
  if (!row.link)
    throw new BridgeError("gone", { words: "What it changes could not be shown.", certain: true });
  const whole = row.attachment ? await attachments.place(row, row.attachment) : row.content;
  const { "m.relates_to": _, ...content } = whole;
  return homeserver.send({ ...row, content });
}

async function setBack(parts: Parts, row: HsOutboxRow, error: BridgeError): Promise<Step> {
  const { store, log, metrics } = parts;
  const fields = { row: row.id, room: row.room, attempts: row.attempts, ...faultOf(error) };
  // Only a file needs the network, and it may be that file's own host that does not answer.
  const outage = error.outage && error.reason !== "remote-unreachable";
  if (!outage) await store.write((tx) => tx.hsOutbox.failed(row.id));
  metrics.count("retries", { direction: "to-matrix" });
  if (error.retryAfter !== undefined && (outage || triesAgain(error, row.attempts, TRIES))) {
    log.warn("an event waits to be sent", fields);
    return waitAfter(error, row.attempts);
  }
  log.error("an event was given up", fields);
  await parts.gaveUp(row, error);
  return "more";
}
