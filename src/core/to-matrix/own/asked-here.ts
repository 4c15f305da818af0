import type { MemberChange, PortalKey, RemoteEvent } from "../../model/events.ts";
import type { GroupChange, GroupPermissions } from "../../model/groups.ts";
import { cleanName, cleanTopic } from "../../model/names.ts";
import type { PortalMember } from "../../ports/rows.ts";
import type { Store } from "../../ports/store.ts";

/**
 * Whether our person made this change of a group from here, where the room shows it already: it is on its way, as the
 * network may tell of it before it answers, or it is what is stored by now.
 */
export async function isAskedHere(
  { networkOutbox, portalMembers, portals }: Pick<Store, "networkOutbox" | "portalMembers" | "portals">,
  key: PortalKey,
  event: RemoteEvent,
): Promise<boolean> {
  if (event.sender !== undefined || !isChange(event)) return false;
  const asked = (await networkOutbox.changes(key)).map(({ change }) => change);
  switch (event.kind) {
    case "group-name":
      return asked.some(
        (one) => one.kind === "name" && cleanName(one.name, "") === cleanName(event.name, ""),
      );
    case "group-topic":
      return asked.some((one) => one.kind === "topic" && cleanTopic(one.topic) === cleanTopic(event.topic));
    case "group-avatar":
      return asked.some((one) => one.kind === "avatar");
    case "group-members": {
      const members = await portalMembers.of(key);
      return event.changes.every(
        (one) => isMoved(one, members) || asked.some((change) => moves(change, one)),
      );
    }
    case "group-roles": {
      const members = await portalMembers.of(key);
      return event.changes.every(
        (one) =>
          members.some(({ person, role }) => person === one.person && role === one.role) ||
          asked.some((it) => it.kind === "role" && it.person === one.person && it.role === one.role),
      );
    }
    case "group-permissions": {
      const group = await portals.byChat(key);
      if (group?.kind !== "group") return false;
      const isSo = (what: keyof GroupPermissions): boolean =>
        group.permissions[what] === event[what] ||
        asked.some((one) => one.kind === "permission" && one.what === what && one.role === event[what]);
      return isSo("writes") && isSo("changes");
    }
  }
}

type Change = Extract<
  RemoteEvent,
  {
    kind:
      | "group-name"
      | "group-topic"
      | "group-avatar"
      | "group-members"
      | "group-roles"
      | "group-permissions";
  }
>;

const CHANGES: ReadonlySet<RemoteEvent["kind"]> = new Set<Change["kind"]>([
  "group-name",
  "group-topic",
  "group-avatar",
  "group-members",
  "group-roles",
  "group-permissions",
]);

const isChange = (event: RemoteEvent): event is Change => CHANGES.has(event.kind);

/** Whether the member is stored so. */
const isMoved = ({ person, membership }: MemberChange, members: readonly PortalMember[]): boolean =>
  (members.find((member) => member.person === person)?.membership ?? "left") === membership;

function moves(change: GroupChange, { person, membership }: MemberChange): boolean {
  if (person === undefined) return change.kind === "leave" && membership === "left";
  return change.kind === (membership === "joined" ? "add" : "remove") && change.person === person;
}
