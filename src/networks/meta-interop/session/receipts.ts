import type { RemoteReceipt } from "../../../core/model/events.ts";
import type { ChatId, MessageId, PersonId } from "../../../core/model/ids.ts";
import { chatWith, groupOf, memberOf, messageId, personOf } from "../ids.ts";
import { usableId } from "../wire/attributes.ts";
import { child, children, type Node, node } from "../wire/node.ts";

const RECEIPT_KINDS: ReadonlyMap<string, RemoteReceipt["kind"]> = new Map([
  ["", "delivered"],
  ["delivered", "delivered"],
  ["read", "read"],
  ["played", "played"],
]);

/** Who speaks in which chat, by a stanza that came. */
export interface Speaker {
  readonly chat: ChatId;
  readonly person: PersonId;
  readonly isGroup: boolean;
}

/** Undefined where it is nobody of this network. */
export function speakerOf({ attrs: { from, participant } }: Node, server: string): Speaker | undefined {
  const group = groupOf(from);
  const person = group === undefined ? personOf(from, server) : memberOf(participant, server);
  return person && { chat: group ?? chatWith(person), person, isGroup: group !== undefined };
}

/** The attributes by which a stanza is sent to a contact, or to a member in a group. */
export function addressed(group: ChatId | undefined, person: PersonId): Readonly<Record<string, string>> {
  return group === undefined ? { to: person } : { to: group, participant: person };
}

/** Reads a receipt for our messages; undefined where its kind says nothing to people. */
export function readReceipt(
  { chat, person }: Omit<Speaker, "isGroup">,
  { attrs, ...stanza }: Node,
): RemoteReceipt | undefined {
  const kind = RECEIPT_KINDS.get(attrs["type"] ?? "");
  if (!kind) return undefined;
  const list = child({ attrs, ...stanza }, "list");
  const items = (list ? children(list, "item") : []).map((item) => item.attrs["id"]);
  const ids = [attrs["id"], ...items].map(usableId).filter((id) => id !== undefined);
  return { chat, person, kind, ids: [...new Set(ids)].map(messageId) };
}

/** The most ids of one receipt. */
const MAX_IDS = 256;

/** The receipts that say our person read, or played, messages. */
export function readStanzas(
  sender: PersonId,
  ids: readonly MessageId[],
  type: "read" | "played",
  group?: ChatId,
): readonly Node[] {
  const stanzas: Node[] = [];
  for (let start = 0; start < ids.length; start += MAX_IDS) {
    const [id, ...more] = ids.slice(start, start + MAX_IDS);
    const list = node(
      "list",
      {},
      more.map((each) => node("item", { id: each })),
    );
    stanzas.push(node("receipt", { id, ...addressed(group, sender), type }, more.length === 0 ? [] : [list]));
  }
  return stanzas;
}

/** The `<chatstate>` that says our person is writing or recording, or has stopped. */
export function typingStanza(to: ChatId, active: boolean, voice: boolean): Node {
  const state = active ? node("composing", voice ? { media: "audio" } : {}) : node("paused");
  return node("chatstate", { to }, [state]);
}
