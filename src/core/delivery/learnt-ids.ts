import { BridgeError } from "../model/errors.ts";
import type { Outgoing, PortalKey } from "../model/events.ts";
import type { MessageId } from "../model/ids.ts";
import type { Network } from "../ports/network.ts";
import type { NetworkOutboxRow, NetworkOutboxState } from "../ports/rows.ts";
import type { Store, Writes } from "../ports/store.ts";
import { ANSWER_SOON } from "./pending-ids.ts";

/** Where a network gives ids, our messages are known here by keys, and there by what it answered. */

export function learn(
  tx: Writes,
  { key, remoteId: ours }: Pick<NetworkOutboxRow, "key" | "remoteId">,
  learnt: MessageId,
): void {
  tx.learntIds.add(key, { ours, learnt });
  // A contact may have referred to it before we heard what it is called.
  tx.networkInbox.unpark(key, learnt);
  tx.sharedGroups.share(key, ours);
}

/** The message of ours that is referred to. */
export function ownTarget(outgoing: Outgoing): MessageId | undefined {
  switch (outgoing.kind) {
    case "message":
      return outgoing.message.replyTo?.own === true ? outgoing.message.replyTo.id : undefined;
    case "reaction":
      return outgoing.own ? outgoing.target : undefined;
    case "edit":
    case "delete":
      return outgoing.target;
    case "group-change":
      return undefined;
  }
}

/** The message that is answered, changed, deleted or reacted to. */
function anyTarget(outgoing: Outgoing): MessageId | undefined {
  switch (outgoing.kind) {
    case "message":
      return outgoing.message.replyTo?.id;
    case "group-change":
      return undefined;
    case "edit":
    case "delete":
    case "reaction":
      return outgoing.target;
  }
}

/**
 * The message with the network's id of what it refers to. `later`: that is queued behind it, as what was sent again is.
 * `needless`: what is to be deleted never got there. Throws a BridgeError where the network never told the id.
 */
export async function withLearntId(
  store: Pick<Store, "networkOutbox" | "learntIds" | "portals">,
  key: PortalKey,
  outgoing: Outgoing,
): Promise<Outgoing | "later" | "needless"> {
  const ours = ownTarget(outgoing);
  if (ours === undefined) return withOthersId(store, key, outgoing);
  const row = await store.networkOutbox.byRemote(key, ours);
  if (row?.state === "queued") return "later";
  const learnt = await store.learntIds.of(key, ours);
  // Our person wrote it on another device: it has no row, and is known by the network's id.
  if (learnt === undefined && !row) return outgoing;
  if (learnt !== undefined) return referringTo(outgoing, learnt);
  if (outgoing.kind === "message") return { ...outgoing, message: { parts: outgoing.message.parts } };
  const arrived = row?.state !== "failed" && row?.state !== "cancelled";
  if (outgoing.kind === "delete" && !arrived) return "needless";
  const words = "The network did not say which message that is. Please do it in its own app.";
  throw new BridgeError("not-found", { words, certain: true });
}

/** In a group the message may be another of our people's, who shares its room. */
async function withOthersId(
  store: Pick<Store, "networkOutbox" | "learntIds" | "portals">,
  key: PortalKey,
  outgoing: Outgoing,
): Promise<Outgoing> {
  const target = anyTarget(outgoing);
  if (target === undefined) return outgoing;
  const learnt = await store.learntIds.of(key, target);
  if (learnt !== undefined) return referringTo(outgoing, learnt, false);
  const state = await othersState(store, key, target);
  if (state === undefined) return outgoing;
  if (state === "queued") {
    const words = "The message it is about has not reached the network yet.";
    throw new BridgeError("not-found", { words, certain: true, retryAfter: ANSWER_SOON });
  }
  if (outgoing.kind === "message") return { ...outgoing, message: { parts: outgoing.message.parts } };
  throw new BridgeError("not-found", { words: "That message did not arrive there.", certain: true });
}

/** What became of a message of another of our people's. */
async function othersState(
  { networkOutbox, portals }: Pick<Store, "networkOutbox" | "portals">,
  { login, chat }: PortalKey,
  target: MessageId,
): Promise<NetworkOutboxState | undefined> {
  const portal = await portals.byChat({ login, chat });
  if (portal?.kind !== "group" || portal.room === undefined) return undefined;
  for (const other of await portals.ofRoom(portal.room)) {
    if (other.login === login) continue;
    const row = await networkOutbox.byRemote(other, target);
    if (row) return row.state;
  }
  return undefined;
}

function referringTo(outgoing: Outgoing, id: MessageId, own = true): Outgoing {
  if (outgoing.kind === "group-change") return outgoing;
  if (outgoing.kind !== "message") return { ...outgoing, target: id };
  const { message } = outgoing;
  return { ...outgoing, message: { ...message, replyTo: { id, own } } };
}

/** The id that a message is known by here. */
export async function ourId(
  { learntIds }: Pick<Store, "learntIds">,
  { messageId }: Pick<Network, "messageId">,
  key: PortalKey,
  id: MessageId,
): Promise<MessageId> {
  return messageId ? id : ((await learntIds.ours(key, id)) ?? id);
}
