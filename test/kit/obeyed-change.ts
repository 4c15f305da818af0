import { BridgeError } from "../../src/core/model/errors.ts";
import type { GroupChange, Role } from "../../src/core/model/groups.ts";
import type { PersonId } from "../../src/core/model/ids.ts";
import type { InGroup, MemoryGroup } from "./memory-group.ts";

const RANKS: Readonly<Record<Role, number>> = { member: 0, admin: 1, owner: 2 };

/** What a network calls the picture that was set from this address. */
export const pictureOf = (uri: string): string => (uri === "" ? "" : `picture ${uri}`);

/**
 * Does what one of ours asks of a group, as to another of ours, `about`; answers what the network tells of it, undefined where it was so already. Throws
 * where they may not, as a network does.
 */
export function obey(
  group: MemoryGroup,
  account: string,
  change: GroupChange,
  about: string | undefined,
): InGroup | undefined {
  const { people, ours, ourRoles, permissions } = group;
  if (!ours.has(account)) throw refused("You are not in this group.");
  const rank = RANKS[ourRoles.get(account) ?? "member"];
  const needs = (least: Role): void => {
    if (rank < RANKS[least]) throw refused("Only admins may do that.");
  };
  switch (change.kind) {
    case "name":
      needs(permissions.changes);
      if (group.name === change.name) return undefined;
      group.name = change.name;
      return { kind: "group-name", name: change.name };
    case "topic":
      needs(permissions.changes);
      if (group.topic === change.topic) return undefined;
      group.topic = change.topic;
      return { kind: "group-topic", topic: change.topic };
    case "avatar": {
      needs(permissions.changes);
      const avatar = pictureOf(change.uri);
      if (group.avatar === avatar) return undefined;
      group.avatar = avatar;
      return { kind: "group-avatar", avatar };
    }
    case "add":
      needs(permissions.changes);
      if (about !== undefined) {
        ours.add(about);
        return moved(change.person, "joined");
      }
      if (people.has(change.person)) return undefined;
      people.set(change.person, "member");
      return moved(change.person, "joined");
    case "remove": {
      needs("admin");
      if (about !== undefined) {
        ours.delete(about);
        return moved(change.person, "left");
      }
      const role = people.get(change.person);
      if (role === undefined) return undefined;
      if (RANKS[role] > rank) throw refused("They may do more than you.");
      people.delete(change.person);
      return moved(change.person, "left");
    }
    case "role": {
      needs("admin");
      const role = about === undefined ? people.get(change.person) : (ourRoles.get(about) ?? "member");
      if (role === undefined) throw refused("They are not in this group.");
      if (Math.max(RANKS[role], RANKS[change.role]) > rank) throw refused("They may do more than you.");
      if (role === change.role) return undefined;
      if (about === undefined) people.set(change.person, change.role);
      else ourRoles.set(about, change.role);
      return { kind: "group-roles", changes: [{ person: change.person, role: change.role }] };
    }
    case "permission": {
      needs("admin");
      if (permissions[change.what] === change.role) return undefined;
      group.permissions = { ...permissions, [change.what]: change.role };
      return { kind: "group-permissions", ...group.permissions };
    }
    // What a chat of two has as well.
    case "timer":
      return undefined;
    case "leave":
      ours.delete(account);
      return moved(undefined, "left");
  }
}

const moved = (person: PersonId | undefined, membership: "joined" | "left"): InGroup => ({
  kind: "group-members",
  changes: [{ person, membership }],
});

const refused = (words: string): BridgeError => new BridgeError("forbidden", { words, certain: true });
