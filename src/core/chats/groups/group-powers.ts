import type { PortalKey } from "../../model/events.ts";
import type { GroupPermissions, Role } from "../../model/groups.ts";
import type { PersonId, UserId } from "../../model/ids.ts";
import type { Homeserver } from "../../ports/homeserver.ts";
import type { GroupPortal } from "../../ports/rows.ts";
import type { Store } from "../../ports/store.ts";
import type { PortalWithRoom } from "../successions.ts";
import type { OwnWrites } from "./own-writes.ts";
import { ownLevel, POWER_LEVELS } from "./power-levels.ts";

/** The most ghosts with a role whom a room's power levels name: an event may have 64 kB. */
const MAX_NAMED = 300;

/** A group's permissions as text, by which the store knows whether the room shows them. */
export const powersOf = ({ writes, changes }: GroupPermissions): string => `${writes} ${changes}`;

/** The permissions that a room shows, by {@link powersOf}; undefined where it shows none yet. */
export function shownIn(powers: string): GroupPermissions | undefined {
  const [writes, changes] = powers.split(" ");
  return isRole(writes) && isRole(changes) ? { writes, changes } : undefined;
}

const isRole = (text: string | undefined): text is Role =>
  text !== undefined && Object.hasOwn(POWER_LEVELS, text);

/** The power that acts in a group's room need by its permissions. */
export const needsOf = ({ writes, changes }: GroupPermissions) => ({
  writes: POWER_LEVELS[writes],
  changes: POWER_LEVELS[changes],
  roles: POWER_LEVELS.admin,
});

/** The roles that members are on their way to, by what our people asked for. */
export async function askedRoles(
  { networkOutbox }: Pick<Store, "networkOutbox">,
  keys: readonly PortalKey[],
): Promise<ReadonlyMap<PersonId, Role>> {
  const roles = new Map<PersonId, Role>();
  for (const key of keys)
    for (const { change } of await networkOutbox.changes(key))
      if (change.kind === "role") roles.set(change.person, change.role);
  return roles;
}

/** The permissions with those to which the group is on its way, by what our people asked for. */
export async function withAsked(
  { networkOutbox }: Pick<Store, "networkOutbox">,
  keys: readonly PortalKey[],
  permissions: GroupPermissions,
): Promise<GroupPermissions> {
  const asked = { ...permissions };
  for (const key of keys)
    for (const { change } of await networkOutbox.changes(key))
      if (change.kind === "permission") asked[change.what] = change.role;
  return asked;
}

interface GroupPowersParts {
  readonly store: Store;
  readonly homeserver: Pick<Homeserver, "setPowers">;
  readonly ownWrites: Pick<OwnWrites, "sets" | "setsPowers">;
}

/**
 * Sets the power levels of a group's room: what its permissions need, and those of everybody with a role. `writer`: a
 * ghost that may write in it besides.
 */
export async function setGroupPowers(
  { store, homeserver, ownWrites }: GroupPowersParts,
  { login, chat, network, room, permissions }: GroupPortal & PortalWithRoom,
  writer?: UserId,
): Promise<void> {
  const ghosts = new Map<UserId, number>();
  const portals = await store.portals.ofRoom(room);
  for (const { person, role } of await store.portalMembers.withRole({ login, chat }, MAX_NAMED)) {
    const ghost = person && (await store.ghosts.byPerson(network, person));
    if (ghost) ghosts.set(ghost.user, POWER_LEVELS[role]);
  }
  const people = new Map<UserId, number>();
  // What somebody asked for stays as they left it until the network has answered.
  const asked = await askedRoles(store, portals);
  for (const [person, role] of asked) {
    const ghost = await store.ghosts.byPerson(network, person);
    if (ghost) ghosts.set(ghost.user, POWER_LEVELS[role]);
  }
  for (const portal of portals) {
    const user = (await store.logins.get(portal.login))?.user;
    // Our own people are in the room themselves.
    const self = portal.state !== "archived" && portal.kind === "group" && portal.self;
    const standIn = self ? await store.ghosts.byPerson(network, self) : undefined;
    if (standIn) ghosts.delete(standIn.user);
    const own = portal.state === "archived" ? undefined : await store.portalMembers.get(portal, undefined);
    const now: Role = own?.membership === "joined" ? own.role : "member";
    const role = (self ? asked.get(self) : undefined) ?? now;
    if (user !== undefined) people.set(user, Math.max(ownLevel(role), people.get(user) ?? 0));
  }
  const needs = needsOf(await withAsked(store, portals, permissions));
  if (writer !== undefined) ghosts.set(writer, Math.max(needs.writes, ghosts.get(writer) ?? 0));
  ownWrites.setsPowers(room, new Map([...ghosts, ...people]));
  for (const what of ["writes", "changes"] as const) ownWrites.sets(room, what, needs[what]);
  await homeserver.setPowers(room, { ghosts, people, ...needs });
}
