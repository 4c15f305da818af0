import type { EventId } from "../model/ids.ts";
import { itemWords } from "../model/items.ts";
import type { NetworkOutboxRow } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";

/** A row to a network that is given up, as far as it could be read. */
export type EndedRow = Pick<NetworkOutboxRow, "id" | "key" | "room" | "event" | "sender"> &
  Partial<Pick<NetworkOutboxRow, "outgoing">>;

/** The words that name the row's file, where its event has several. */
export async function itemNameOf(
  { networkOutbox }: Pick<Store, "networkOutbox">,
  { id, event, outgoing }: EndedRow,
): Promise<string> {
  const all = await networkOutbox.ofEvent(event);
  // An edit to another kind of message is one message and the deletion of the old one.
  const rows = all.filter((one) => one.outgoing?.kind !== "delete");
  const row = rows.length < 2 ? undefined : rows.find((one) => one.id === id);
  return row ? itemWords(row.item, outgoing?.kind === "message" ? outgoing.message : undefined) : "";
}

/** Whether a `retry` finds it: an edit's event is no message, even where it became one. */
export async function canRetry(
  { networkOutbox, messages }: Pick<Store, "networkOutbox" | "messages">,
  { id, event }: EndedRow,
): Promise<boolean> {
  const row = await networkOutbox.get(id);
  const [link] = row ? await messages.events(row.key, row.remoteId) : [];
  return link?.event === event;
}

/** The event that gets the mark of a row's failure. */
export async function markedOf(
  { messages }: Pick<Store, "messages">,
  { key, event, outgoing }: EndedRow,
): Promise<EventId | undefined> {
  if (outgoing === undefined || outgoing.kind === "message") return event;
  return (await messages.events(key, outgoing.target))[0]?.event;
}
