import { currentSendRefusal } from "../chats/send-refusal.ts";
import type { DeliveryStatus } from "../delivery/delivery-status.ts";
import { ourId } from "../delivery/learnt-ids.ts";
import { BridgeError } from "../model/errors.ts";
import type { Outgoing, RemoteReceipt, RemoteSignal } from "../model/events.ts";
import type { ChatId, MessageId, PersonId } from "../model/ids.ts";
import type { ConnectionState, Ended, Granted, Network, RemoteSink } from "../ports/network.ts";
import type { Login, NetworkOutboxRow } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";
import { IncomingEvents, type IncomingEventsParts } from "./incoming-events.ts";

interface NetworkInboxIntakeParts extends IncomingEventsParts {
  readonly delivery: Pick<DeliveryStatus, "giveUp" | "accepted" | "arrived">;
  readonly receipt: (login: Login, network: Network, receipt: RemoteReceipt) => Promise<void>;
  readonly signal: (login: Login, network: Network, signal: RemoteSignal) => void;
  /** Called when a contact's message is stored. */
  readonly wrote: (login: Login, network: Network, chat: ChatId, sender: PersonId) => void;
  readonly capabilities: (login: Login, granted: Granted) => void;
  readonly state: (login: Login, network: Network, state: ConnectionState) => void;
  readonly ended: (login: Login, network: Network, what: Ended) => Promise<void>;
  readonly resumed: (login: Login, network: Network) => Promise<void>;
}

/** The sink of a login's connection: stores what the network sends; lanes handle it later. */
export function networkInboxIntake(
  parts: NetworkInboxIntakeParts,
  login: Login,
  network: Network,
): RemoteSink {
  const { store } = parts;
  const incoming = new IncomingEvents(parts, login, network);
  return {
    async accept(events, record) {
      await incoming.accept(events, record);
      for (const { kind, chat, sender } of events)
        if (kind === "message" && sender !== undefined) parts.wrote(login, network, chat, sender);
    },
    receipt: (receipt) => parts.receipt(login, network, receipt),
    signal: (signal) => parts.signal(login, network, signal),
    async again(chat: ChatId, id: MessageId): Promise<Outgoing | undefined> {
      const key = { login: login.id, chat };
      const row = await store.networkOutbox.byRemote(key, await ourId(store, network, key, id));
      const current = row?.outgoing && (await store.logins.get(login.id));
      if (!current || (await isDeleted(store, row))) return undefined;
      const words = await currentSendRefusal(store, { login: current, network, key });
      if (words === undefined) return row.outgoing;
      // The contact could not decrypt it, and does not get it again.
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

/** Whether our person deleted the message, or the one that this edit of theirs is about; it is then not sent again. */
async function isDeleted(store: Store, { key, remoteId, outgoing }: NetworkOutboxRow): Promise<boolean> {
  if (outgoing?.kind === "delete") return false;
  const id = outgoing?.kind === "edit" ? outgoing.target : remoteId;
  const withdrawn = await store.withdrawn.of(key, id);
  return withdrawn.some(({ sender, part }) => sender === undefined && part === undefined);
}
