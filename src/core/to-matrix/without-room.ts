import { isCrowded } from "../chats/groups/crowds.ts";
import { FOR_EVER, setQuietUntil } from "../delivery/quiet-until.ts";
import { setUntoldTimer } from "../expiries/untold-timers.ts";
import type { RemoteEvent } from "../model/events.ts";
import type { PersonId } from "../model/ids.ts";
import { cleanName, cleanTopic } from "../model/names.ts";
import type { Login, PortalMember } from "../ports/rows.ts";
import type { Store, Writes } from "../ports/store.ts";

/**
 * The writes for an event that is not told in the room: because there is no room yet, or another login's copy was told
 * there. A group that is not known at all is asked about with its first message.
 */
export async function withoutRoom(
  store: Pick<Store, "portalMembers" | "portals" | "records">,
  event: RemoteEvent,
  login: Login,
): Promise<(tx: Writes) => void> {
  const { portalMembers, portals } = store;
  const key = { login: login.id, chat: event.chat };
  const changesMembers = event.kind === "group-members" || event.kind === "group-roles";
  const membersByPerson = new Map<PersonId | undefined, PortalMember | undefined>();
  for (const { person } of changesMembers ? event.changes : [])
    membersByPerson.set(person, await portalMembers.get(key, person));
  // Of those who are too many to be shown, whoever is not known stays so.
  const crowded = event.kind === "group-members" && (await isCrowded(store, key));
  const hasRoom = event.kind === "group-permissions" && (await portals.byChat(key))?.room !== undefined;
  return (tx) => {
    if (event.kind === "reachability") {
      tx.contacts.setReachability(login.id, event.sender, event.chat, event.state);
    }
    if (event.kind === "blocked") tx.contacts.setBlocked(login.id, event.person, event.chat, event.blocked);
    if (event.kind === "avatar") {
      const { sender: person, avatar: ref } = event;
      tx.ghosts.tellPicture({ network: login.network, person, login: login.id, ref });
    }
    if (event.kind === "group-members") {
      for (const { person, membership } of event.changes) {
        const before = membersByPerson.get(person);
        if (crowded && before === undefined) continue;
        const stays = membership === "joined" && before?.membership === "joined";
        tx.portalMembers.put({ ...key, person, membership, role: stays ? before.role : "member" });
      }
    }
    if (event.kind === "group-roles") {
      for (const { person, role } of event.changes) {
        const { membership = "joined" } = membersByPerson.get(person) ?? {};
        tx.portalMembers.put({ ...key, person, role, membership });
      }
    }
    if (event.kind === "timer") setUntoldTimer(tx, key, event.seconds);
    if (event.kind === "muted") {
      // The room is quiet once there is one.
      const quiet = { until: event.until ?? FOR_EVER, room: undefined };
      setQuietUntil(tx, key, event.muted ? quiet : undefined);
    }
    if (event.kind === "group-name") tx.portals.setGroup(key, { name: cleanName(event.name, "") });
    if (event.kind === "group-topic") tx.portals.setGroup(key, { topic: cleanTopic(event.topic) });
    // In a room they change behind what was written before, for all who share it.
    if (event.kind === "group-permissions" && !hasRoom) tx.portals.setGroup(key, { permissions: event });
    if (event.kind === "group-avatar") tx.portals.setGroup(key, { avatar: event.avatar });
  };
}
