import type { PortalKey, RemoteEvent } from "../../model/events.ts";
import type { LoginId, MessageId } from "../../model/ids.ts";
import type { GroupPortal, Login, NetworkInboxRow } from "../../ports/rows.ts";
import type { GroupEvent } from "../../ports/shared-groups.ts";
import type { Store, Writes } from "../../ports/store.ts";
import { targetIn } from "../message-history.ts";

/** A group with a room, and the portals of our other logins that share the room. */
export interface SharedGroup {
  readonly portal: GroupPortal;
  readonly others: readonly GroupPortal[];
}

/** An event of such a group, as the logins know it that share the room. */
export interface SharedEvent {
  readonly group: SharedGroup;
  /** By which a copy at another login is known. */
  readonly mark: GroupEvent;
  /** Whether the room shows another login's copy. */
  readonly repeated: boolean;
}

/** An event and its login: of another of our people it is their own event, at their login. */
export interface ClaimedEvent {
  readonly login: Login;
  readonly event: RemoteEvent;
}

/** Kinds that a person can do on another device. */
const BY_OWN_DEVICE: ReadonlySet<RemoteEvent["kind"]> = new Set([
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
  "group-permissions",
  "timer",
]);

/** The group of a chat; undefined for a direct chat and for a group without a room. */
export async function sharedGroup(store: Store, key: PortalKey): Promise<SharedGroup | undefined> {
  const portal = await store.portals.byChat(key);
  if (portal?.kind !== "group" || portal.room === undefined) return undefined;
  const all = await store.portals.ofGroup(portal.network, portal.chat);
  const others = all.filter(
    (other) => other.login !== portal.login && other.room === portal.room && other.state !== "archived",
  );
  return { portal, others };
}

/** The event of a row as those know it who share its group's room; undefined where there is no such room. */
export async function sharedEvent(
  store: Store,
  { key, event }: Pick<NetworkInboxRow, "key" | "event">,
): Promise<SharedEvent | undefined> {
  const group = await sharedGroup(store, key);
  if (!group) return undefined;
  const mark = groupEvent(group, event);
  return { group, mark, repeated: await isRepeated(store, mark) };
}

/** The key of an event for a login that shares the room; its `sender` is the same for all of them. */
function groupEvent({ portal }: SharedGroup, { sender, id, kind }: RemoteEvent): GroupEvent {
  const { chat, login, self } = portal;
  const own = self === "" ? `login ${login}` : self;
  return { login, chat, sender: sender ?? own, id, kind };
}

/** Whether the room shows the event: what one login could not decrypt is there where another could. */
async function isRepeated({ sharedGroups }: Store, event: GroupEvent): Promise<boolean> {
  if (await sharedGroups.has(event)) return true;
  return event.kind === "undecryptable" && sharedGroups.has({ ...event, kind: "message" });
}

/** Gives an event to the login of another of our people, if it is they who did it. */
export async function claimEvent(
  store: Store,
  { portal, others }: SharedGroup,
  own: ClaimedEvent,
): Promise<ClaimedEvent> {
  const { event } = own;
  const other = others.find(({ self }) => self !== "" && self === event.sender);
  if (!other || !BY_OWN_DEVICE.has(event.kind)) return own;
  const theirs = await store.logins.get(other.login);
  if (theirs?.state !== "active") return own;
  const told = event.kind === "group-roles" ? seenBy(other, portal, event) : event;
  return { login: theirs, event: { ...told, sender: undefined } as RemoteEvent };
}

/** A change of roles as the other's login tells it, where it is they who are undefined. */
function seenBy(
  other: GroupPortal,
  { self }: GroupPortal,
  event: Extract<RemoteEvent, { readonly kind: "group-roles" }>,
): RemoteEvent {
  const changes = event.changes.map((change) => {
    const person = change.person ?? (self === "" ? undefined : self);
    return { ...change, person: person === other.self ? undefined : person };
  });
  return { ...event, changes };
}

/** The writes that make an event's message the same for all who share the room. */
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
    // Rows that wait for it, at every login.
    for (const { login: waiting, chat } of [portal, ...others]) {
      for (const id of [event.id, ...ids]) tx.networkInbox.unpark({ login: waiting, chat }, id);
    }
  };
}
