import type { Connections } from "../chats/connections.ts";
import type { ChatEncryption } from "../chats/encryption/chat-encryption.ts";
import type { Outsiders } from "../chats/groups/outsiders.ts";
import { closedWords } from "../chats/send-refusal.ts";
import type { DeliveryStatus } from "../delivery/delivery-status.ts";
import type { MessageStatuses } from "../delivery/message-statuses.ts";
import type { GhostInvitations } from "../management/ghost-invitations.ts";
import type { ManagementRoom } from "../management/management-room.ts";
import type { RequestAnswers } from "../management/request-answers.ts";
import type { RoomChanges } from "../management/room-changes.ts";
import type { MatrixEvent, Membership } from "../model/events.ts";
import type { RoomId, UserId } from "../model/ids.ts";
import type { Clock } from "../ports/clock.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import type { Log } from "../ports/log.ts";
import type { Metrics } from "../ports/metrics.ts";
import type { Network } from "../ports/network.ts";
import type { DamagedMatrixInboxRow, FormerRoom, MatrixInboxRow, Portal } from "../ports/rows.ts";
import type { Scheduler } from "../ports/scheduler.ts";
import type { Store, Writes } from "../ports/store.ts";
import type { Batch } from "../runtime/batch.ts";
import { drain, type Queue, usualPolicy } from "../runtime/drain.ts";
import type { Step } from "../runtime/lanes.ts";
import { UNREADABLE } from "../runtime/put-aside.ts";
import { aboutEncryption } from "./about-encryption.ts";
import type { AnsweredFailures } from "./answered-failures.ts";
import { convertMatrixEvent } from "./convert-matrix-event.ts";
import { echoOf } from "./echoes.ts";
import type { MatrixEventContext } from "./event-context.ts";
import { eventContextOf, referred, rowsFor, targetsOf } from "./event-contexts.ts";
import { type GivenUpParts, givenUpEvent } from "./given-up/given-up-event.ts";
import { type GroupChanges, isRoomState, isWritten } from "./groups/group-changes.ts";
import type { MessageIds } from "./message-ids.ts";
import { openedEvent } from "./opened-event.ts";
import { readAgain } from "./read-again.ts";
import { readByWriting } from "./read-by-writing.ts";
import { RoomContexts } from "./room-contexts.ts";
import { strayCommand } from "./stray-commands.ts";

const BATCH_ROWS = 50;
const MAX_TRIES = 5;
/** Kinds that are ignored in a room that a chat had before. */
const IGNORED: ReadonlySet<MatrixEvent["kind"]> = new Set(["member", "tombstone", "encryption-enabled"]);
/** Tries in which the target of an event is waited for; then the event goes without it. */
const PATIENT_TRIES = 2;
const DAMAGED_WORDS = "What the bridge had stored of it can no longer be read. Please write it again.";

export interface ClientBlocks {
  answer(
    event: Extract<MatrixEvent, { readonly kind: "block" }>,
    chat: Pick<MatrixEventContext, "portal" | "login" | "network" | "contactName">,
  ): Promise<(tx: Writes) => void>;
}

/** Answers a join of a room that leads to a chat. */
export interface JoinedRooms {
  answer(event: Extract<MatrixEvent, { readonly kind: "member" }>): Promise<boolean>;
}

interface HandleMatrixEventsParts extends GivenUpParts {
  readonly store: Store;
  readonly homeserver: Pick<Homeserver, "event" | "open">;
  readonly networks: ReadonlyMap<string, Network>;
  readonly management: ManagementRoom;
  readonly requestAnswers: Pick<RequestAnswers, "read">;
  readonly invitations: Pick<GhostInvitations, "answer">;
  readonly connections: Connections;
  readonly delivery: DeliveryStatus;
  readonly statuses: Pick<MessageStatuses, "notice">;
  readonly answeredFailures: AnsweredFailures;
  /** Does what a person's client asks for about their contact. */
  readonly clientBlocks: ClientBlocks;
  readonly aliasRooms: JoinedRooms;
  readonly groupChanges: Pick<GroupChanges, "read">;
  readonly outsiders: Pick<Outsiders, "tell">;
  readonly messageIds: MessageIds;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly changes: RoomChanges;
  readonly encryption: Pick<ChatEncryption, "isOn" | "refusal" | "switchOn" | "notice">;
  /** Called when somebody has left a room. */
  readonly left: (user: UserId, room: RoomId) => void;
}

/** Handles people's events in a room, in order: one step of the room's lane. */
export function handleMatrixEvents(parts: HandleMatrixEventsParts): (room: RoomId) => Promise<Step> {
  return drain(parts, matrixInbox(parts), async (room, batch) => {
    for (const { event } of batch.rows)
      if (event.kind === "member" && LEFT.has(event.membership)) parts.left(event.user, room);
    const portals = await parts.store.portals.ofRoom(room);
    if (portals.length > 0) return inPortal(parts, batch, room, portals);
    const former = await parts.store.formerRooms.get(room);
    return former ? inFormerRoom(parts, batch, former) : inOtherRoom(parts, batch);
  });
}

const LEFT: ReadonlySet<Membership> = new Set(["leave", "ban"]);

async function inPortal(
  parts: HandleMatrixEventsParts,
  batch: Batch<MatrixInboxRow>,
  room: RoomId,
  portals: readonly Portal[],
): Promise<Step> {
  const { store, delivery } = parts;
  const contexts = new RoomContexts(parts, room, portals);
  for (const row of batch) {
    await parts.scheduler.yield();
    const event = await openedEvent(parts.homeserver, row.event);
    if (event === undefined) {
      batch.add((tx) => tx.matrixInbox.finish(row.event.id), row);
      continue;
    }
    const { portal, context } = await contexts.of(event.kind === "member" ? event.user : event.sender);
    const noticeClient = parts.statuses.notice(event);
    let record = await echoOf(parts, event);
    if (!record && context?.login.user === event.sender)
      record = await parts.answeredFailures.answer(event, portal);
    record ??= await aboutEncryption(parts.encryption, event, context);
    const stray = record || !context ? undefined : await strayCommand(parts, event, () => batch.flush());
    if (record) {
      // What we sent as our person needs nothing, nor what they asked for by it.
    } else if (stray?.goes === false) {
      record = stray.record;
    } else if ((record = await groupChange(parts, event, contexts, batch))) {
      // The room was changed, and with it the group.
    } else if (event.kind === "member" && (await parts.invitations.answer(event, portals))) {
      // A contact's ghost was invited, and has answered.
    } else if (event.kind === "tombstone" || event.kind === "room-access") {
      await batch.flush();
      record = await parts.changes.changed(event, { ...portal, room });
    } else if (event.kind === "block" && context) {
      await batch.flush();
      record = await parts.clientBlocks.answer(event, context);
    } else if (context) {
      // Earlier events are stored first, so that the target is found.
      if (referred(event) !== undefined) await batch.flush();
      const targets = await targetsOf(store, event, context.login.id, row.attempts < PATIENT_TRIES);
      const contents = await readAgain(parts, event, { ...context, ...targets });
      const rows = await rowsFor(parts.messageIds, context, event, targets.others);
      const convert = () => convertMatrixEvent(event, { ...context, ...rows, ...targets, ...contents });
      record = await parts.requestAnswers.read(event, { ...context, target: targets.target }, convert);
    } else if (isWritten(event)) {
      record = delivery.refuse(event, closedWords(parts.networks, portal));
    }
    if (record && isWritten(event)) await parts.outsiders.tell(portal, event.sender);
    const read = await readByWriting(parts, event, context);
    batch.add((tx) => {
      noticeClient(tx);
      record?.(tx);
      read?.(tx);
      if (stray?.goes) stray.record(tx);
      tx.matrixInbox.finish(event.id);
    }, row);
    // The chat may have left the room, so later events are looked at anew.
    if (event.kind === "tombstone") break;
  }
  return "more";
}

/** The writes for what a person changes of a group, after what came before it. */
async function groupChange(
  { groupChanges }: HandleMatrixEventsParts,
  event: MatrixEvent,
  contexts: RoomContexts,
  batch: Batch<MatrixInboxRow>,
): Promise<((tx: Writes) => void) | undefined> {
  if (event.kind !== "member" && !isRoomState(event)) return undefined;
  const { portal, context } = await contexts.of(event.sender);
  if (portal.kind !== "group") return undefined;
  await batch.flush();
  return groupChanges.read(event, context);
}

/**
 * Handles a room that a chat had before: messages there are refused, and what a person takes back there is taken back.
 */
async function inFormerRoom(
  parts: HandleMatrixEventsParts,
  batch: Batch<MatrixInboxRow>,
  former: FormerRoom,
): Promise<Step> {
  const { store, changes, delivery } = parts;
  const portal = await store.portals.byChat(former);
  const context = portal && (await eventContextOf(parts, { ...portal, room: former.room }));
  for (const row of batch) {
    await parts.scheduler.yield();
    const event = await openedEvent(parts.homeserver, row.event);
    let record = event && (await echoOf(parts, event));
    if (record || event === undefined) {
      // An echo, as in a portal.
    } else if (event.kind === "redaction") {
      const targets = await targetsOf(store, event, former.login, false);
      const rows = context && (await rowsFor(parts.messageIds, context, event, targets.others));
      record = context && rows && convertMatrixEvent(event, { ...context, ...rows, ...targets });
    } else if (!IGNORED.has(event.kind) && !isRoomState(event)) {
      record = delivery.refuse(event, await changes.elsewhere(former));
    }
    batch.add((tx) => {
      record?.(tx);
      tx.matrixInbox.finish(row.event.id);
    }, row);
    await batch.flush();
  }
  return "more";
}

async function inOtherRoom(parts: HandleMatrixEventsParts, batch: Batch<MatrixInboxRow>): Promise<Step> {
  for (const row of batch) {
    const event = await openedEvent(parts.homeserver, row.event);
    const record = event && (await handleElsewhere(parts, event));
    batch.add((tx) => {
      record?.(tx);
      tx.matrixInbox.finish(row.event.id);
    }, row);
    await batch.flush();
    // It may have made the room a chat's, in which what follows is sent.
    if ((await parts.store.portals.ofRoom(row.event.room)).length > 0) break;
  }
  return "more";
}

async function handleElsewhere(
  { changes, management, invitations, aliasRooms }: HandleMatrixEventsParts,
  event: MatrixEvent,
): Promise<(tx: Writes) => void> {
  if (event.kind === "tombstone") return changes.closed(event);
  if (event.kind !== "member") return management.handle(event);
  if ((await changes.invited(event)) || (await invitations.answer(event)) || (await aliasRooms.answer(event)))
    return () => {};
  return management.handle(event);
}

function matrixInbox(parts: HandleMatrixEventsParts): Queue<RoomId, MatrixInboxRow, DamagedMatrixInboxRow> {
  const { matrixInbox: reads } = parts.store;
  return {
    ...usualPolicy,
    direction: "to-network",
    batch: BATCH_ROWS,
    tries: MAX_TRIES,
    retryHelps: ({ reason }) => reason !== "unreadable",
    next: (...asked) => reads.next(...asked),
    damaged: (...asked) => reads.damaged(...asked),
    ids: ({ event }) => ({ row: event.id, room: event.room }),
    countTry: (tx, { event }) => tx.matrixInbox.countTry(event.id),
    // The body stays empty, because the event can be read on the homeserver.
    givenUp: ({ event }, { reason, words }) => givenUpEvent(parts, event, { reason, words, body: "" }),
    unreadable: ({ event: id, room, body }) =>
      givenUpEvent(parts, { kind: "damaged", room, id }, { reason: UNREADABLE, words: DAMAGED_WORDS, body }),
  };
}
