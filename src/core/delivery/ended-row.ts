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

/** How a row is sent again: by its person's word, and whether their client can ask for it too, which knows no edits. */
export async function retryOf(
  { networkOutbox, messages }: Pick<Store, "networkOutbox" | "messages">,
  { id, event }: EndedRow,
): Promise<{ readonly byWord: boolean; readonly byClient: boolean }> {
  const rows = await networkOutbox.ofEvent(event);
  const row = rows.find((one) => one.id === id);
  if (row?.outgoing?.kind === "group-change") return { byClient: false, byWord: true };
  const [link] = row ? await messages.events(row.key, row.remoteId) : [];
  const byClient = link?.event === event;
  // An edit became a message of its own. Where the one that it replaces is still to be deleted, that one stays instead.
  return { byClient, byWord: byClient || (link !== undefined && rows.length === 1) };
}

/** The event that gets the mark of a row's failure: one that clients show. */
export async function markedOf(
  { networkOutbox, messages }: Pick<Store, "networkOutbox" | "messages">,
  { id, key, event, outgoing }: EndedRow,
): Promise<EventId | undefined> {
  if (outgoing === undefined) return event;
  if (outgoing.kind === "message") {
    const row = await networkOutbox.get(id);
    const [link] = row ? await messages.events(key, row.remoteId) : [];
    return link?.event ?? event;
  }
  if (outgoing.kind === "group-change") return event;
  return (await messages.events(key, outgoing.target))[0]?.event;
}
