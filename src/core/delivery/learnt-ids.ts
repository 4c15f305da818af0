import { BridgeError } from "../model/errors.ts";
import type { Outgoing, PortalKey } from "../model/events.ts";
import type { MessageId } from "../model/ids.ts";
import type { Network } from "../ports/network.ts";
import type { NetworkOutboxRow } from "../ports/rows.ts";
import type { Store, Writes } from "../ports/store.ts";

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
  }
}

/**
 * The message with the network's id of what it refers to. `later`: that is queued behind it, as what was sent again is.
 * `needless`: what is to be deleted never got there. Throws a BridgeError where the network never told the id.
 */
export async function withLearntId(
  store: Pick<Store, "networkOutbox" | "learntIds">,
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
  if (outgoing.kind === "delete" && row?.state !== "sent") return "needless";
  const words = "The network did not say which message that is. Please do it in its own app.";
  throw new BridgeError("not-found", { words, certain: true });
}

/** In a group the message may be another of our people's, who shares its room. */
async function withOthersId(
  { learntIds }: Pick<Store, "learntIds">,
  key: PortalKey,
  outgoing: Outgoing,
): Promise<Outgoing> {
  const target = outgoing.kind === "message" ? outgoing.message.replyTo?.id : outgoing.target;
  const learnt = target && (await learntIds.of(key, target));
  return learnt === undefined ? outgoing : referringTo(outgoing, learnt, false);
}

function referringTo(outgoing: Outgoing, id: MessageId, own = true): Outgoing {
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
