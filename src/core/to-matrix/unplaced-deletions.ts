import type { RemoteEvent, UnplacedDeletion } from "../model/events.ts";
import type { LoginId } from "../model/ids.ts";
import { saneTime } from "../model/sane-time.ts";
import type { NetworkInboxReads } from "../ports/queues.ts";
import type { Store } from "../ports/store.ts";

type Incoming = RemoteEvent | UnplacedDeletion;

/** Fills in the chats of deletions, as far as their messages are known. */
export async function placed(
  { networkInbox }: Pick<Store, "networkInbox">,
  login: LoginId,
  events: readonly Incoming[],
): Promise<readonly Incoming[]> {
  if (!events.some(isUnplaced)) return events;
  const all: Incoming[] = [];
  for (const event of events)
    all.push(isUnplaced(event) ? await placedOne(networkInbox, login, event) : event);
  return all;
}

async function placedOne(
  reads: Pick<NetworkInboxReads, "chatOf">,
  login: LoginId,
  deletion: UnplacedDeletion,
): Promise<Incoming> {
  const { sender, target: id } = deletion;
  const chat = await reads.chatOf(login, { sender, id });
  return chat === undefined ? deletion : { ...deletion, chat };
}

/** Takes deletions whose messages were stored between the look-up and the commit. */
export async function placeLate(
  store: Pick<Store, "networkInbox" | "write">,
  login: LoginId,
  events: readonly Incoming[],
  at: number,
): Promise<void> {
  if (!events.some(isUnplaced)) return;
  const late = await placed(store, login, events.filter(isUnplaced));
  await store.write((tx) => {
    for (const event of late)
      if (!isUnplaced(event)) tx.networkInbox.take(login, { ...event, at: saneTime(event.at, at) }, at);
  });
}

export const isUnplaced = (event: Incoming): event is UnplacedDeletion => event.chat === undefined;
