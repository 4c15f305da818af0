import { commandTarget } from "../chats/command-target.ts";
import type { Connections } from "../chats/connections.ts";
import type { Outsiders } from "../chats/groups/outsiders.ts";
import { currentSendRefusal } from "../chats/send-refusal.ts";
import type { DeliveryStatus } from "../delivery/delivery-status.ts";
import { learn, ownTarget, withLearntId } from "../delivery/learnt-ids.ts";
import { expirySeconds } from "../expiries/expiry-of.ts";
import { BridgeError } from "../model/errors.ts";
import type { Outgoing, PortalKey } from "../model/events.ts";
import type { OutboxId } from "../model/ids.ts";
import type { HomeserverFile } from "../model/media.ts";
import type { Clock } from "../ports/clock.ts";
import type { Expiring } from "../ports/expiries.ts";
import { rejectedBy } from "../ports/guards.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import type { Log } from "../ports/log.ts";
import type { Metrics } from "../ports/metrics.ts";
import type { Journal, Network, NetworkClient, SendResult } from "../ports/network.ts";
import type { DamagedNetworkOutboxRow, Login, NetworkOutboxRow } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";
import type { Batch } from "../runtime/batch.ts";
import { drain, type Queue, usualPolicy } from "../runtime/drain.ts";
import type { Step } from "../runtime/lanes.ts";
import { type GivenUp, UNREADABLE } from "../runtime/put-aside.ts";
import { cancelUnsealed, missingThere } from "./event-context.ts";
import { cancelOvertaken, changeOf, puttingBack } from "./groups/change-rows.ts";
import { undoneWords } from "./groups/change-words.ts";
import type { GroupState } from "./groups/group-state.ts";

const BATCH_ROWS = 20;
const MAX_TRIES = 10;
/** The largest file in bytes; connectors check their networks' own limits. */
const LARGEST_FILE = 2 * 1024 ** 3;
/** Milliseconds after which a person is told that their message still waits. */
const DELAY_NOTICE_AFTER = 20_000;

const NOT_STORED_WORDS =
  "⚠️ This was sent, but the bridge could not keep that it was: whether it arrives and is read is not shown here.";

interface SendToNetworkParts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly networks: ReadonlyMap<string, Network>;
  readonly connections: Connections;
  readonly delivery: DeliveryStatus;
  readonly groupState: GroupState;
  readonly outsiders: Pick<Outsiders, "tell">;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Sends a chat's messages one after another: one step of the chat's lane. */
export function sendToNetwork(parts: SendToNetworkParts): (key: PortalKey) => Promise<Step> {
  const { store, connections } = parts;
  /** Rows that the network has taken, while that is not stored. */
  const sentNotStored = new Set<OutboxId>();
  return drain(parts, networkOutbox(parts, sentNotStored), async (key, batch) => {
    const login = await store.logins.get(key.login);
    if (login?.state !== "active") return refuseAll(parts, batch, login);
    for (const row of batch) {
      const client = connections.client(login.id);
      const network = parts.networks.get(login.network);
      if (!client || !network) throw notConnected();
      // The network's id of the target is in the commit of an earlier row.
      if (!network.messageId && row.outgoing && ownTarget(row.outgoing) !== undefined) await batch.settle();
      const sent = await sendOne(parts, { client, login, network }, row);
      if (sent === "taken-back") continue;
      if (sent === "later") {
        batch.add((tx) => tx.networkOutbox.postpone(row), row);
        continue;
      }
      const { id, record } = sent.taken ?? {};
      const expiring = sentExpiry(row, sent.taken, parts.clock.now());
      const show = await parts.delivery.sent(row);
      const change = changeOf(row);
      const changed = change && (await parts.groupState.done(row, change, sent.taken));
      sentNotStored.add(row.id);
      batch.commit(
        row,
        (tx) => {
          tx.networkOutbox.setState(row.id, "sent");
          if (id !== undefined) learn(tx, row, id);
          record?.(tx);
          changed?.(tx);
          if (expiring) tx.expiries.add(expiring);
          show(tx);
        },
        () => sentNotStored.delete(row.id),
      );
      parts.delivery.accepted(row, login.network, sent.inPart);
    }
    return "more";
  });
}

/** When a message disappears that the network has just taken. */
function sentExpiry(
  { key, remoteId: id, outgoing }: NetworkOutboxRow,
  taken: SendResult | undefined,
  now: number,
): Expiring | undefined {
  const seconds = expirySeconds(taken?.expires);
  if (seconds === undefined || outgoing?.kind !== "message") return undefined;
  return { ...key, id, sender: undefined, seconds, due: now + 1000 * seconds };
}

/** Refuses the rows of a person who left the network meanwhile. */
async function refuseAll(
  { store, delivery, networks, groupState, outsiders }: SendToNetworkParts,
  batch: Batch<NetworkOutboxRow>,
  login: Login | undefined,
): Promise<Step> {
  const network = (login && networks.get(login.network)?.name) ?? "the network";
  const words = `You turned ${network} off before it was sent.`;
  for (const row of batch) {
    const change = changeOf(row);
    const lead = change && { lead: undoneWords(change) };
    const notice = delivery.refuse({ room: row.room, id: row.event, sender: row.sender, ...lead }, words);
    const putBack = change && (await groupState.putBack(row.key, change));
    await outsiders.tell(await store.portals.byChat(row.key), row.sender);
    batch.add((tx) => {
      tx.guard({ kind: "row-queued", row: row.id });
      tx.networkOutbox.remove(row.id);
      notice(tx);
      putBack?.(tx);
    }, row);
  }
  return "more";
}

function notConnected(): BridgeError {
  return new BridgeError("remote-unreachable", {
    words: "The network is not connected. Write “status” to the bot to see why.",
    certain: true,
    retryAfter: 1_000,
  });
}

interface LoginConnection {
  readonly client: NetworkClient;
  readonly login: Login;
  readonly network: Network;
}

/** The outcome of a row. `later`: its target must be sent first. `inPart`: more rows of its event are queued. */
type Sent = "taken-back" | "later" | { readonly inPart: boolean; readonly taken: SendResult | undefined };

async function sendOne(
  { store, homeserver, delivery, groupState, metrics }: SendToNetworkParts,
  { client, login, network }: LoginConnection,
  row: NetworkOutboxRow,
): Promise<Sent> {
  if (!row.outgoing) {
    const words = "Its text is no longer kept here. Please write it again.";
    throw new BridgeError("gone", { words, certain: true });
  }
  const queued = await store.networkOutbox.queuedOf(row.event);
  if (!queued.some(({ id }) => id === row.id)) return "taken-back";
  const change = changeOf(row);
  const refuseForbidden = async (): Promise<void> => {
    const words = await currentSendRefusal(store, { login, network, key: row.key, isRead: !change });
    if (words !== undefined) throw new BridgeError("forbidden", { words, certain: true });
  };
  await refuseForbidden();
  if (change && (await groupState.isOvertaken(row, change))) {
    await store.write(await cancelOvertaken(row, change, { delivery, groupState }));
    return "taken-back";
  }
  await refuseWithoutTarget(store, row.key, row.outgoing);
  if (await keepsOriginal(store, row)) return "taken-back";
  const outgoing = network.messageId ? row.outgoing : await withLearntId(store, row.key, row.outgoing);
  if (outgoing === "later") return outgoing;
  if (outgoing === "needless") {
    await store.write((tx) => tx.networkOutbox.setState(row.id, "cancelled"));
    return "taken-back";
  }
  let takenBack = false;
  const item = {
    chat: row.key.chat,
    id: row.remoteId,
    outgoing,
    open: (file: HomeserverFile) => homeserver.openMedia(file, LARGEST_FILE),
  };
  const journal: Journal = {
    sealed: row.sealed,
    async seal(sealed, record) {
      // Encrypting may have started a session with a key that is not the one the person verified.
      await refuseForbidden();
      takenBack = await rejectedBy(
        "row-queued",
        store.write((tx) => {
          tx.guard({ kind: "row-queued", row: row.id });
          tx.networkOutbox.seal(row.id, sealed);
          record(tx);
        }),
      );
      if (takenBack) throw new BridgeError("gone", { words: "It was taken back.", certain: true });
    },
    note: (words) => delivery.note({ room: row.room, id: row.event }, words),
  };
  const count = (outcome: "taken" | "refused" | "unreachable"): void =>
    metrics.count("sends", { direction: "to-network", outcome });
  try {
    const taken = await client.send(item, journal);
    count("taken");
    return { taken, inPart: queued.some((other) => other.item > row.item) };
  } catch (error) {
    if (takenBack) return "taken-back";
    count(BridgeError.from(error).reason === "remote-unreachable" ? "unreachable" : "refused");
    throw error;
  }
}

/** Throws where the target of an edit or reaction has failed while both waited. */
async function refuseWithoutTarget(store: Store, key: PortalKey, outgoing: Outgoing): Promise<void> {
  if (outgoing.kind !== "edit" && outgoing.kind !== "reaction") return;
  const state = (await store.networkOutbox.byRemote(key, outgoing.target))?.state;
  if (state !== "failed" && state !== "cancelled") return;
  const words = missingThere(state, await commandTarget(store, key));
  if (words !== undefined) throw new BridgeError("not-found", { words, certain: true });
}

/**
 * Cancels the deletion of a message whose replacement failed: the room's event shows the message again. True where it
 * was cancelled.
 */
async function keepsOriginal(store: Store, { id, key, outgoing }: NetworkOutboxRow): Promise<boolean> {
  if (outgoing?.kind !== "delete" || outgoing.replacedBy === undefined) return false;
  const { target, replacedBy } = outgoing;
  if ((await store.networkOutbox.byRemote(key, replacedBy))?.state !== "failed") return false;
  const mayHaveLeft = await rejectedBy(
    "row-unsealed",
    store.write((tx) => {
      cancelUnsealed(id)(tx);
      tx.messages.remove(key, { id: replacedBy, sender: undefined });
      tx.withdrawn.remove(key, { id: target, sender: undefined, part: undefined });
    }),
  );
  return !mayHaveLeft;
}

function networkOutbox(
  parts: SendToNetworkParts,
  sentNotStored: Set<OutboxId>,
): Queue<PortalKey, NetworkOutboxRow, DamagedNetworkOutboxRow> {
  const { store, connections, delivery, outsiders, clock } = parts;
  const { networkOutbox: reads } = store;
  return {
    ...usualPolicy,
    direction: "to-network",
    batch: BATCH_ROWS,
    tries: MAX_TRIES,
    next: (...asked) => reads.next(...asked),
    damaged: (...asked) => reads.damaged(...asked),
    ids: ({ id, key }) => ({ row: id, login: key.login }),
    countTry: (tx, { id }) => tx.networkOutbox.countTry(id),
    retryHelps: ({ retryAfter, reason }) =>
      retryAfter !== undefined || reason === "internal" || reason === "unstorable",
    async onDelay(row, error) {
      // A network that says for how long it takes nothing is not asked again before.
      const waits = clock.now() - row.createdAt + (error.retryAfter ?? 0);
      if (error.reason !== "stopping" && waits > DELAY_NOTICE_AFTER) await delivery.delayed(row, error);
    },
    givenUp(row, error) {
      const sent = sentNotStored.delete(row.id);
      const change = sent ? undefined : changeOf(row);
      const given = delivery.givenUp(row, {
        network: connections.networkOf(row.key.login),
        reason: error.reason,
        words: sent ? NOT_STORED_WORDS : error.words,
        lead: change && undoneWords(change),
        sent,
      });
      const ended: GivenUp = {
        ...given,
        async tell(end) {
          if (!sent) await outsiders.tell(await store.portals.byChat(row.key), row.sender);
          await given.tell(end);
        },
      };
      return change ? puttingBack(parts.groupState, row, change, ended) : ended;
    },
    unreadable: (row) =>
      delivery.givenUp(row, {
        network: connections.networkOf(row.key.login),
        reason: UNREADABLE,
        words: "Its text can no longer be read here. Please write it again.",
        body: row.body,
      }),
  };
}
