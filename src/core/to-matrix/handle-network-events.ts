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
import { isCopy } from "./own-copies.ts";
import { nameIn } from "./sender-name.ts";
import {
  claimed,
  groupEvent,
  isRepeated,
  type SharedGroup,
  sharedGroup,
  shareEvent,
} from "./shared-events.ts";
import { toldTogether } from "./told-together.ts";
import { withoutRoom } from "./without-room.ts";

const BATCH = 50;
/** What was done to messages that never came is told one by one so often in a batch, and the rest together. */
const MOST_TOLD = 3;
/** Kinds that are about a message, and nothing without it. */
const REFERRING: ReadonlySet<RemoteEvent["kind"]> = new Set(["edit", "delete", "reaction", "read"]);
const TOLD: ReadonlySet<RemoteEvent["kind"]> = new Set(["delete", "reaction"]);
/** Kinds that change what the later ones of a batch are judged by. */
const TURNS: ReadonlySet<RemoteEvent["kind"]> = new Set(["reachability", "identity-changed", "excluded"]);
/** Tries after which a message that fails for no reason outside itself is put aside. */
const TRIES = 5;

interface HandleNetworkEventsParts extends EventContextsParts, LostEventParts {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Something was set aside until the message it refers to is there. */
  readonly parked: () => void;
  /** A login was brought what is in a group's room, or on its way there. */
  readonly copyThere: (row: NetworkInboxRow) => Promise<void>;
}

/** Turns what a network brought into rows for the homeserver, in the order it came. One step of a chat's lane. */
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
    // It was taken out of the configuration; what came before that is shown when it is put back.
    if (!network) return "idle";
    return convert({ ...parts, pendingIds }, batch, login, network);
  });
  return async (key) => {
    const id = parts.networkOf(key.login) ?? (await store.logins.get(key.login))?.network ?? "";
    if (parts.networks.get(id)?.groups !== true) return step(key);
    if ((await store.portals.byChat(key))?.kind === "direct") return step(key);
    // What of a group comes to several logins is converted one after the other.
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
  const contextsOf = (whose: Login): EventContexts => {
    const known = contexts.get(whose.id) ?? new EventContexts(parts, whose, network, TRIES);
    contexts.set(whose.id, known);
    return known;
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
    if (repeated && !movesOurs(taken.event)) {
      const learnt = withoutRoom(taken.event, login);
      batch.add((tx) => {
        learnt(tx);
        tx.networkInbox.finish(taken.seq);
      }, taken);
      await parts.copyThere(taken);
      continue;
    }
    const whose = shared ? await claimed(store, shared, login, taken.event) : { login, event: taken.event };
    const done = (tx: Writes): void => {
      if (mark) tx.sharedGroups.shown(mark, clock.now());
      tx.networkInbox.finish(taken.seq);
    };
    if (await isCopy(store, network, whose.login.id, whose.event)) {
      batch.add(done, taken);
      continue;
    }
    if (whose.login !== login && !network.messageId) {
      const theirs = { login: whose.login.id, chat: taken.key.chat };
      if (await parts.pendingIds.isAwaited(network, theirs)) return { wait: ANSWER_SOON };
      // What it is called may have been stored between the two looks.
      if (await isCopy(store, network, whose.login.id, whose.event)) return "more";
    }
    // Its deletion was before it, and must be known by then.
    if (untold.some(({ event }) => targetIn(event) === taken.event.id)) {
      const rows = untold.splice(0);
      batch.add(await toldTogether(parts, rows), ...rows);
      await batch.flush();
    }
    const key = { login: whose.login.id, chat: taken.key.chat };
    const asked = { ...taken, key, event: whose.event };
    const row = { ...asked, event: await aboutMessage(store, network, asked) };
    const scene = await contextsOf(whose.login).of(row);
    const missing = missingTo(row.event, scene);
    if (missing !== undefined && !row.overdue) {
      batch.add((tx) => tx.networkInbox.park(row.seq, missing), taken);
      parts.parked();
      continue;
    }
    if (missing !== undefined && TOLD.has(row.event.kind) && ++told > MOST_TOLD) {
      untold.push(taken);
      continue;
    }
    const record = scene
      ? await convertNetworkEvent(row.event, { ...scene, repeated, broughtTo: login.id })
      : withoutRoom(row.event, whose.login);
    const share = shared && shareEvent(shared, whose.login.id, row.event);
    batch.add((tx) => {
      record(tx);
      share?.(tx);
      done(tx);
    }, taken);
    const turned = TURNS.has(row.event.kind);
    // What refers to an earlier message of the batch must find it.
    if (!turned && !refersBack(batch.rows)) continue;
    await batch.flush();
    if (turned) for (const one of contexts.values()) one.forget();
  }
  if (untold.length > 0) batch.add(await toldTogether(parts, untold), ...untold);
  return "more";
}

/** The group an event is of; a login comes into the room that is there, and its person is asked there, first. */
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

/** One of our own comes or goes, which each login must see to, however often it was said. */
const movesOurs = (event: RemoteEvent): boolean =>
  event.kind === "group-members" && event.changes.some(({ person }) => person === undefined);

/** The message an event cannot do without, where it is not in the room nor on its way there. */
function missingTo(
  event: RemoteEvent,
  scene: Pick<NetworkEventContext, "deleted" | "targets"> | undefined,
): MessageId | undefined {
  const refers = REFERRING.has(event.kind);
  const known = scene !== undefined && (scene.deleted || scene.targets.length > 0);
  return refers && !known ? targetIn(event) : undefined;
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
    batch: BATCH,
    tries: TRIES,
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
