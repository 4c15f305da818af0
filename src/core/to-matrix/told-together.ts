import type { Homeserver, MatrixEncoder } from "../ports/homeserver.ts";
import type { NetworkInboxRow } from "../ports/rows.ts";
import type { Store, Writes } from "../ports/store.ts";
import type { OutboxRows } from "../runtime/outbox-rows.ts";

interface ToldTogetherParts {
  readonly store: Store;
  readonly outbox: OutboxRows;
  readonly homeserver: Pick<Homeserver, "bot">;
  readonly encoder: MatrixEncoder;
}

/** Tells in one notice of acts on messages that never came. A message that is deleted so is not shown when it comes. */
export async function toldTogether(
  { store, outbox, homeserver, encoder }: ToldTogetherParts,
  rows: readonly NetworkInboxRow[],
): Promise<(tx: Writes) => void> {
  const [first] = rows;
  const room = first && (await store.portals.byChat(first.key))?.room;
  const more = rows.length === 1 ? "message that is" : "messages that are";
  const words = `The same was done to ${rows.length} more ${more} not in this room.`;
  const notice = room && outbox.row(room, homeserver.bot, encoder.notice(words));
  return (tx) => {
    if (notice) tx.matrixOutbox.add(notice);
    for (const { seq, key, event } of rows) {
      tx.networkInbox.finish(seq);
      if (event.kind !== "delete") continue;
      tx.withdrawn.add(key, { id: event.target, sender: event.sender, part: undefined });
    }
  };
}
