import { type Node, node, text } from "../../networks/meta-interop/wire/node.ts";
import { encodeStanza } from "../../networks/meta-interop/wire/stanza-encode.ts";
import type { Person } from "../phone/person.ts";
import type { InboxItem } from "../state/phone-inboxes.ts";

/**
 * Shows what needs no key on a phone, or keeps it while that is off. Call it inside a commit, and `announce` the inbox
 * after it. Nobody reads the phones of a load run.
 */
export function note({ id, row, parts }: Person, chat: number, item: InboxItem): void {
  const { inboxes, messages } = parts;
  if (row.load) return;
  if (row.online && !messages.isWaiting(id)) inboxes.add(id, chat, item);
  else messages.addWaiting(id, chat, encodeStanza(node(waitingNote, {}, JSON.stringify(item))));
}

/** The tag of a note among the stanzas that wait for a phone. */
export const waitingNote = "note";

/** Shows a note that waited. Call it inside a commit. */
export function showNote({ id, parts }: Person, chat: number, stanza: Node): void {
  parts.inboxes.add(id, chat, JSON.parse(text(stanza) ?? "{}") as InboxItem);
}
