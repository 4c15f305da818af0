import { learn, ourId } from "../../delivery/learnt-ids.ts";
import type { RemoteEvent } from "../../model/events.ts";
import type { LoginId } from "../../model/ids.ts";
import type { Network } from "../../ports/network.ts";
import type { NetworkOutboxRow } from "../../ports/rows.ts";
import type { Store, Writes } from "../../ports/store.ts";

/** The row whose copy on the network an own event is; undefined where our person did it on another device. */
export async function copiedRow(
  store: Pick<Store, "networkOutbox" | "learntIds">,
  network: Network,
  login: LoginId,
  event: RemoteEvent,
): Promise<NetworkOutboxRow | undefined> {
  if (event.sender !== undefined) return undefined;
  const key = { login, chat: event.chat };
  const sent = "sentAs" in event ? event.sentAs : undefined;
  const row = sent === undefined ? undefined : await store.networkOutbox.byRemote(key, sent);
  return row ?? store.networkOutbox.byRemote(key, await ourId(store, network, key, event.id));
}

/** Whether an own event is a copy of something written here, even if its row has been deleted. */
export async function isCopy(
  store: Store,
  network: Network,
  login: LoginId,
  event: RemoteEvent,
): Promise<boolean> {
  if (event.sender !== undefined) return false;
  if (await copiedRow(store, network, login, event)) return true;
  const key = { login, chat: event.chat };
  const events = await store.messages.events(key, await ourId(store, network, key, event.id));
  return events.some(({ sender, shownBy }) => sender === undefined && shownBy === undefined);
}

/** Learns what the network calls the row. */
export function learnFromCopy(
  tx: Writes,
  network: Network,
  row: NetworkOutboxRow,
  { id }: RemoteEvent,
): void {
  if (!network.messageId) learn(tx, row, id);
}
