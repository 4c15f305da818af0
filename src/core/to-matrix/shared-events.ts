import type { PortalKey, RemoteEvent } from "../model/events.ts";
import type { LoginId, MessageId } from "../model/ids.ts";
import type { GroupPortal, Login } from "../ports/rows.ts";
import type { GroupEvent } from "../ports/shared-groups.ts";
import type { Store, Writes } from "../ports/store.ts";
import { targetIn } from "./message-history.ts";

/** A group whose room there is, and the others of our logins that are in it. */
export interface SharedGroup {
  readonly portal: GroupPortal;
  readonly others: readonly GroupPortal[];
}

/** Whose event it is: where somebody is another of our people, it is theirs, and not a stranger's. */
export interface Claimed {
  readonly login: Login;
  readonly event: RemoteEvent;
}

/** Kinds that a person can have done on another device of theirs. */
const BY_ANYBODY: ReadonlySet<RemoteEvent["kind"]> = new Set([
  "message",
  "edit",
  "delete",
  "reaction",
  "undecryptable",
  "excluded",
  "call",
  "unsupported",
  "group-name",
  "group-topic",
  "group-avatar",
  "group-members",
  "group-roles",
]);

/** Undefined for a chat between two, and for a group without a room. */
export async function sharedGroup(store: Store, key: PortalKey): Promise<SharedGroup | undefined> {
  const portal = await store.portals.byChat(key);
  if (portal?.kind !== "group" || portal.room === undefined) return undefined;
  const all = await store.portals.ofGroup(portal.network, portal.chat);
  const others = all.filter(
    (other) => other.login !== portal.login && other.room === portal.room && other.state !== "archived",
  );
  return { portal, others };
}

/** What an event is to a login that shares the room; of whoever did it, the same to all of them. */
export function groupEvent({ portal }: SharedGroup, { sender, id, kind }: RemoteEvent): GroupEvent {
  const { chat, login, self } = portal;
  const own = self === "" ? `login ${login}` : self;
  return { login, chat, sender: sender ?? own, id, kind };
}

/** Whether it is in the room: what one login could not decrypt is there where another could. */
export async function isRepeated({ sharedGroups }: Store, event: GroupEvent): Promise<boolean> {
  if (await sharedGroups.has(event)) return true;
  return event.kind === "undecryptable" && sharedGroups.has({ ...event, kind: "message" });
}

export async function claimed(
  store: Store,
  { others }: SharedGroup,
  login: Login,
  event: RemoteEvent,
): Promise<Claimed> {
  const other = others.find(({ self }) => self !== "" && self === event.sender);
  if (!other || !BY_ANYBODY.has(event.kind)) return { login, event };
  const theirs = await store.logins.get(other.login);
  if (theirs?.state !== "active") return { login, event };
  return { login: theirs, event: { ...event, sender: undefined } as RemoteEvent };
}

/** What of an event must be the same to all who share the room, once it is converted. */
export function shareEvent(
  { portal, others }: SharedGroup,
  login: LoginId,
  event: RemoteEvent,
): (tx: Writes) => void {
  const target = event.kind === "message" ? undefined : targetIn(event);
  const about = [event.kind === "message" ? event.id : undefined, target];
  const ids = about.filter((id): id is MessageId => id !== undefined);
  return (tx) => {
    for (const id of ids) tx.sharedGroups.share({ login, chat: portal.chat }, id);
    // Whatever waits for it, whoever it came to.
    for (const { login: waiting, chat } of [portal, ...others]) {
      for (const id of [event.id, ...ids]) tx.networkInbox.unpark({ login: waiting, chat }, id);
    }
  };
}
