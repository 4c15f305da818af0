import type { Clock } from "./clock.ts";
import { Commits } from "./commits.ts";
import type { Connections } from "./connections.ts";
import type { Delivery } from "./delivery.ts";
import { BridgeError } from "./errors.ts";
import type { Outgoing, PortalKey } from "./events.ts";
import type { Homeserver } from "./homeserver.ts";
import type { Step } from "./lanes.ts";
import { faultOf, type Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import type { Journal, Network, NetworkClient } from "./network.ts";
import type { Login, NetOutboxRow } from "./rows.ts";
import { triesAgain, waitAfter } from "./set-back.ts";
import { standingNow } from "./standing.ts";
import type { Store } from "./store.ts";
import { missingThere } from "./to-network.ts";

const BATCH = 20;
const TRIES = 10;
/** No file is larger on any network; connectors check their own limits. */
const LARGEST = 2 * 1024 ** 3;
/** When a person is told that their message still waits. */
const LATE = 20_000;

interface Parts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly networks: ReadonlyMap<string, Network>;
  readonly connections: Connections;
  readonly delivery: Delivery;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Sends a chat's messages one after another. One step of the chat's lane. */
export function networkSender(parts: Parts): (key: PortalKey) => Promise<Step> {
  const { store, connections } = parts;
  return async (key) => {
    const rows = await store.netOutbox.next(key, BATCH);
    if (rows.length === 0) return "idle";
    const login = await store.logins.get(key.login);
    if (login?.state !== "active") return giveBack(parts, rows, login);
    const commits = new Commits();
    let step: Step = "more";
    for (const row of rows) {
      const client = connections.client(login.id);
      const network = parts.networks.get(login.network);
      try {
        if (!client || !network) throw notConnected();
        if (!(await sendOne(parts, { client, login, network }, row))) continue;
        commits.add(store.write((tx) => tx.netOutbox.setState(row.id, "sent")));
        parts.delivery.taken(row, login.network);
      } catch (error) {
        step = await setBack(parts, row, login, BridgeError.from(error));
        break;
      }
    }
    await commits.done();
    return step;
  };
}

/** Their person left the network while they waited. */
async function giveBack(
  { store, delivery, networks }: Parts,
  rows: readonly NetOutboxRow[],
  login: Login | undefined,
): Promise<Step> {
  const network = (login && networks.get(login.network)?.name) ?? "the network";
  const words = `You turned ${network} off before it was sent.`;
  const answers = rows.map(({ id, room, event, sender }) => ({
    id,
    notice: delivery.refuse({ room, id: event, sender }, words),
  }));
  await store.write((tx) => {
    for (const { id, notice } of answers) if (tx.netOutbox.remove(id)) notice(tx);
  });
  return "more";
}

function notConnected(): BridgeError {
  return new BridgeError("remote-unreachable", {
    words: "The network is not connected. Write “status” to the bot to see why.",
    certain: true,
    retryAfter: 1_000,
  });
}

interface Line {
  readonly client: NetworkClient;
  readonly login: Login;
  readonly network: Network;
}

/** False where the row was taken back meanwhile. */
async function sendOne(
  { store, homeserver, delivery }: Parts,
  { client, login, network }: Line,
  row: NetOutboxRow,
): Promise<boolean> {
  if (!row.outgoing) {
    const words = "Its text is no longer kept here. Please write it again.";
    throw new BridgeError("gone", { words, certain: true });
  }
  const current = await store.netOutbox.byEvent(row.event);
  if (current?.state !== "queued") return false;
  const refuseForbidden = async (): Promise<void> => {
    const words = await standingNow(store, { login, network, key: row.key });
    if (words !== undefined) throw new BridgeError("forbidden", { words, certain: true });
  };
  await refuseForbidden();
  await refuseWithoutTarget(store, row.key, row.outgoing);
  let takenBack = false;
  const item = {
    chat: row.key.chat,
    id: row.remoteId,
    outgoing: row.outgoing,
    open: (uri: string) => homeserver.openMedia(uri, LARGEST),
  };
  const journal: Journal = {
    sealed: row.sealed,
    async seal(sealed, record) {
      // Sealing may have begun a session with a key that is not the one the person compared.
      await refuseForbidden();
      await store.write((tx) => {
        takenBack = !tx.netOutbox.seal(row.id, sealed);
        if (takenBack) throw new BridgeError("gone", { words: "It was taken back.", certain: true });
        record(tx);
      });
    },
    remark: (words) => delivery.remark({ room: row.room, id: row.event }, words),
  };
  try {
    await client.send(item, journal);
    return true;
  } catch (error) {
    if (takenBack) return false;
    throw error;
  }
}

/** What an edit or reaction is about may have failed while both waited. */
async function refuseWithoutTarget({ netOutbox }: Store, key: PortalKey, outgoing: Outgoing): Promise<void> {
  if (outgoing.kind !== "edit" && outgoing.kind !== "reaction") return;
  const words = missingThere((await netOutbox.byRemote(key, outgoing.target))?.state);
  if (words !== undefined) throw new BridgeError("not-found", { words, certain: true });
}

async function setBack(parts: Parts, row: NetOutboxRow, login: Login, error: BridgeError): Promise<Step> {
  const { store, clock, log, metrics, delivery } = parts;
  const retry = error.retryAfter !== undefined || error.reason === "internal";
  if (retry && (error.outage || triesAgain(error, row.attempts, TRIES))) {
    log.warn("a message waits to be sent", { row: row.id, attempts: row.attempts, ...faultOf(error) });
    metrics.count("retries", { direction: "to-network" });
    if (!error.outage) await store.write((tx) => tx.netOutbox.failed(row.id));
    if (clock.now() - row.createdAt > LATE) await delivery.late(row, error);
    return waitAfter(error, row.attempts);
  }
  await delivery.failed(row, login.network, error);
  return "more";
}
