import { bridgedRoom } from "../../chats/bridged/bridged-rooms.ts";
import type { ContactNames } from "../../chats/contact-names.ts";
import { askedRoles, needsOf, shownIn, withAsked } from "../../chats/groups/group-powers.ts";
import { ownLevel, POWER_LEVELS, roleAt } from "../../chats/groups/power-levels.ts";
import type { MatrixEvent } from "../../model/events.ts";
import type { GroupChange, Role } from "../../model/groups.ts";
import type { NetworkId, PersonId, UserId } from "../../model/ids.ts";
import { cleanName, LONGEST_NAME, LONGEST_TOPIC } from "../../model/names.ts";
import type { Homeserver } from "../../ports/homeserver.ts";
import type { Network } from "../../ports/network.ts";
import type { Ghost, GroupPortal, PortalMember } from "../../ports/rows.ts";
import type { Store } from "../../ports/store.ts";
import { AskedOfOurs } from "./asked-of-ours.ts";
import { askedPermissions } from "./asked-permissions.ts";

/** What an event in a group's room asks of the group. */
export interface Asked {
  /** Also those that are so already. */
  readonly changes: readonly GroupChange[];
  /** Why they are not made, a sentence; absent where they may be. */
  readonly refusal?: string;
  /** The group as it is another of our people's, who was put out of its room. */
  readonly left?: GroupPortal;
}

interface AskedChangesParts {
  readonly store: Pick<
    Store,
    "ghosts" | "portalMembers" | "logins" | "portals" | "records" | "networkOutbox"
  >;
  readonly homeserver: Pick<Homeserver, "bot" | "isOurs" | "isRuledBy">;
  readonly names: Pick<ContactNames, "bare" | "shown">;
  readonly networks: ReadonlyMap<NetworkId, Network>;
}

/** The most members with a role who are looked at. */
const MAX_RANKED = 1_000;

type Of<K extends MatrixEvent["kind"]> = Extract<MatrixEvent, { readonly kind: K }>;

/** Reads people's events in a group's room as changes of the group. */
export class AskedChanges {
  readonly #parts: AskedChangesParts;
  readonly #ofOurs: AskedOfOurs;

  constructor(parts: AskedChangesParts) {
    this.#parts = parts;
    this.#ofOurs = new AskedOfOurs(parts);
  }

  /** Undefined where the event asks nothing of the group. */
  async in(event: MatrixEvent, group: GroupPortal): Promise<Asked | undefined> {
    if (event.kind === "room-name") return this.#name(event, group);
    if (event.kind === "room-topic") return topicOf(event);
    if (event.kind === "room-avatar") return asked([{ kind: "avatar", uri: event.uri }]);
    if (event.kind === "member") return this.#member(event, group);
    return event.kind === "power-levels" ? this.#levels(event, group) : undefined;
  }

  /** Whether the group is so already, as far as the store knows. */
  async isSo(change: GroupChange, group: GroupPortal): Promise<boolean> {
    switch (change.kind) {
      case "name":
        return cleanName(change.name, "") === group.name;
      case "topic":
        return change.topic === group.topic;
      // What the room showed before is not stored.
      case "avatar":
        return change.uri === "" && group.avatar === "";
      case "leave":
        return group.state === "archived";
      case "add":
        return (await this.#memberOf(group, change.person))?.membership === "joined";
      case "remove": {
        // That another of ours is in the group, their own login knows.
        if (await this.#isOurs(change.person, group)) return false;
        return (await this.#memberOf(group, change.person))?.membership !== "joined";
      }
      case "role":
        return (await this.#memberOf(group, change.person))?.role === change.role;
      case "permission":
        return group.permissions[change.what] === change.role;
      // What a chat's timer is, its network alone knows.
      case "timer":
        return false;
    }
  }

  /** Without what the room's name says of the network. */
  #name({ name }: Of<"room-name">, { network: id }: GroupPortal): Asked {
    const { names, networks } = this.#parts;
    const around = names.shown("", networks.get(id)?.name ?? "").length;
    const bare = names.bare(name, "");
    const isTooLong = name.length > LONGEST_NAME + around;
    const refusal = isTooLong
      ? `A group's name can have ${LONGEST_NAME} characters.`
      : bare === ""
        ? "A group needs a name of its own."
        : undefined;
    return asked([{ kind: "name", name: bare }], refusal);
  }

  async #member({ user, membership, sender }: Of<"member">, group: GroupPortal): Promise<Asked | undefined> {
    const { store, homeserver } = this.#parts;
    if (user === homeserver.bot || user === sender || homeserver.isOurs(sender)) return undefined;
    if (membership === "join" || membership === "knock") return undefined;
    if (!homeserver.isOurs(user) && membership === "invite") {
      const addition = await this.#ofOurs.addition(user, group);
      return addition && asked([addition]);
    }
    if (!homeserver.isOurs(user)) {
      const removal = await this.#ofOurs.removal(user, group);
      return removal && { ...asked([removal.change]), left: removal.left };
    }
    const ghost = await store.ghosts.byUser(user);
    if (!ghost || ghost.network !== group.network) return undefined;
    const { person, name } = ghost;
    // One that stands for one of our own people is no other member.
    if (person === group.self || person.startsWith("own ") || (await this.#isOurs(person, group)))
      return undefined;
    return asked([{ kind: membership === "invite" ? "add" : "remove", person, name }]);
  }

  /** Whether somebody in the group is one of our people, who share its room. */
  async #isOurs(person: PersonId, { room }: GroupPortal): Promise<boolean> {
    const all = room === undefined ? [] : await this.#parts.store.portals.ofRoom(room);
    return all.some((portal) => portal.kind === "group" && portal.self === person);
  }

  /** The changes of levels that stand for a member's role, or a permission; what else was changed is refused. */
  async #levels(event: Of<"power-levels">, group: GroupPortal): Promise<Asked | undefined> {
    const permissions = await this.#permissions(event, group);
    const ofOurs = await this.#ofOurs.roles(group, (user) => levelOf(event, user));
    const roles: GroupChange[] = [...ofOurs];
    const given = new Set(ofOurs.map(({ user }) => user));
    let misfit = !permissions.fits || (await this.#isOthersLevel(event, group, given));
    const waiting = await askedRoles(this.#parts.store, [group]);
    for (const { ghost, member } of await this.#ranked(event, group, waiting.keys())) {
      // Our own people are in the room themselves.
      if (await this.#isOurs(ghost.person, group)) continue;
      const level = levelOf(event, ghost.user);
      // What they are by now may be changed by what is on its way.
      if (level === POWER_LEVELS[waiting.get(ghost.person) ?? member?.role ?? "member"]) continue;
      const role = member?.membership === "joined" ? roleAt(level) : undefined;
      if (role === undefined) misfit = true;
      else roles.push({ kind: "role", person: ghost.person, name: ghost.name, role });
    }
    const changes = [...permissions.changes, ...roles];
    if (!misfit) return changes.length === 0 ? undefined : asked(changes);
    const network = this.#parts.networks.get(group.network)?.name ?? "the network";
    const levels = Object.entries(POWER_LEVELS).map(
      ([role, level]) => `${level} is ${roleWords[role as Role]}`,
    );
    const refusal = `Who may do what here is what ${network} says: of its people ${levels.join(", ")}, and all else stays as it was.`;
    return asked(roles, refusal);
  }

  /** Whether somebody who is none of the network's people has another level than the group gives them, beside `given`. */
  async #isOthersLevel(
    event: Of<"power-levels">,
    { room, powers }: GroupPortal,
    given: ReadonlySet<UserId>,
  ): Promise<boolean> {
    const { store, homeserver } = this.#parts;
    // Of a room that a person bridged, people's levels are its own administrators' to give.
    if (room !== undefined && (await bridgedRoom(store, room)) !== undefined) return false;
    const allowed = new Map<UserId, number>();
    for (const portal of room === undefined ? [] : await store.portals.ofRoom(room)) {
      const login = await store.logins.get(portal.login);
      const own = await store.portalMembers.get(portal, undefined);
      const level = portal.state === "archived" ? 0 : ownLevel(own?.role ?? "member");
      if (login) allowed.set(login.user, Math.max(level, allowed.get(login.user) ?? 0));
    }
    const people = Object.entries(event.levels) as [UserId, number][];
    return (
      event.others !== 0 ||
      people.some(
        ([user, level]) => !homeserver.isOurs(user) && !given.has(user) && level > (allowed.get(user) ?? 0),
      ) ||
      // While the room is yet to be given its levels, it is nobody's doing that somebody has less.
      (shownIn(powers) !== undefined &&
        Array.from(allowed).some(([user, level]) => !given.has(user) && levelOf(event, user) < level))
    );
  }

  /** The permissions that acts' levels stand for. `fits`: whether all else is as the group has it. */
  async #permissions(
    { needs }: Of<"power-levels">,
    group: GroupPortal,
  ): Promise<{ readonly changes: readonly GroupChange[]; readonly fits: boolean }> {
    const { room, powers } = group;
    const given = shownIn(powers);
    // While the room is yet to be given its levels, it is nobody's doing that they differ.
    if (needs === undefined || room === undefined || !given) return { changes: [], fits: true };
    const shown = await withAsked(this.#parts.store, [group], given);
    const { changes, rest } = askedPermissions(needs, shown);
    const isRest = await this.#parts.homeserver.isRuledBy(room, needsOf(shown), rest);
    return { changes: changes ?? [], fits: changes !== undefined && isRest };
  }

  /** Those of the network's people who have a role, or a level in the event, and `more`; of all others neither changes. */
  async #ranked(
    { levels }: Of<"power-levels">,
    group: GroupPortal,
    more: Iterable<PersonId>,
  ): Promise<readonly { readonly ghost: Ghost; readonly member: PortalMember | undefined }[]> {
    const { store, homeserver } = this.#parts;
    const ghosts = new Map<UserId, Ghost>();
    const ranked = (await store.portalMembers.withRole(group, MAX_RANKED)).map(({ person }) => person);
    for (const person of [...ranked, ...more]) {
      const ghost = person && (await store.ghosts.byPerson(group.network, person));
      if (ghost) ghosts.set(ghost.user, ghost);
    }
    for (const user of Object.keys(levels) as UserId[]) {
      const ghost = homeserver.isOurs(user) ? await store.ghosts.byUser(user) : undefined;
      if (ghost?.network === group.network) ghosts.set(ghost.user, ghost);
    }
    return Promise.all(
      Array.from(ghosts.values(), async (ghost) => ({
        ghost,
        member: await store.portalMembers.get(group, ghost.person),
      })),
    );
  }

  #memberOf(group: GroupPortal, person: PersonId): Promise<PortalMember | undefined> {
    return this.#parts.store.portalMembers.get(group, person);
  }
}

const roleWords: Readonly<{ [R in Role]: string }> = {
  member: "a member",
  admin: "an admin",
  owner: "the owner",
};

const asked = (changes: readonly GroupChange[], refusal?: string): Asked =>
  refusal === undefined ? { changes } : { changes, refusal };

function topicOf({ topic }: Of<"room-topic">): Asked {
  const refusal = topic.length > LONGEST_TOPIC ? `It can have ${LONGEST_TOPIC} characters.` : undefined;
  return asked([{ kind: "topic", topic: topic.slice(0, LONGEST_TOPIC) }], refusal);
}

const levelOf = ({ levels, others }: Of<"power-levels">, user: UserId): number =>
  (Object.hasOwn(levels, user) ? levels[user] : undefined) ?? others;
