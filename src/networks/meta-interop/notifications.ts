import type { Reachability, RemoteEvent } from "../../core/events.ts";
import type { PersonId } from "../../core/ids.ts";
import { chatWith, messageId, personOf } from "./ids.ts";
import { children, type Node } from "./wire/node.ts";

/** What `<notification type="w:interop">` says, beside what concerns a contact. */
export interface Told {
  readonly events: readonly RemoteEvent[];
  /** A `<features/>` to take the place of the one at `<success/>`. */
  readonly features: Node | undefined;
  /** The network or our place in it is no more. */
  readonly ended: boolean;
  /** Tags this version does not know. */
  readonly unknown: readonly string[];
}

export function readNotification(server: string, notification: Node, now: number): Told {
  const { id = "", t } = notification.attrs;
  const at = Number(t) > 0 ? Number(t) * 1_000 : now;
  const events: RemoteEvent[] = [];
  const unknown: string[] = [];
  let features: Node | undefined;
  let ended = false;
  for (const [index, one] of children(notification).entries()) {
    const person = personOf(one.attrs["jid"], server);
    const head = (sender: PersonId) => ({
      chat: chatWith(sender),
      sender,
      id: messageId(`${id}.${index}`),
      at,
    });
    const state = reachability(one);
    if (person && state) events.push({ kind: "reachability", ...head(person), state });
    else if (person && one.tag === "profile") {
      const name = one.attrs["display_name"];
      if (name) events.push({ kind: "renamed", ...head(person), name });
    } else if (one.tag === "features") features = one;
    else if (one.tag === "ended") ended = true;
    else if (one.tag === "integrator") ended ||= one.attrs["status"] === "removed";
    else unknown.push(one.tag);
  }
  return { events, features, ended, unknown };
}

function reachability({ tag, attrs }: Node): Reachability | undefined {
  switch (tag) {
    case "opt_in":
    case "unblocked":
      return "reachable";
    case "opt_out":
      return reasonOf(attrs["reason"] ?? "off");
    case "blocked":
      return "blocked";
    default:
      return undefined;
  }
}

/** Why somebody cannot be reached, as look-ups and notifications say it. */
export function reasonOf(reason: string | undefined): Reachability {
  return reason === "off" || reason === "app" || reason === "gone" ? reason : "unknown";
}
