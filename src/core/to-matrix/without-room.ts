import type { RemoteEvent } from "../model/events.ts";
import { cleanName, cleanTopic } from "../model/names.ts";
import type { Login } from "../ports/rows.ts";
import type { Writes } from "../ports/store.ts";

/**
 * What is learnt without a word of it in the room: because there is none yet, or because it was said there when it came
 * to another login. Of a group that is not known at all, its first message asks.
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
