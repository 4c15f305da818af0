import type { EventId } from "../model/ids.ts";
import type { NetworkOutboxRow, NetworkOutboxState, Revision } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";

/** Of a row whose message is not on the network. */
export const UNDELIVERED: ReadonlySet<NetworkOutboxState | undefined> = new Set(["failed", "cancelled"]);

/** The last of a message's edits that the other side shows; undefined where it shows none of them. */
export async function shownEdit(
  store: Pick<Store, "networkOutbox">,
  edits: readonly Revision[],
): Promise<{ readonly event: EventId | undefined; readonly row: NetworkOutboxRow | undefined } | undefined> {
  let shown: Awaited<ReturnType<typeof shownEdit>>;
  for (const edit of edits) {
    const row = edit.event && (await store.networkOutbox.byEvent(edit.event));
    // An edit from another device or by a contact was on the network before it was here.
    const isDelivered = row ? !UNDELIVERED.has(row.state) : edit.row !== undefined;
    if (isDelivered) shown = { event: edit.event, row };
  }
  return shown;
}
