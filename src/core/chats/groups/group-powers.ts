import type { GroupPermissions, Role } from "../../model/groups.ts";
import type { UserId } from "../../model/ids.ts";
import type { Homeserver } from "../../ports/homeserver.ts";
import type { GroupPortal } from "../../ports/rows.ts";
import type { Store } from "../../ports/store.ts";
import type { PortalWithRoom } from "../successions.ts";
import { ownLevel, POWER_LEVELS } from "./power-levels.ts";

/** The most ghosts with a role whom a room's power levels name: an event may have 64 kB. */
const MAX_NAMED = 300;

/** A group's permissions as text, by which the store knows whether the room shows them. */
export const powersOf = ({ writes, changes }: GroupPermissions): string => `${writes} ${changes}`;

/** The power that acts in a group's room need by its permissions. */
export const needsOf = ({ writes, changes }: GroupPermissions) => ({
  writes: POWER_LEVELS[writes],
  changes: POWER_LEVELS[changes],
  roles: POWER_LEVELS.admin,
});

/**
 * Sets the power levels of a group's room: what its permissions need, and those of everybody with a role. `writer`: a
 * ghost that may write in it besides.
 */
export async function setGroupPowers(
  store: Store,
  homeserver: Pick<Homeserver, "setPowers">,
  { login, chat, network, room, permissions }: GroupPortal & PortalWithRoom,
  writer?: UserId,
): Promise<void> {
  const ghosts = new Map<UserId, number>();
  for (const { person, role } of await store.portalMembers.withRole({ login, chat }, MAX_NAMED)) {
    const ghost = person && (await store.ghosts.byPerson(network, person));
    if (ghost) ghosts.set(ghost.user, POWER_LEVELS[role]);
  }
  const people = new Map<UserId, number>();
  for (const portal of await store.portals.ofRoom(room)) {
    const user = (await store.logins.get(portal.login))?.user;
    const own = portal.state === "archived" ? undefined : await store.portalMembers.get(portal, undefined);
    const role: Role = own?.membership === "joined" ? own.role : "member";
    if (user !== undefined) people.set(user, Math.max(ownLevel(role), people.get(user) ?? 0));
  }
  const needs = needsOf(permissions);
  if (writer !== undefined) ghosts.set(writer, Math.max(needs.writes, ghosts.get(writer) ?? 0));
  await homeserver.setPowers(room, { ghosts, people, ...needs });
}
