import { isIncomplete } from "../chats/portals.ts";
import { ANSWER_SOON, PendingIds } from "../delivery/pending-ids.ts";
import type { PortalKey, RemoteEvent } from "../model/events.ts";
import type { LoginId, MessageId } from "../model/ids.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Metrics } from "../ports/metrics.ts";
import type { Network } from "../ports/network.ts";
import type { DamagedNetworkInboxRow, Login, NetworkInboxRow } from "../ports/rows.ts";
import type { Scheduler } from "../ports/scheduler.ts";
import type { Writes } from "../ports/store.ts";
import type { Batch } from "../runtime/batch.ts";
import { drain, type Queue, usualPolicy } from "../runtime/drain.ts";
import type { Step } from "../runtime/lanes.ts";
import { UNREADABLE } from "../runtime/put-aside.ts";
import { SerialByKey } from "../runtime/serial-by-key.ts";
import { convertNetworkEvent } from "./convert-network-event.ts";
import type { NetworkEventContext } from "./event-context.ts";
import { EventContexts, type EventContextsParts } from "./event-contexts.ts";
import { type LostEventParts, lostEvent } from "./lost-event.ts";
import { aboutMessage, targetIn } from "./message-history.ts";
import { isCopy } from "./own/own-copies.ts";
import { nameIn } from "./sender-name.ts";
import {
  claimEvent,
  groupEvent,
  isRepeated,
  type SharedGroup,
  sharedGroup,
  shareEvent,
} from "./shared/shared-events.ts";
import { toldTogether } from "./told-together.ts";
import { withoutRoom } from "./without-room.ts";

const BATCH_ROWS = 50;
/** How many acts on unknown messages a batch tells one by one; the rest are told together. */
const MAX_TOLD_SINGLY = 3;
/** Kinds that are nothing without the message they refer to. */
const REFERRING: ReadonlySet<RemoteEvent["kind"]> = new Set(["edit", "delete", "reaction", "read"]);
const TOLD_WITHOUT_TARGET: ReadonlySet<RemoteEvent["kind"]> = new Set(["delete", "reaction"]);
/** Kinds that change what the contexts of later events say. */
const CHANGE_CONTEXT: ReadonlySet<RemoteEvent["kind"]> = new Set([
  "reachability",
  "identity-changed",
  "excluded",
]);
/** Tries after which an event that fails for no outside reason is put aside. */
const MAX_TRIES = 5;

interface HandleNetworkEventsParts extends EventContextsParts, LostEventParts {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Called when an event was parked. */
  readonly parked: () => void;
  /** Called when a login gets a copy of an event that a group's room shows or will show. */
  readonly copyThere: (row: NetworkInboxRow) => Promise<void>;
}

/** Converts a network's events into rows of the matrix outbox, in order: one step of a chat's lane. */
export function handleNetworkEvents(parts: HandleNetworkEventsParts): (key: PortalKey) => Promise<Step> {
  const { store } = parts;
  const serial = new SerialByKey();
  const pendingIds = new PendingIds(store, parts.clock);
  const step = drain(parts, networkInbox(parts), async (key, batch) => {
    const login = await store.logins.get(key.login);
    if (!login) {
      await store.write((tx) => batch.rows.forEach((row) => tx.networkInbox.finish(row.seq)));
      return "more";
    }
    const network = parts.networks.get(login.network);
    // The network was removed from the configuration; its events are shown when it is back.
    if (!network) return "idle";
    return convert({ ...parts, pendingIds }, batch, login, network);
  });
  return async (key) => {
    const id = parts.networkOf(key.login) ?? (await store.logins.get(key.login))?.network ?? "";
    if (parts.networks.get(id)?.groups !== true) return step(key);
    if ((await store.portals.byChat(key))?.kind === "direct") return step(key);
    // Copies of a group's events at several logins are converted one after the other.
    return serial.run(`${id} ${key.chat}`, () => step(key));
  };
}

async function convert(
  parts: HandleNetworkEventsParts & { readonly pendingIds: PendingIds },
  batch: Batch<NetworkInboxRow>,
  login: Login,
  network: Network,
): Promise<Step> {
  const { store, clock } = parts;
  const contexts = new Map<LoginId, EventContexts>();
  const contextsOf = (owner: Login): EventContexts => {
    const cached = contexts.get(owner.id) ?? new EventContexts(parts, owner, network, MAX_TRIES);
    contexts.set(owner.id, cached);
    return cached;
  };
  batch.guard(() => Array.from(contexts.values()).flatMap(({ guards }) => guards));
  const [first] = batch.rows;
  const direct =
    network.groups !== true || (first && (await store.portals.byChat(first.key))?.kind === "direct");
  const untold: NetworkInboxRow[] = [];
  let told = 0;
  for (const taken of batch) {
    await parts.scheduler.yield();
    const shared = direct ? undefined : await groupOf(parts, contextsOf(login), taken);
    const mark = shared && groupEvent(shared, taken.event);
    const repeated = mark !== undefined && (await isRepeated(store, mark));
    if (repeated && !movesOwnPerson(taken.event)) {
      const learnt = await withoutRoom(store, taken.event, login);
      batch.add((tx) => {
        learnt(tx);
        tx.networkInbox.finish(taken.seq);
      }, taken);
      await parts.copyThere(taken);
      continue;
    }
    const owner = shared
      ? await claimEvent(store, shared, login, taken.event)
      : { login, event: taken.event };
    const done = (tx: Writes): void => {
      if (mark) tx.sharedGroups.shown(mark, clock.now());
      tx.networkInbox.finish(taken.seq);
    };
    if (await isCopy(store, network, owner.login.id, owner.event)) {
      batch.add(done, taken);
      continue;
    }
    if (owner.login !== login && !network.messageId) {
      const theirs = { login: owner.login.id, chat: taken.key.chat };
      if (await parts.pendingIds.isAwaited(network, theirs)) return { wait: ANSWER_SOON };
      // The message's id may have been stored between the two reads.
      if (await isCopy(store, network, owner.login.id, owner.event)) return "more";
    }
    // The deletion of this message waits to be told, and must be stored first.
    if (untold.some(({ event }) => targetIn(event) === taken.event.id)) {
      const rows = untold.splice(0);
      batch.add(await toldTogether(parts, rows), ...rows);
      await batch.flush();
    }
    const key = { login: owner.login.id, chat: taken.key.chat };
    const asked = { ...taken, key, event: owner.event };
    const row = { ...asked, event: await aboutMessage(store, network, asked) };
    const context = await contextsOf(owner.login).of(row);
    const missing = missingTo(row.event, context);
    if (missing !== undefined && !row.overdue) {
      batch.add((tx) => tx.networkInbox.park(row.seq, missing), taken);
      parts.parked();
      continue;
    }
    if (missing !== undefined && TOLD_WITHOUT_TARGET.has(row.event.kind) && ++told > MAX_TOLD_SINGLY) {
      untold.push(taken);
      continue;
    }
    const record = context
      ? await convertNetworkEvent(row.event, { ...context, repeated, broughtTo: login.id })
      : await withoutRoom(store, row.event, owner.login);
    const share = shared && shareEvent(shared, owner.login.id, row.event);
    batch.add((tx) => {
      record(tx);
      share?.(tx);
      done(tx);
    }, taken);
    const changesContext = CHANGE_CONTEXT.has(row.event.kind) || movesOwnPerson(row.event);
    // Stored now, so that later events find the messages they refer to.
    if (!changesContext && !refersBack(batch.rows)) continue;
    await batch.flush();
    if (changesContext) for (const one of contexts.values()) one.forget();
    // A person who is back in a group is asked into its room, where others went on.
    if (movesOwnPerson(row.event)) await contextsOf(owner.login).enter(row);
  }
  if (untold.length > 0) batch.add(await toldTogether(parts, untold), ...untold);
  return "more";
}

/** The group of an event. The login comes into the group's room, and its person is invited, first. */
async function groupOf(
  { store }: HandleNetworkEventsParts,
  contexts: EventContexts,
  row: NetworkInboxRow,
): Promise<SharedGroup | undefined> {
  const before = await store.portals.byChat(row.key);
  if (before?.kind === "direct") return undefined;
  if (before?.room === undefined || isIncomplete(before)) await contexts.enter(row);
  return sharedGroup(store, row.key);
}

/** Whether our own person joins or leaves, which each login must handle, even if another's copy was shown. */
const movesOwnPerson = (event: RemoteEvent): boolean =>
  event.kind === "group-members" && event.changes.some(({ person }) => person === undefined);

/** The message that an event needs and that is neither in the room nor on its way there. */
function missingTo(
  event: RemoteEvent,
  context: Pick<NetworkEventContext, "deleted" | "targets"> | undefined,
): MessageId | undefined {
  const refers = REFERRING.has(event.kind);
  const cached = context !== undefined && (context.deleted || context.targets.length > 0);
  return refers && !cached ? targetIn(event) : undefined;
}

const refersBack = (rows: readonly NetworkInboxRow[]): boolean =>
  rows.some(({ event }) => targetIn(event) !== undefined);

function networkInbox(
  parts: HandleNetworkEventsParts,
): Queue<PortalKey, NetworkInboxRow, DamagedNetworkInboxRow> {
  const { networkInbox: reads } = parts.store;
  return {
    ...usualPolicy,
    direction: "to-matrix",
    batch: BATCH_ROWS,
    tries: MAX_TRIES,
    next: (...asked) => reads.next(...asked),
    damaged: (...asked) => reads.damaged(...asked),
    ids: ({ seq, key }) => ({ row: seq, login: key.login }),
    countTry: (tx, { seq }) => tx.networkInbox.countTry(seq),
    givenUp: (row, { reason }) => {
      const { seq, key, event } = row;
      return lostEvent(parts, {
        seq,
        key,
        ref: event.id,
        reason,
        name: nameIn(event),
        body: () => JSON.stringify(event),
      });
    },
    unreadable: ({ seq, key, id, body }) =>
      lostEvent(parts, { seq, key, ref: id, reason: UNREADABLE, name: undefined, body: () => body }),
  };
}
