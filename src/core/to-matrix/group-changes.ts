import type { MemberChange, RemoteEvent, Role, RoleChange } from "../model/events.ts";
import type { PersonId } from "../model/ids.ts";
import { cleanName, cleanTopic } from "../model/names.ts";
import type { GroupPortal, PortalMember } from "../ports/rows.ts";
import type { Writes } from "../ports/store.ts";
import { botSays, type NetworkEventContext } from "./event-context.ts";

type Of<K extends RemoteEvent["kind"]> = Extract<RemoteEvent, { kind: K }>;
type GroupKind = Extract<RemoteEvent["kind"], `group-${string}`>;
type Record = (tx: Writes) => void;
type Group = GroupPortal & NetworkEventContext["portal"];
type Change<E> = (event: E, group: Group, scene: NetworkEventContext) => Record | Promise<Record>;

const nothing: Record = () => {};
/** Names in one notice. */
const MOST = 8;

/** What changes in a group. A chat between two has none of it. */
export const groupHandlers: {
  [K in GroupKind]: (event: Of<K>, scene: NetworkEventContext) => Record | Promise<Record>;
} = {
  "group-name": inGroup((event, group, scene) => {
    const name = cleanName(event.name, "");
    if (name === group.name) return nothing;
    const { title, shown } = scene.profiles.of({ ...group, name }, undefined, scene.network);
    const { outbox, bot, actor } = scene;
    const state = { type: "m.room.name", content: { name: shown } };
    const row = outbox.row(group.room, bot, state, { stateKey: "" });
    const words =
      name === "" ? `${actor.name} took the group's name away.` : `${actor.name} named the group “${title}”.`;
    const say = botSays(words, scene);
    return (tx) => {
      tx.portals.setGroup(group, { name });
      tx.matrixOutbox.add(row);
      say(tx);
    };
  }),
  "group-topic": inGroup((event, group, scene) => {
    const topic = cleanTopic(event.topic);
    if (topic === group.topic) return nothing;
    const { outbox, bot, actor } = scene;
    const row = outbox.row(group.room, bot, { type: "m.room.topic", content: { topic } }, { stateKey: "" });
    const say = botSays(`${actor.name} changed what the group is about.`, scene);
    return (tx) => {
      tx.portals.setGroup(group, { topic });
      tx.matrixOutbox.add(row);
      say(tx);
    };
  }),
  "group-avatar": inGroup(({ avatar }, group, scene) => {
    if (avatar === group.avatar) return nothing;
    const did = avatar === "" ? "took the group's picture away" : "changed the group's picture";
    const say = botSays(`${scene.actor.name} ${did}.`, scene);
    return (tx) => {
      tx.portals.setGroup(group, { avatar });
      say(tx);
    };
  }),
  "group-members": inGroup(async (event, group, scene) => {
    const put = membersPut(event.changes, group, scene);
    const own = event.changes.find(({ person }) => person === undefined);
    const say = sayMoved(event, scene);
    const turn =
      own?.membership === "left"
        ? await scene.archives.close(group, "You are no longer in this group. Its history stays here.")
        : own?.membership === "joined"
          ? await scene.archives.reopen(group, "You are in this group again: you can write here.")
          : nothing;
    return (tx) => {
      put(tx);
      say(tx);
      turn(tx);
    };
  }),
  "group-roles": inGroup((event, group, scene) => {
    const put = rolesPut(event.changes, group, scene);
    const said = event.changes.map(({ person, role }) => `${calledBy(person, scene)} ${roleWords[role]}`);
    const say = said.length === 0 ? nothing : botSays(`${scene.actor.name} decided: ${listed(said)}.`, scene);
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

function inGroup<E>(change: Change<E>): (event: E, scene: NetworkEventContext) => Record | Promise<Record> {
  return (event, scene) => {
    const { portal } = scene;
    return portal.kind === "group" ? change(event, portal, scene) : nothing;
  };
}

/** Who joined or left by themselves is seen by that alone. */
function sayMoved({ changes, sender }: Of<"group-members">, scene: NetworkEventContext): Record {
  const moved = (membership: MemberChange["membership"]): readonly string[] =>
    changes
      .filter((one) => one.membership === membership && one.person !== sender && one.person !== undefined)
      .map(({ person }) => calledBy(person, scene));
  const [added, removed] = [moved("joined"), moved("left")];
  const parts = [
    ...(added.length === 0 ? [] : [`added ${listed(added)}`]),
    ...(removed.length === 0 ? [] : [`removed ${listed(removed)}`]),
  ];
  return parts.length === 0 || scene.repeated
    ? nothing
    : botSays(`${scene.actor.name} ${parts.join(" and ")}.`, scene);
}

function membersPut(
  changes: readonly MemberChange[],
  { login, chat }: Group,
  scene: NetworkEventContext,
): Record {
  const known = new Map(scene.members.map((member) => [member.person, member]));
  const ghosts = changes.flatMap(({ person, name }) =>
    person === undefined ? [] : [scene.ghosts.newRow(scene.network, person, name)],
  );
  const members = changes.map(
    ({ person, membership }): PortalMember => ({
      login,
      chat,
      person,
      membership,
      // Who comes back begins anew.
      role:
        (membership === "joined" && known.get(person)?.membership === "joined" && known.get(person)?.role) ||
        "member",
    }),
  );
  return (tx) => {
    for (const ghost of ghosts) tx.ghosts.add(ghost);
    for (const member of members) tx.portalMembers.put(member);
  };
}

function rolesPut(
  changes: readonly RoleChange[],
  { login, chat }: Group,
  { members }: NetworkEventContext,
): Record {
  const known = new Map(members.map((member) => [member.person, member]));
  return (tx) => {
    for (const { person, role } of changes) {
      // Who has a role is in the group, whatever was heard of them before.
      const { membership = "joined" } = known.get(person) ?? {};
      tx.portalMembers.put({ login, chat, person, role, membership });
    }
  };
}

function calledBy(person: PersonId | undefined, { people }: NetworkEventContext): string {
  return person === undefined ? "You" : (people.get(person) ?? "somebody");
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST);
  const more = names.length - shown.length;
  const all = more > 0 ? [...shown, `${more} more`] : shown;
  const last = all.at(-1) ?? "";
  return all.length === 1 ? last : `${all.slice(0, -1).join(", ")} and ${last}`;
}
