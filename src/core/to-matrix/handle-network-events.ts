import type { PortalKey, RemoteEvent } from "../model/events.ts";
import type { MessageId } from "../model/ids.ts";
import { cleanName, cleanTopic } from "../model/names.ts";
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
import { convertNetworkEvent } from "./convert-network-event.ts";
import type { NetworkEventContext } from "./event-context.ts";
import { EventContexts, type EventContextsParts } from "./event-contexts.ts";
import { type LostEventParts, lostEvent } from "./lost-event.ts";
import { aboutMessage, targetIn } from "./message-history.ts";
import { isCopy } from "./own-copies.ts";
import { nameIn } from "./sender-name.ts";
import { toldTogether } from "./told-together.ts";

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
}

/** Turns what a network brought into rows for the homeserver, in the order it came. One step of a chat's lane. */
export function handleNetworkEvents(parts: HandleNetworkEventsParts): (key: PortalKey) => Promise<Step> {
  const { store } = parts;
  return drain(parts, networkInbox(parts), async (key, batch) => {
    const login = await store.logins.get(key.login);
    if (!login) {
      await store.write((tx) => batch.rows.forEach((row) => tx.networkInbox.finish(row.seq)));
      return "more";
    }
    const network = parts.networks.get(login.network);
    // It was taken out of the configuration; what came before that is shown when it is put back.
    if (!network) return "idle";
    return convert(parts, batch, login, network);
  });
}

async function convert(
  parts: HandleNetworkEventsParts,
  batch: Batch<NetworkInboxRow>,
  login: Login,
  network: Network,
): Promise<Step> {
  const scenes = new EventContexts(parts, login, network, TRIES);
  batch.guard(() => scenes.guards);
  const untold: NetworkInboxRow[] = [];
  let told = 0;
  for (const taken of batch) {
    await parts.scheduler.yield();
    if (await isCopy(parts.store, network, login.id, taken.event)) {
      batch.add((tx) => tx.networkInbox.finish(taken.seq), taken);
      continue;
    }
    // Its deletion was before it, and must be known by then.
    if (untold.some(({ event }) => targetIn(event) === taken.event.id)) {
      const rows = untold.splice(0);
      batch.add(await toldTogether(parts, rows), ...rows);
      await batch.flush();
    }
    const row = { ...taken, event: await aboutMessage(parts.store, network, taken) };
    const scene = await scenes.of(row);
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
    const record = scene ? convertNetworkEvent(row.event, scene) : withoutRoom(row.event, login);
    batch.add((tx) => {
      record(tx);
      tx.networkInbox.finish(row.seq);
    }, taken);
    const turned = TURNS.has(row.event.kind);
    // What refers to an earlier message of the batch must find it.
    if (!turned && !refersBack(batch.rows)) continue;
    await batch.flush();
    if (turned) scenes.forget();
  }
  if (untold.length > 0) batch.add(await toldTogether(parts, untold), ...untold);
  return "more";
}

/** The message an event cannot do without, where it is not in the room nor on its way there. */
function missingTo(event: RemoteEvent, scene: NetworkEventContext | undefined): MessageId | undefined {
  const refers = REFERRING.has(event.kind);
  const known = scene !== undefined && (scene.deleted || scene.targets.length > 0);
  return refers && !known ? targetIn(event) : undefined;
}

const refersBack = (rows: readonly NetworkInboxRow[]): boolean =>
  rows.some(({ event }) => targetIn(event) !== undefined);

/** What is learnt before there is a room to tell it in. Of a group that is not known at all, its first message asks. */
function withoutRoom(event: RemoteEvent, login: Login): (tx: Writes) => void {
  const key = { login: login.id, chat: event.chat };
  return (tx) => {
    if (event.kind === "reachability") {
      tx.contacts.setReachability(login.id, event.sender, event.chat, event.state);
    }
    if (event.kind === "group-members") {
      for (const { person, membership } of event.changes) {
        tx.portalMembers.put({ ...key, person, membership, role: "member" });
      }
    }
    if (event.kind === "group-roles") {
      for (const { person, role } of event.changes) {
        tx.portalMembers.put({ ...key, person, role, membership: "joined" });
      }
    }
    if (event.kind === "group-name") tx.portals.setGroup(key, { name: cleanName(event.name, "") });
    if (event.kind === "group-topic") tx.portals.setGroup(key, { topic: cleanTopic(event.topic) });
    if (event.kind === "group-avatar") tx.portals.setGroup(key, { avatar: event.avatar });
  };
}

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
