import type { RemoteEvent } from "../model/events.ts";
import { cleanName, cleanTopic } from "../model/names.ts";
import type { Login } from "../ports/rows.ts";
import type { Writes } from "../ports/store.ts";

/**
 * The writes for an event that is not told in the room: because there is no room yet, or another login's copy was told
 * there. A group that is not known at all is asked about with its first message.
 */
export function withoutRoom(event: RemoteEvent, login: Login): (tx: Writes) => void {
  const key = { login: login.id, chat: event.chat };
  return (tx) => {
    if (event.kind === "reachability") {
      tx.contacts.setReachability(login.id, event.sender, event.chat, event.state);
    }
    if (event.kind === "group-members") {
      for (const { person, membership } of event.changes) {
        tx.portalMembers.put({ ...key, person, membership, role: "member" });
      }
    }
    if (event.kind === "group-roles") {
      for (const { person, role } of event.changes) {
        tx.portalMembers.put({ ...key, person, role, membership: "joined" });
      }
    }
    if (event.kind === "group-name") tx.portals.setGroup(key, { name: cleanName(event.name, "") });
    if (event.kind === "group-topic") tx.portals.setGroup(key, { topic: cleanTopic(event.topic) });
    if (event.kind === "group-avatar") tx.portals.setGroup(key, { avatar: event.avatar });
  };
}
