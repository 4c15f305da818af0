import type { Clock } from "./clock.ts";
import type { Connections } from "./connections.ts";
import type { Delivery } from "./delivery.ts";
import { BridgeError } from "./errors.ts";
import type { Membership } from "./events.ts";
import { flush } from "./flush.ts";
import type { RoomId, UserId } from "./ids.ts";
import type { Step } from "./lanes.ts";
import { faultOf, type Log } from "./log.ts";
import type { Management } from "./management.ts";
import type { Network } from "./network.ts";
import type { Outbox } from "./outbox.ts";
import { referred, sceneOf, targetsOf } from "./portal-scene.ts";
import type { HsInboxRow, Portal } from "./rows.ts";
import { triesAgain, waitAfter } from "./set-back.ts";
import type { Store, Writes } from "./store.ts";
import { matrixToNetwork } from "./to-network.ts";

const BATCH = 50;
const TRIES = 5;
/** Tries at finding what an event refers to, before it goes without. */
const PATIENCE = 2;

interface Parts {
  readonly store: Store;
  readonly networks: ReadonlyMap<string, Network>;
  readonly management: Management;
  readonly connections: Connections;
  readonly delivery: Delivery;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly log: Log;
  /** Somebody is not in a room any more. */
  readonly left: (user: UserId) => void;
}

/** Handles what people did in a room, in order. One step of the room's lane. */
export function roomLane(parts: Parts): (room: RoomId) => Promise<Step> {
  return async (room) => {
    const rows = await parts.store.hsInbox.next(room, BATCH);
    if (rows.length === 0) return "idle";
    for (const { event } of rows) if (event.kind === "member" && isOut(event)) parts.left(event.user);
    const portal = await parts.store.portals.byRoom(room);
    return portal ? inPortal(parts, rows, { ...portal, room }) : inOtherRoom(parts, rows);
  };
}

const isOut = ({ membership }: { readonly membership: Membership }): boolean =>
  membership === "leave" || membership === "ban";

async function inPortal(
  parts: Parts,
  rows: readonly HsInboxRow[],
  portal: Portal & { readonly room: RoomId },
): Promise<Step> {
  const { store } = parts;
  const done: ((tx: Writes) => void)[] = [];
  const scene = await sceneOf(parts, portal);
  let step: Step = "more";
  for (const row of rows) {
    const { event } = row;
    try {
      if (scene) {
        // What an event refers to must be stored before it is looked for.
        if (referred(event) !== undefined) await flush(store, done);
        done.push(
          matrixToNetwork(event, { ...scene, ...(await targetsOf(store, event, row.attempts < PATIENCE)) }),
        );
      } else if (event.kind !== "member" && event.kind !== "redaction") {
        done.push(parts.delivery.refuse(event, closedWords(parts, portal)));
      }
      done.push((tx) => tx.hsInbox.done(event.id));
    } catch (error) {
      step = await setBack(parts, row, BridgeError.from(error));
      break;
    }
  }
  await flush(store, done);
  return step;
}

const closedWords = ({ networks }: Parts, { state, network }: Portal): string =>
  state === "archived" || networks.has(network)
    ? "This chat is closed; its history stays here."
    : "This bridge is not set up for the chat's network any more. Ask your administrator whether it comes back.";

async function inOtherRoom(parts: Parts, rows: readonly HsInboxRow[]): Promise<Step> {
  for (const row of rows) {
    try {
      const record = await parts.management.handle(row.event);
      await parts.store.write((tx) => {
        record(tx);
        tx.hsInbox.done(row.event.id);
      });
    } catch (error) {
      return setBack(parts, row, BridgeError.from(error));
    }
  }
  return "more";
}

async function setBack(parts: Parts, row: HsInboxRow, error: BridgeError): Promise<Step> {
  const { store, log, delivery, clock } = parts;
  const { event } = row;
  const fields = { event: event.id, room: event.room, attempts: row.attempts, ...faultOf(error) };
  if (error.outage || triesAgain(error, row.attempts, TRIES)) {
    log.warn("an event waits to be handled", fields);
    if (!error.outage) await store.write((tx) => tx.hsInbox.failed(event.id));
    return waitAfter(error, row.attempts);
  }
  log.error("an event was put aside", fields);
  if (event.kind === "member") await parts.management.notJoined(event);
  const portal = await store.portals.byRoom(event.room);
  await store.write((tx) => {
    tx.deadLetters.add({
      direction: "to-network",
      key: portal && { login: portal.login, chat: portal.chat },
      ref: event.id,
      reason: error.reason,
      at: clock.now(),
      // It can be read on the homeserver.
      body: "",
    });
    if (event.kind !== "member") delivery.refuse(event, error.words)(tx);
    tx.hsInbox.done(event.id);
  });
  return "more";
}
