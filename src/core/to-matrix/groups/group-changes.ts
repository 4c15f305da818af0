import { endRequest } from "../../chats/requests.ts";
import type { MemberChange, PortalKey, RemoteEvent, RoleChange } from "../../model/events.ts";
import type { Role } from "../../model/groups.ts";
import type { PersonId } from "../../model/ids.ts";
import { cleanName, cleanTopic } from "../../model/names.ts";
import type { GroupPortal, PortalMember } from "../../ports/rows.ts";
import type { Writes } from "../../ports/store.ts";
import { botSays, type NetworkEventContext } from "../event-context.ts";
import { permissionWords, queuePermissions } from "./group-permissions.ts";
import { bringUpToDate } from "./group-return.ts";

type Of<K extends RemoteEvent["kind"]> = Extract<RemoteEvent, { kind: K }>;
type GroupKind = Extract<RemoteEvent["kind"], `group-${string}`>;
type Record = (tx: Writes) => void;
type Group = GroupPortal & NetworkEventContext["portal"];
type State = { readonly type: string; readonly content: Readonly<{ [field: string]: string }> };
type Change<E> = (event: E, group: Group, context: NetworkEventContext) => Record | Promise<Record>;

const nothing: Record = () => {};
/** The most names in one notice. */
const MAX_NAMES = 8;

/** Handlers for a group's changes; in a direct chat they do nothing. */
export const groupHandlers: {
  [K in GroupKind]: (event: Of<K>, context: NetworkEventContext) => Record | Promise<Record>;
} = {
  "group-name": inGroup(async (event, group, context) => {
    const name = cleanName(event.name, "");
    if (name === group.name) return nothing;
    const { actor } = context;
    const { title, shown } = context.profiles.of({ ...group, name }, undefined, context.network);
    const words =
      name === "" ? `${actor.name} took the group's name away.` : `${actor.name} named the group “${title}”.`;
    return tell(words, group, context, {
      changed: { name },
      state: { type: "m.room.name", content: { name: shown } },
    });
  }),
  "group-topic": inGroup(async (event, group, context) => {
    const topic = cleanTopic(event.topic);
    if (topic === group.topic) return nothing;
    return tell(`${context.actor.name} changed what the group is about.`, group, context, {
      changed: { topic },
      state: { type: "m.room.topic", content: { topic } },
    });
  }),
  "group-avatar": inGroup(async ({ avatar }, group, context) => {
    if (avatar === group.avatar) return nothing;
    const did = avatar === "" ? "took the group's picture away" : "changed the group's picture";
    return tell(`${context.actor.name} ${did}.`, group, context, { changed: { avatar } });
  }),
  "group-members": inGroup(async (event, group, context) => {
    const put = putMembers(event.changes, group, context);
    const own = event.changes.find(({ person }) => person === undefined);
    const say = await tellMembers(event, group, context);
    const change = own ? await moveOwn(own.membership, group, context) : nothing;
    return (tx) => {
      put(tx);
      say(tx);
      change(tx);
    };
  }),
  "group-invited": inGroup(async ({ sender }, group, context) => {
    // What made the room asked already.
    if (context.isRequest || (await context.isMember())) return nothing;
    const reopen = await context.archives.reopen(group, "You are invited to this group again.");
    const ask = await context.requests.invited(group, context, sender);
    return (tx) => {
      reopen(tx);
      ask(tx);
    };
  }),
  "group-permissions": inGroup(async (event, group, context) => {
    const words = permissionWords(group.permissions, event);
    const say =
      words === ""
        ? nothing
        : await tell(`${context.actor.name} decided: the group is ${words}.`, group, context);
    const queue = queuePermissions(event, context);
    return (tx) => {
      say(tx);
      queue(tx);
    };
  }),
  "group-roles": inGroup(async (event, group, context) => {
    const put = putRoles(event.changes, group, context);
    const said = event.changes.map(
      ({ person, role }) =>
        `${calledBy(person, context)} ${person === undefined ? ownRoleWords[role] : roleWords[role]}`,
    );
    const say =
      said.length === 0
        ? nothing
        : await tell(`${context.actor.name} decided: ${listed(said)}.`, group, context);
    return (tx) => {
      put(tx);
      say(tx);
    };
  }),
};

const roleWords: Readonly<{ [R in Role]: string }> = {
  member: "is no admin any more",
  admin: "is an admin now",
  owner: "owns the group now",
};

const ownRoleWords: Readonly<{ [R in Role]: string }> = {
  member: "are no admin any more",
  admin: "are an admin now",
  owner: "own the group now",
};

function inGroup<E>(change: Change<E>): (event: E, context: NetworkEventContext) => Record | Promise<Record> {
  return (event, context) => {
    const { portal } = context;
    return portal.kind === "group" ? change(event, portal, context) : nothing;
  };
}

/** What is changed of a group, and how its room shows it where that is not seen to by the group's own lane. */
interface Shown {
  readonly changed?: Parameters<Writes["portals"]["setGroup"]>[1];
  readonly state?: State;
}

/**
 * Says what was done to the group, unless our person did it in the room itself, and shows it; where too much is done to
 * it, that is left to the group's own lane, which tells of all of it.
 */
async function tell(
  words: string,
  group: Group,
  context: NetworkEventContext,
  { changed, state }: Shown = {},
): Promise<Record> {
  const { askedHere, outbox, bot } = context;
  const set = (tx: Writes, portal: PortalKey) => changed && tx.portals.setGroup(portal, changed);
  if (askedHere && !state) return (tx) => set(tx, group);
  const later = await context.tellsLater(askedHere);
  if (later)
    return (tx) => {
      for (const portal of later) set(tx, portal);
      tx.portals.addUntold(group);
    };
  const row = state && outbox.row(group.room, bot, state, { stateKey: "" });
  const say = askedHere ? nothing : botSays(words, context);
  return (tx) => {
    set(tx, group);
    if (row) tx.matrixOutbox.add(row);
    say(tx);
  };
}

/** What becomes of the room where our person comes into the group, or out of it. */
async function moveOwn(
  membership: MemberChange["membership"],
  group: Group,
  context: NetworkEventContext,
): Promise<Record> {
  const { archives, requests, isRequest, members } = context;
  if (membership === "left") {
    const close = await archives.close(group, isRequest ? WITHDRAWN : LEFT);
    return (tx) => {
      endRequest(tx, group);
      close(tx);
    };
  }
  if (group.state === "archived") {
    const reopen = await archives.reopen(group, await backWords(group, context));
    const update = await bringUpToDate(group, context);
    return (tx) => {
      update(tx);
      reopen(tx);
    };
  }
  const before = members.find(({ person }) => person === undefined);
  return before?.membership === "joined" ? nothing : requests.joined(group);
}

const LEFT = "You are no longer in this group. Its history stays here.";
const WITHDRAWN = "You are not invited to this group any more.";
const BACK = "You are in this group again";

/** They come back as a member, without a role that they had. */
async function backWords({ permissions }: Group, context: NetworkEventContext): Promise<string> {
  const { writes } = (await context.groupNow())?.info.permissions ?? permissions;
  return writes === "member" ? `${BACK}: you can write here.` : `${BACK}. Only its admins write here.`;
}

/** Tells who was added or removed. Those who join or leave by themselves are seen doing so. */
async function tellMembers(
  { changes, sender }: Of<"group-members">,
  group: Group,
  context: NetworkEventContext,
): Promise<Record> {
  const moved = (membership: MemberChange["membership"]): readonly string[] =>
    changes
      .filter((one) => one.membership === membership && one.person !== sender && one.person !== undefined)
      .map(({ person }) => calledBy(person, context));
  const [added, removed] = [moved("joined"), moved("left")];
  const parts = [
    ...(added.length === 0 ? [] : [`added ${listed(added)}`]),
    ...(removed.length === 0 ? [] : [`removed ${listed(removed)}`]),
  ];
  return parts.length === 0 || context.repeated
    ? nothing
    : tell(`${context.actor.name} ${parts.join(" and ")}.`, group, context);
}

function putMembers(
  changes: readonly MemberChange[],
  { login, chat }: Group,
  context: NetworkEventContext,
): Record {
  const membersByPerson = new Map(context.members.map((member) => [member.person, member]));
  const ghosts = changes.flatMap(({ person, name }) =>
    person === undefined ? [] : [context.ghosts.newRow(context.network, person, name)],
  );
  // Of those who are too many to be shown, whoever is not known stays so.
  const kept = context.isCrowded ? changes.filter(({ person }) => membersByPerson.has(person)) : changes;
  const members = kept.map(
    ({ person, membership }): PortalMember => ({
      login,
      chat,
      person,
      membership,
      // A role ends when its member leaves.
      role:
        (membership === "joined" &&
          membersByPerson.get(person)?.membership === "joined" &&
          membersByPerson.get(person)?.role) ||
        "member",
    }),
  );
  return (tx) => {
    for (const ghost of ghosts) tx.ghosts.add(ghost);
    for (const member of members) tx.portalMembers.put(member);
  };
}

function putRoles(
  changes: readonly RoleChange[],
  { login, chat }: Group,
  { members }: NetworkEventContext,
): Record {
  const membersByPerson = new Map(members.map((member) => [member.person, member]));
  return (tx) => {
    for (const { person, role } of changes) {
      // Somebody with a role is a member, whatever was heard of them before.
      const { membership = "joined" } = membersByPerson.get(person) ?? {};
      tx.portalMembers.put({ login, chat, person, role, membership });
    }
  };
}

function calledBy(person: PersonId | undefined, { people }: NetworkEventContext): string {
  return person === undefined ? "You" : (people.get(person) ?? "somebody");
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMES);
  const more = names.length - shown.length;
  const all = more > 0 ? [...shown, `${more} more`] : shown;
  const last = all.at(-1) ?? "";
  return all.length === 1 ? last : `${all.slice(0, -1).join(", ")} and ${last}`;
}
