import type { Reachability, RemoteEvent } from "../../../core/model/events.ts";
import type { PersonId } from "../../../core/model/ids.ts";
import type { Ended } from "../../../core/ports/network.ts";
import { nameIn, timeOf } from "../convert/envelope.ts";
import { chatWith, messageId, personOf } from "../ids.ts";
import type { Profile } from "../profile.ts";
import { usableId } from "../wire/attributes.ts";
import { children, type Node } from "../wire/node.ts";

/** What `<notification type="w:interop">` says, beside what concerns a contact. */
export interface Told {
  readonly events: readonly RemoteEvent[];
  /** A `<features/>` to take the place of the one at `<success/>`. */
  readonly features: Node | undefined;
  /** The network or our place in it is no more. */
  readonly ended: Ended | undefined;
  /** What holds no longer, by what the network says now. */
  readonly backFrom: readonly Ended["kind"][];
  /** Tags this version does not know. */
  readonly unknown: readonly string[];
}

export function readNotification(
  { server, name: network }: Pick<Profile, "server" | "name">,
  notification: Node,
  now: number,
): Told {
  const at = timeOf(notification.attrs, now);
  // One without an id of use is no repeat of another such one.
  const id = usableId(notification.attrs["id"]) ?? `unusable-${now}`;
  const events: RemoteEvent[] = [];
  const unknown: string[] = [];
  let features: Node | undefined;
  let ended: Ended | undefined;
  let backFrom: Told["backFrom"] = [];
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
      const name = nameIn(one.attrs);
      if (name) events.push({ kind: "renamed", ...head(person), name });
    } else if (one.tag === "features") {
      features = one;
      backFrom = ["withdrawn"];
    } else if (one.tag === "ended") {
      ended = { kind: "withdrawn", words: `${network} has withdrawn from third-party chats.` };
    } else if (one.tag === "integrator") {
      ended = integratorEnded(one.attrs["status"], network);
      if (!ended) backFrom = ["withdrawn", "removed"];
    } else unknown.push(one.tag);
  }
  return { events, features, ended, backFrom, unknown };
}

function integratorEnded(status: string | undefined, network: string): Ended | undefined {
  if (status === "removed") {
    return { kind: "removed", words: `${network} no longer works together with this service.` };
  }
  if (status === "onboarding") {
    return { kind: "withdrawn", words: `${network} has suspended this service; it is to be admitted anew.` };
  }
  return undefined;
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
