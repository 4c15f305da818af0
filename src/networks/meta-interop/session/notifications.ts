import type { Reachability, RemoteEvent } from "../../../core/model/events.ts";
import type { PersonId } from "../../../core/model/ids.ts";
import type { Ended } from "../../../core/ports/network.ts";
import { nameIn, timeOf } from "../convert/envelope.ts";
import { pictureIn } from "../convert/profile-picture.ts";
import { chatWith, messageId, personOf } from "../ids.ts";
import type { Profile } from "../profile.ts";
import { usableId } from "../wire/attributes.ts";
import { children, type Node } from "../wire/node.ts";

/** What a `<notification type="w:interop">` says. */
export interface Notification {
  readonly events: readonly RemoteEvent[];
  /** New `<features/>`, which replace those of `<success/>`. */
  readonly features: Node | undefined;
  /** How the network, or our agreement with it, has ended. */
  readonly ended: Ended | undefined;
  /** The kinds of ending that are over, because of what the network says now. */
  readonly resumed: readonly Ended["kind"][];
  /** Tags that this version does not know. */
  readonly unknown: readonly string[];
}

export function readNotification(
  { server, name: network }: Pick<Profile, "server" | "name">,
  notification: Node,
  now: number,
): Notification {
  const at = timeOf(notification.attrs, now);
  // Without a usable id it gets a new one, as it is no repeat of another.
  const id = usableId(notification.attrs["id"]) ?? `unusable-${now}`;
  const events: RemoteEvent[] = [];
  const unknown: string[] = [];
  let features: Node | undefined;
  let ended: Ended | undefined;
  let resumed: Notification["resumed"] = [];
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
      const avatar = pictureIn(one);
      const { id: told, ...rest } = head(person);
      if (avatar !== undefined)
        events.push({ kind: "avatar", ...rest, id: messageId(`${told}.picture`), avatar });
    } else if (one.tag === "features") {
      features = one;
      resumed = ["withdrawn"];
    } else if (one.tag === "ended") {
      ended = { kind: "withdrawn", words: `${network} has withdrawn from third-party chats.` };
    } else if (one.tag === "integrator") {
      ended = integratorEnded(one.attrs["status"], network);
      if (!ended) resumed = ["withdrawn", "removed"];
    } else unknown.push(one.tag);
  }
  return { events, features, ended, resumed, unknown };
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

/** Why somebody cannot be reached, as look-ups and notifications give it. */
export function reasonOf(reason: string | undefined): Reachability {
  return reason === "off" || reason === "app" || reason === "gone" ? reason : "unknown";
}
