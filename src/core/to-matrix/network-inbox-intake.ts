import { standingNow } from "../chats/send-permission.ts";
import type { DeliveryStatus } from "../delivery/delivery-status.ts";
import { ourId } from "../delivery/learnt-ids.ts";
import type { UnstorableEvents } from "../delivery/unstorable-events.ts";
import { BridgeError } from "../model/errors.ts";
import type { Outgoing, RemoteReceipt, RemoteSignal } from "../model/events.ts";
import type { ChatId, MessageId } from "../model/ids.ts";
import { saneTime } from "../model/sane-time.ts";
import type { Clock } from "../ports/clock.ts";
import type { ConnectionState, Ended, Granted, Network, RemoteSink } from "../ports/network.ts";
import type { Login, NetworkOutboxRow } from "../ports/rows.ts";
import type { Store, Writes } from "../ports/store.ts";
import { copiedRow, noteCopy } from "./own-copies.ts";
import { isUnplaced, placed, placeLate } from "./unplaced-deletions.ts";

interface NetworkInboxIntakeParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly unstorable: Pick<UnstorableEvents, "fromNetwork">;
  readonly delivery: Pick<DeliveryStatus, "giveUp" | "accepted">;
  readonly receipt: (login: Login, network: Network, receipt: RemoteReceipt) => Promise<void>;
  readonly signal: (login: Login, network: Network, signal: RemoteSignal) => void;
  readonly capabilities: (login: Login, granted: Granted) => void;
  readonly state: (login: Login, network: Network, state: ConnectionState) => void;
  readonly ended: (login: Login, network: Network, what: Ended) => Promise<void>;
  readonly resumed: (login: Login, network: Network) => Promise<void>;
}

/** Where a login's connection hands over what the network sent: stored first, handled after. */
export function networkInboxIntake(
  parts: NetworkInboxIntakeParts,
  login: Login,
  network: Network,
): RemoteSink {
  const { store, clock, unstorable } = parts;
  return {
    async accept(brought: Parameters<RemoteSink["accept"]>[0], record: (tx: Writes) => void) {
      const at = clock.now();
      const events = (await placed(store, login.id, brought)).map((event) => ({
        ...event,
        at: saneTime(event.at, at),
      }));
      const copies = new Map<unknown, NetworkOutboxRow>();
      for (const event of events) {
        const row = isUnplaced(event) ? undefined : await copiedRow(store, network, login.id, event);
        if (row) copies.set(event, row);
      }
      let together = true;
      await unstorable.fromNetwork({ login, network }, events, async (some) => {
        together = some === events;
        await store.write((tx) => {
          if (together) record(tx);
          for (const event of some) {
            if (isUnplaced(event)) {
              tx.networkInbox.takeUnplaced(login.id, event, at);
              continue;
            }
            const copied = copies.get(event);
            if (copied) {
              noteCopy(tx, network, copied, event);
              continue;
            }
            tx.networkInbox.take(login.id, event, at);
            // Before the room is told of it: what waits must not leave for the new key meanwhile.
            if (event.kind === "identity-changed") tx.contacts.setChanged(login.id, event.sender);
          }
        });
      });
      // Where an event was taken before what decrypted it, and that is lost, it comes again and is known.
      if (!together) await store.write(record);
      await placeLate(store, login.id, events, at);
      for (const row of copies.values())
        if (row.state === "queued") parts.delivery.accepted(row, network.id, false);
    },
    receipt: (receipt) => parts.receipt(login, network, receipt),
    signal: (signal) => parts.signal(login, network, signal),
    async again(chat: ChatId, id: MessageId): Promise<Outgoing | undefined> {
      const key = { login: login.id, chat };
      const row = await store.networkOutbox.byRemote(key, await ourId(store, network, key, id));
      const current = row?.outgoing && (await store.logins.get(login.id));
      if (!current || (await isDeleted(store, row))) return undefined;
      const words = await standingNow(store, { login: current, network, key });
      if (words === undefined) return row.outgoing;
      // The contact could not read it, and does not get it again.
      const error = new BridgeError("forbidden", { words, certain: true });
      if (row.state === "sent") await parts.delivery.giveUp(row, network.id, error);
      return undefined;
    },
    async undelivered(chat, id, error) {
      const key = { login: login.id, chat };
      const row = await store.networkOutbox.byRemote(key, await ourId(store, network, key, id));
      if (row?.state === "sent" && !(await isDeleted(store, row)))
        await parts.delivery.giveUp(row, network.id, error);
    },
    capabilities: (granted) => parts.capabilities(login, granted),
    state: (state) => parts.state(login, network, state),
    ended: (what) => parts.ended(login, network, what),
    resumed: () => parts.resumed(login, network),
  };
}

/** Whether our person deleted the message meanwhile, or what an edit of theirs was about: it is not to come back there. */
async function isDeleted(store: Store, { key, remoteId, outgoing }: NetworkOutboxRow): Promise<boolean> {
  if (outgoing?.kind === "delete") return false;
  const id = outgoing?.kind === "edit" ? outgoing.target : remoteId;
  const withdrawn = await store.withdrawn.of(key, id);
  return withdrawn.some(({ sender, part }) => sender === undefined && part === undefined);
}
