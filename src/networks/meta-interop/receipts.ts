import type { RemoteReceipt } from "../../core/events.ts";
import type { MessageId, PersonId } from "../../core/ids.ts";
import { chatWith, messageId } from "./ids.ts";
import { child, children, type Node, node } from "./wire/node.ts";

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
  const ids = [attrs["id"], ...items].filter((id): id is string => id !== undefined && id !== "");
  return { chat: chatWith(sender), kind, ids: [...new Set(ids)].map(messageId) };
}

/** Tells that our person read, or played, messages. One stanza; the server time is echoed where it is still known. */
export function readStanza(
  sender: PersonId,
  ids: readonly MessageId[],
  type: "read" | "played",
): Node | undefined {
  const [first, ...more] = ids;
  if (first === undefined) return undefined;
  const items = more.map((id) => node("item", { id }));
  return node(
    "receipt",
    { id: first, to: sender, type },
    items.length === 0 ? [] : [node("list", {}, items)],
  );
}

/** `<chatstate>`: our person writes, or records, or has stopped. */
export function typingStanza(to: PersonId, active: boolean, voice: boolean): Node {
  const state = active ? node("composing", voice ? { media: "audio" } : {}) : node("paused");
  return node("chatstate", { to }, [state]);
}
