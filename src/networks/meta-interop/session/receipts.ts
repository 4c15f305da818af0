import type { RemoteReceipt } from "../../../core/model/events.ts";
import type { MessageId, PersonId } from "../../../core/model/ids.ts";
import { chatWith, messageId } from "../ids.ts";
import { usableId } from "../wire/attributes.ts";
import { child, children, type Node, node } from "../wire/node.ts";

const KINDS: ReadonlyMap<string, RemoteReceipt["kind"]> = new Map([
  ["", "delivered"],
  ["delivered", "delivered"],
  ["read", "read"],
  ["played", "played"],
]);

/** What a receipt says of our messages; undefined where it is of a kind that says nothing to people. */
export function readReceipt(sender: PersonId, { attrs, ...stanza }: Node): RemoteReceipt | undefined {
  const kind = KINDS.get(attrs["type"] ?? "");
  if (!kind) return undefined;
  const list = child({ attrs, ...stanza }, "list");
  const items = (list ? children(list, "item") : []).map((item) => item.attrs["id"]);
  const ids = [attrs["id"], ...items].map(usableId).filter((id) => id !== undefined);
  return { chat: chatWith(sender), person: sender, kind, ids: [...new Set(ids)].map(messageId) };
}

/** The ids of one receipt. */
const MOST = 256;

/** Tells that our person read, or played, messages. */
export function readStanzas(
  sender: PersonId,
  ids: readonly MessageId[],
  type: "read" | "played",
): readonly Node[] {
  const stanzas: Node[] = [];
  for (let start = 0; start < ids.length; start += MOST) {
    const [id, ...more] = ids.slice(start, start + MOST);
    const list = node(
      "list",
      {},
      more.map((each) => node("item", { id: each })),
    );
    stanzas.push(node("receipt", { id, to: sender, type }, more.length === 0 ? [] : [list]));
  }
  return stanzas;
}

/** `<chatstate>`: our person writes, or records, or has stopped. */
export function typingStanza(to: PersonId, active: boolean, voice: boolean): Node {
  const state = active ? node("composing", voice ? { media: "audio" } : {}) : node("paused");
  return node("chatstate", { to }, [state]);
}
