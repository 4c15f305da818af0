import type { Archives } from "../chats/archives.ts";
import type { Partings } from "../chats/bridged/partings.ts";
import { sendBeyond } from "../chats/earlier-room.ts";
import type { LateMessages } from "../chats/groups/late-messages.ts";
import { isTargetLost, sendWithoutLost } from "../delivery/lost-target.ts";
import { BridgeError } from "../model/errors.ts";
import type { EventId, OutboxId, RoomId } from "../model/ids.ts";
import type { Clock } from "../ports/clock.ts";
import type { Homeserver, MatrixEncoder } from "../ports/homeserver.ts";
import type { Log } from "../ports/log.ts";
import type { Metrics } from "../ports/metrics.ts";
import type { DamagedMatrixOutboxRow, MatrixOutboxRow } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";
import { drain, type Queue, usualPolicy } from "../runtime/drain.ts";
import type { Step } from "../runtime/lanes.ts";
import { resolveTarget, withTarget } from "../runtime/row-targets.ts";
import type { SerialByKey } from "../runtime/serial-by-key.ts";
import type { AfterSend } from "./after-send.ts";
import type { Attachments } from "./attachments.ts";
import { isPermissions, storePermissions } from "./groups/group-permissions.ts";
import type { OwnEvents } from "./own/own-events.ts";
import { isOwnMark, type OwnMarks } from "./own/own-marks.ts";
import { isReadMark, type OwnReading } from "./own/own-reading.ts";

const BATCH_ROWS = 50;
const MAX_TRIES = 10;
/**
 * The age in milliseconds from which a row is looked for in the room before it is sent, because Synapse forgets
 * transaction ids after a day. A request is never older than its row; its own time would have to be stored before it is
 * made.
 */
const TXN_MEMORY = 23 * 3_600_000;

interface SendToMatrixParts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly encoder: MatrixEncoder;
  readonly attachments: Attachments;
  readonly archives: Archives;
  readonly partings: Pick<Partings, "perform">;
  readonly ownEvents: OwnEvents;
  readonly ownReading: OwnReading;
  readonly ownMarks: OwnMarks;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly afterSend: AfterSend;
  readonly lateMessages: LateMessages;
  /** Held by room while something is sent there. */
  readonly sending: SerialByKey;
  /** Handles a row that was refused, or whose chat has left the room; true where the row is another room's now. */
  readonly moved: (row: MatrixOutboxRow) => Promise<boolean>;
}

/** Sends a room's rows one after another: one step of the room's lane. */
export function sendToMatrix(parts: SendToMatrixParts): (room: RoomId) => Promise<Step> {
  /** Events that are in the room, while that is not stored. */
  const shown = new Map<OutboxId, EventId>();
  return drain(parts, matrixOutbox(parts, shown), async (room, batch) => {
    const begun = await parts.store.formerRooms.get(room);
    for (const row of batch) {
      const former = await parts.store.formerRooms.get(room);
      // The chat has left this room, so the batch's rows may be queued for the next one.
      if (former?.carried !== begun?.carried) return "more";
      if (former?.carried === false && (await parts.moved(row))) return "more";
      // A target earlier in this batch is found once its row is committed.
      if (row.target) await batch.settle();
      let event: EventId | undefined;
      try {
        event = await parts.sending.run(room, () => sendOne(parts, row));
      } catch (error) {
        await batch.settle();
        if (BridgeError.from(error).shut && (await parts.moved(row))) return "more";
        throw error;
      }
      if (event === undefined) {
        batch.commit(row, (tx) => tx.matrixOutbox.abandon(row.id));
        continue;
      }
      shown.set(row.id, event);
      await parts.lateMessages.leave(row);
      batch.commit(
        row,
        (tx) => tx.matrixOutbox.sent(row.id, event),
        () => {
          shown.delete(row.id);
          parts.afterSend.linked(row);
        },
      );
      parts.afterSend.arrived(row);
    }
    return "more";
  });
}

/**
 * Sends a row. Undefined where there is nothing to send: its target never came to the room, or it is an act on the
 * room.
 */
async function sendOne(parts: SendToMatrixParts, row: MatrixOutboxRow): Promise<EventId | undefined> {
  const { homeserver, clock, store, attachments } = parts;
  if (clock.now() - row.createdAt > TXN_MEMORY) {
    const found = await homeserver.findSent(row.room, row.sender, row.id, row.createdAt);
    if (found) return found;
  }
  if ((await parts.archives.perform(row)) || (await parts.partings.perform(row))) return undefined;
  if (isPermissions(row)) {
    await storePermissions(store, row);
    return undefined;
  }
  if (isOwnMark(row)) {
    await parts.ownMarks.perform(row);
    return undefined;
  }
  const target = row.target && (await resolveTarget(store, row.target, row.room));
  if (row.target && target === undefined) return withoutTarget(parts, row);
  if (isReadMark(row)) {
    if (target?.room === row.room) await parts.ownReading.perform(row, target.event);
    return undefined;
  }
  const whole = row.attachment ? await attachments.attach(row, row.attachment) : row.content;
  if (target === undefined) return send(parts, row, whole);
  const sendIt = (one: MatrixOutboxRow): Promise<EventId> => send(parts, one, one.content);
  if (target.room !== row.room) return sendBeyond({ ...parts, send: sendIt }, row, target, whole);
  const referring = { ...row, content: withTarget(whole, target.event) };
  try {
    return await sendIt(referring);
  } catch (error) {
    if (!(await isTargetLost(homeserver, row, target.event, error))) throw error;
    return sendWithoutLost(sendIt, referring);
  }
}

/**
 * Sends a row whose target could not be shown: a reply goes without it, an edit fails with words, and other rows are
 * dropped.
 */
async function withoutTarget(parts: SendToMatrixParts, row: MatrixOutboxRow): Promise<EventId | undefined> {
  const { homeserver, attachments } = parts;
  if (row.type !== "m.room.message" || row.sender === homeserver.bot) return undefined;
  if (!row.link)
    throw new BridgeError("gone", { words: "What it changes could not be shown.", certain: true });
  const whole = row.attachment ? await attachments.attach(row, row.attachment) : row.content;
  const { "m.relates_to": _, ...content } = whole;
  return send(parts, row, content);
}

function send(
  { homeserver, ownEvents, lateMessages }: SendToMatrixParts,
  row: MatrixOutboxRow,
  content: MatrixOutboxRow["content"],
): Promise<EventId> {
  return ownEvents.isOwn(row)
    ? ownEvents.send(row, content)
    : lateMessages.send(row, () => homeserver.send({ ...row, content }));
}

function matrixOutbox(
  { store, afterSend }: SendToMatrixParts,
  shown: Map<OutboxId, EventId>,
): Queue<RoomId, MatrixOutboxRow, DamagedMatrixOutboxRow> {
  const { matrixOutbox: reads } = store;
  return {
    ...usualPolicy,
    direction: "to-matrix",
    batch: BATCH_ROWS,
    tries: MAX_TRIES,
    next: (...asked) => reads.next(...asked),
    damaged: (...asked) => reads.damaged(...asked),
    ids: ({ id, room }) => ({ row: id, room }),
    countTry: (tx, { id }) => tx.matrixOutbox.countTry(id),
    // Only a file needs its network, and the file's own host may be what does not answer.
    outage: ({ outage, reason }) => outage && reason !== "remote-unreachable",
    retryHelps: ({ retryAfter, reason }) => retryAfter !== undefined || reason === "unstorable",
    givenUp: (row, error) => {
      const event = shown.get(row.id);
      shown.delete(row.id);
      return afterSend.givenUp(row, error, event);
    },
    unreadable: (row) => afterSend.unreadable(row),
  };
}
