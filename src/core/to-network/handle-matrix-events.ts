import type { Connections } from "../chats/connections.ts";
import type { DeliveryStatus } from "../delivery/delivery-status.ts";
import type { ManagementRoom } from "../management/management-room.ts";
import type { RoomChanges } from "../management/room-changes.ts";
import type { MatrixEvent, Membership } from "../model/events.ts";
import type { EventId, RoomId, UserId } from "../model/ids.ts";
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
import { type GivenUp, UNREADABLE } from "../runtime/put-aside.ts";
import { convertMatrixEvent } from "./convert-matrix-event.ts";
import { echoOf } from "./echoes.ts";
import { referred, rowsFor, sceneOf, takenEditOf, targetsOf } from "./event-contexts.ts";
import type { MessageIds } from "./message-ids.ts";

const BATCH = 50;
const TRIES = 5;
/** Kinds in a room that a chat had before of which nothing follows. */
const SAYS_NOTHING: ReadonlySet<MatrixEvent["kind"]> = new Set(["member", "tombstone", "encryption-enabled"]);
/** Tries at finding what an event refers to, before it goes without. */
const PATIENCE = 2;
const FORGOTTEN = "What the bridge had stored of it can no longer be read. Please write it again.";

interface HandleMatrixEventsParts {
  readonly store: Store;
  readonly homeserver: Pick<Homeserver, "event">;
  readonly networks: ReadonlyMap<string, Network>;
  readonly management: ManagementRoom;
  readonly connections: Connections;
  readonly delivery: DeliveryStatus;
  readonly messageIds: MessageIds;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly changes: RoomChanges;
  /** Somebody is not in a room any more. */
  readonly left: (user: UserId, room: RoomId) => void;
}

/** Handles what people did in a room, in order. One step of the room's lane. */
export function handleMatrixEvents(parts: HandleMatrixEventsParts): (room: RoomId) => Promise<Step> {
  return drain(parts, matrixInbox(parts), async (room, batch) => {
    for (const { event } of batch.rows)
      if (event.kind === "member" && isOut(event)) parts.left(event.user, room);
    const portals = await parts.store.portals.ofRoom(room);
    if (portals.length > 0) return inPortal(parts, batch, room, portals);
    const former = await parts.store.formerRooms.get(room);
    return former ? inFormerRoom(parts, batch, former) : inOtherRoom(parts, batch);
  });
}

const isOut = ({ membership }: { readonly membership: Membership }): boolean =>
  membership === "leave" || membership === "ban";

async function inPortal(
  parts: HandleMatrixEventsParts,
  batch: Batch<MatrixInboxRow>,
  room: RoomId,
  portals: readonly Portal[],
): Promise<Step> {
  const { store, delivery } = parts;
  const scenes = new RoomScenes(parts, room, portals);
  for (const row of batch) {
    await parts.scheduler.yield();
    const { event } = row;
    const { portal, scene } = await scenes.of(event.kind === "member" ? event.user : event.sender);
    let record = await echoOf(parts, event);
    if (record) {
      // It was sent as our person, by us.
    } else if (event.kind === "tombstone") {
      await batch.flush();
      record = await parts.changes.tombstoned({ ...portal, room });
    } else if (scene) {
      // What an event refers to must be stored before it is looked for.
      if (referred(event) !== undefined) await batch.flush();
      const targets = await targetsOf(store, event, scene.login.id, row.attempts < PATIENCE);
      const takenEdit = await takenEditOf(parts, event, scene.login.id);
      const rows = await rowsFor(parts.messageIds, scene, event, targets.others);
      record = convertMatrixEvent(event, { ...scene, ...rows, ...targets, ...(takenEdit && { takenEdit }) });
    } else if (event.kind !== "member" && event.kind !== "redaction") {
      record = delivery.refuse(event, closedWords(parts, portal));
    }
    batch.add((tx) => {
      record?.(tx);
      tx.matrixInbox.finish(event.id);
    }, row);
    // What follows may not be said in the chat's room any more.
    if (event.kind === "tombstone") break;
  }
  return "more";
}

/** A room's chat, as it is to each of those who share it. */
class RoomScenes {
  readonly #parts: HandleMatrixEventsParts;
  readonly #room: RoomId;
  readonly #portals: readonly Portal[];
  readonly #scenes = new Map<UserId, Promise<RoomScene>>();

  constructor(parts: HandleMatrixEventsParts, room: RoomId, portals: readonly Portal[]) {
    this.#parts = parts;
    this.#room = room;
    this.#portals = portals;
  }

  /** To somebody whose chat it is not it is what it is to the first who has it. */
  of(user: UserId): Promise<RoomScene> {
    const known = this.#scenes.get(user) ?? this.#of(user);
    this.#scenes.set(user, known);
    return known;
  }

  async #of(user: UserId): Promise<RoomScene> {
    const [first] = this.#portals;
    const theirs =
      this.#portals.length > 1 ? await this.#parts.store.portals.inRoom(this.#room, user) : first;
    const portal = theirs ?? first;
    if (!portal) throw new Error("a room of no chat");
    return { portal, scene: await sceneOf(this.#parts, { ...portal, room: this.#room }) };
  }
}

interface RoomScene {
  readonly portal: Portal;
  readonly scene: Awaited<ReturnType<typeof sceneOf>>;
}

/** What was written there is answered; what the person takes back there is taken back. */
async function inFormerRoom(
  parts: HandleMatrixEventsParts,
  batch: Batch<MatrixInboxRow>,
  former: FormerRoom,
): Promise<Step> {
  const { store, changes, delivery } = parts;
  const portal = await store.portals.byChat(former);
  const scene = portal && (await sceneOf(parts, { ...portal, room: former.room }));
  for (const row of batch) {
    await parts.scheduler.yield();
    const { event } = row;
    let record = await echoOf(parts, event);
    if (record) {
      // As in a portal.
    } else if (event.kind === "redaction") {
      const targets = await targetsOf(store, event, former.login, false);
      const rows = scene && (await rowsFor(parts.messageIds, scene, event, targets.others));
      record = scene && rows && convertMatrixEvent(event, { ...scene, ...rows, ...targets });
    } else if (!SAYS_NOTHING.has(event.kind)) {
      record = delivery.refuse(event, await changes.elsewhere(former));
    }
    batch.add((tx) => {
      record?.(tx);
      tx.matrixInbox.finish(event.id);
    }, row);
    await batch.flush();
  }
  return "more";
}

const closedWords = ({ networks }: HandleMatrixEventsParts, { state, network }: Portal): string =>
  state === "archived" || networks.has(network)
    ? "This chat is closed; its history stays here."
    : "This bridge is not set up for the chat's network any more. Ask your administrator whether it comes back.";

async function inOtherRoom(parts: HandleMatrixEventsParts, batch: Batch<MatrixInboxRow>): Promise<Step> {
  for (const row of batch) {
    const record = await handled(parts, row.event);
    batch.add((tx) => {
      record(tx);
      tx.matrixInbox.finish(row.event.id);
    }, row);
    await batch.flush();
  }
  return "more";
}

async function handled(
  { changes, management }: HandleMatrixEventsParts,
  event: MatrixEvent,
): Promise<(tx: Writes) => void> {
  if (event.kind === "tombstone") return changes.closed(event);
  if (event.kind === "member" && (await changes.invited(event))) return () => {};
  return management.handle(event);
}

function matrixInbox(parts: HandleMatrixEventsParts): Queue<RoomId, MatrixInboxRow, DamagedMatrixInboxRow> {
  const { matrixInbox: reads } = parts.store;
  return {
    ...usualPolicy,
    direction: "to-network",
    batch: BATCH,
    tries: TRIES,
    next: (...asked) => reads.next(...asked),
    damaged: (...asked) => reads.damaged(...asked),
    ids: ({ event }) => ({ row: event.id, room: event.room }),
    countTry: (tx, { event }) => tx.matrixInbox.countTry(event.id),
    // It can be read on the homeserver.
    givenUp: ({ event }, { reason, words }) => unheard(parts, event, { reason, words, body: "" }),
    unreadable: ({ event: id, room, body }) =>
      unheard(parts, { kind: "damaged", room, id }, { reason: UNREADABLE, words: FORGOTTEN, body }),
  };
}

type Unheard = MatrixEvent | { readonly kind: "damaged"; readonly room: RoomId; readonly id: EventId };

function unheard(
  { store, management, delivery }: HandleMatrixEventsParts,
  event: Unheard,
  { reason, words, body }: { readonly reason: string; readonly words: string; readonly body: string },
): GivenUp {
  const { id, room } = event;
  return {
    direction: "to-network",
    reason,
    ids: { row: id, room },
    network: undefined,
    async deadLetter() {
      const [portal] = await store.portals.ofRoom(room);
      return { key: portal && { login: portal.login, chat: portal.chat }, ref: id, body };
    },
    done: (tx) => tx.matrixInbox.finish(id),
    async tell(ended) {
      if (event.kind === "member") await management.notJoined(event);
      const refuse = await refusal();
      await store.write((tx) => {
        ended(tx);
        refuse?.(tx);
      });
    },
  };

  async function refusal(): Promise<((tx: Writes) => void) | undefined> {
    if (event.kind === "member") return undefined;
    if (event.kind !== "damaged") return delivery.refuse(event, words);
    const sender = (await store.rooms.owner(room)) ?? (await ownerOf(store, room));
    // Elsewhere it may have been anything.
    return sender && delivery.refuse({ room, id, sender }, words);
  }
}

async function ownerOf(store: Store, room: RoomId): Promise<UserId | undefined> {
  const [portal] = await store.portals.ofRoom(room);
  return portal && (await store.logins.get(portal.login))?.user;
}
