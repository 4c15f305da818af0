import { bridgedRoom } from "../../chats/bridged/bridged-rooms.ts";
import { askedRoles, shownIn } from "../../chats/groups/group-powers.ts";
import { ownLevel, ownRoleAt } from "../../chats/groups/power-levels.ts";
import type { GroupChange } from "../../model/groups.ts";
import type { NetworkId, PersonId, UserId } from "../../model/ids.ts";
import type { Network } from "../../ports/network.ts";
import type { GroupPortal } from "../../ports/rows.ts";
import type { Store } from "../../ports/store.ts";

interface AskedOfOursParts {
  readonly store: Pick<Store, "portalMembers" | "logins" | "portals" | "records" | "networkOutbox">;
  readonly networks: ReadonlyMap<NetworkId, Network>;
}

type Change<K extends GroupChange["kind"]> = Extract<GroupChange, { readonly kind: K }>;

/** Reads what somebody does with another of our people in a group's room, as done with who they are on the network. */
export class AskedOfOurs {
  readonly #parts: AskedOfOursParts;

  constructor(parts: AskedOfOursParts) {
    this.#parts = parts;
  }

  /** The removal of one who is put out of the room; undefined where they are not in the group. */
  async removal(
    user: UserId,
    { room, login }: GroupPortal,
  ): Promise<{ readonly change: Change<"remove">; readonly left: GroupPortal } | undefined> {
    const theirs = room === undefined ? undefined : await this.#parts.store.portals.inRoom(room, user);
    if (theirs?.kind !== "group" || theirs.login === login) return undefined;
    if (theirs.state === "archived" || theirs.self === "") return undefined;
    return { change: { kind: "remove", person: theirs.self, name: user }, left: theirs };
  }

  /** The addition of one who is invited to the room, by their login; undefined where they have none, or are in the group. */
  async addition(user: UserId, { room, network: id }: GroupPortal): Promise<Change<"add"> | undefined> {
    const { store, networks } = this.#parts;
    // Whom people ask into a room of theirs is not asked into its chat.
    if (room === undefined || (await bridgedRoom(store, room)) !== undefined) return undefined;
    const theirs = await store.portals.inRoom(room, user);
    if (theirs?.kind === "group" && theirs.state !== "archived") return undefined;
    const logins = (await store.logins.of(user, id)).filter(({ state }) => state === "active");
    for (const login of logins) {
      const person = networks.get(id)?.selfOf?.(login);
      if (person !== undefined) return { kind: "add", person, name: user, user };
    }
    return undefined;
  }

  /** The roles that somebody gives to others by `levelOf` them. */
  async roles(
    { room, login, powers }: GroupPortal,
    levelOf: (user: UserId) => number,
  ): Promise<readonly (Change<"role"> & { readonly user: UserId })[]> {
    const { store } = this.#parts;
    // While the room is yet to be given its levels, it is nobody's doing that they differ.
    if (room === undefined || shownIn(powers) === undefined) return [];
    if ((await bridgedRoom(store, room)) !== undefined) return [];
    const portals = await store.portals.ofRoom(room);
    const waiting = await askedRoles(store, portals);
    const changes: (Change<"role"> & { readonly user: UserId })[] = [];
    for (const portal of portals) {
      if (portal.kind !== "group" || portal.state === "archived") continue;
      if (portal.login === login || portal.self === "") continue;
      const user = (await store.logins.get(portal.login))?.user;
      const own = await store.portalMembers.get(portal, undefined);
      if (user === undefined || own?.membership !== "joined") continue;
      const person: PersonId = portal.self;
      const now = waiting.get(person) ?? own.role;
      const level = levelOf(user);
      const role = level === ownLevel(now) ? undefined : ownRoleAt(level);
      if (role !== undefined && role !== now) changes.push({ kind: "role", person, name: user, role, user });
    }
    return changes;
  }
}
