import { personTarget } from "../chats/command-target.ts";
import { isRequest } from "../chats/requests.ts";
import { currentSendRefusal } from "../chats/send-refusal.ts";
import type { DeliveryStatus } from "../delivery/delivery-status.ts";
import { ourId } from "../delivery/learnt-ids.ts";
import type { UnreachedMembers } from "../delivery/unreached-members.ts";
import { BridgeError } from "../model/errors.ts";
import type { Outgoing, PortalKey, RemoteReceipt, RemoteSignal } from "../model/events.ts";
import type { ChatId, PersonId } from "../model/ids.ts";
import type { ConnectionState, Ended, Granted, Network, RemoteSink } from "../ports/network.ts";
import type { Login, NetworkOutboxRow } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";
import { FormerIds } from "../runtime/former-ids.ts";
import type { Tell } from "../runtime/tell.ts";
import { IncomingEvents, type IncomingEventsParts } from "./incoming-events.ts";

interface NetworkInboxIntakeParts extends IncomingEventsParts {
  readonly delivery: Pick<DeliveryStatus, "giveUp" | "accepted" | "arrived" | "note">;
  readonly receipt: (login: Login, network: Network, receipt: RemoteReceipt) => Promise<void>;
  readonly signal: (login: Login, network: Network, signal: RemoteSignal) => void;
  /** Called when a contact's message is stored. */
  readonly wrote: (login: Login, network: Network, chat: ChatId, sender: PersonId) => void;
  readonly unreached: UnreachedMembers["tell"];
  readonly tell: Tell;
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
  const formerIds = new FormerIds(store, login.id);
  const incoming = new IncomingEvents(parts, login, network, formerIds);
  const keyOf = async (chat: ChatId): Promise<PortalKey> => {
    await formerIds.load();
    return { login: login.id, chat: formerIds.chat(chat) };
  };
  return {
    async accept(events, record) {
      await incoming.accept(events, record);
      for (const { kind, chat, sender } of events)
        if (kind === "message" && sender !== undefined)
          parts.wrote(login, network, formerIds.chat(chat), formerIds.person(sender));
    },
    async receipt(receipt) {
      const { chat } = await keyOf(receipt.chat);
      await parts.receipt(login, network, { ...receipt, chat, person: formerIds.person(receipt.person) });
    },
    signal(signal) {
      const [chat, sender] = [formerIds.chat(signal.chat), formerIds.person(signal.sender)];
      parts.signal(login, network, { ...signal, chat, sender });
    },
    async again(chat, id, asker) {
      const key = await keyOf(chat);
      const row = await store.networkOutbox.byRemote(key, await ourId(store, network, key, id));
      const current = row?.outgoing && (await store.logins.get(login.id));
      if (!current || (await isDeleted(store, row))) return undefined;
      if (asker !== undefined && (await store.portals.byChat(key))?.kind === "group")
        return againToMember(parts, { row, login: current, network, asker: formerIds.person(asker) });
      const words = await currentSendRefusal(store, { login: current, network, key });
      if (words === undefined) return row.outgoing;
      // The contact could not decrypt it, and does not get it again. In a group, others have it.
      const isGroup = (await store.portals.byChat(row.key))?.kind === "group";
      const error = new BridgeError("forbidden", { words, certain: true });
      if (row.state === "sent" && !isGroup) await parts.delivery.giveUp(row, network.id, error);
      return undefined;
    },
    async againForOwn(id) {
      const chat = await store.networkOutbox.chatOf(login.id, id);
      const row = chat && (await store.networkOutbox.byRemote({ login: login.id, chat }, id));
      if (!row?.outgoing || (await isDeleted(store, row))) return undefined;
      return { chat: row.key.chat, outgoing: row.outgoing };
    },
    isRequest: async (chat) => isRequest(store, await keyOf(chat)),
    async undelivered(chat, id, error) {
      const key = await keyOf(chat);
      const row = await store.networkOutbox.byRemote(key, await ourId(store, network, key, id));
      if (row?.state === "sent" && !(await isDeleted(store, row)))
        await parts.delivery.giveUp(row, network.id, error);
    },
    async unreached(chat, members) {
      const key = await keyOf(chat);
      const present = members.map((member) => ({ ...member, person: formerIds.person(member.person) }));
      await parts.unreached(login, network, key, present);
    },
    tell: (words, record) => parts.tell(login.user, `${network.name}: ${words}`, record),
    capabilities: (granted) => parts.capabilities(login, granted),
    state: (state) => parts.state(login, network, state),
    ended: (what) => parts.ended(login, network, what),
    resumed: () => parts.resumed(login, network),
  };
}

/** What a member of a group gets again: the others have it, whatever is so of this one. */
async function againToMember(
  { store, delivery }: Pick<NetworkInboxIntakeParts, "store" | "delivery">,
  asked: {
    readonly row: NetworkOutboxRow;
    readonly login: Login;
    readonly network: Network;
    readonly asker: PersonId;
  },
): Promise<Outgoing | "held" | undefined> {
  const { row, login, network, asker } = asked;
  const refusal = await currentSendRefusal(store, { login, network, key: row.key, isRead: false });
  if (refusal !== undefined) return undefined;
  if ((await store.contacts.get(login.id, asker))?.trust !== "changed") return row.outgoing;
  const name = (await store.ghosts.byPerson(network.id, asker))?.name ?? "Somebody";
  const target = await personTarget(store, { login: login.id, network: network.id }, asker);
  const words =
    `${name} could not read this and does not get it again, as they have another safety number than you verified; the others have it. ` +
    `Write “verify ${target}” to the bot to compare it and agree: they get what you write from then on.`;
  await store.write(delivery.note({ room: row.room, id: row.event }, words));
  return "held";
}

/** Whether our person deleted the message, or the one that this edit of theirs is about; it is then not sent again. */
async function isDeleted(store: Store, { key, remoteId, outgoing }: NetworkOutboxRow): Promise<boolean> {
  if (outgoing?.kind === "delete") return false;
  const id = outgoing?.kind === "edit" ? outgoing.target : remoteId;
  const withdrawn = await store.withdrawn.of(key, id);
  return withdrawn.some(({ sender, part }) => sender === undefined && part === undefined);
}
