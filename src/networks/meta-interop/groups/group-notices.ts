import type { RemoteEvent } from "../../../core/model/events.ts";
import type { ChatId, PersonId } from "../../../core/model/ids.ts";
import type { Writes } from "../../../core/ports/store.ts";
import { timeOf } from "../convert/envelope.ts";
import { pictureIn } from "../convert/profile-picture.ts";
import { type GroupAbout, interopGroups, type StoredMember } from "../group-records.ts";
import { memberOf, messageId } from "../ids.ts";
import type { LoginContext } from "../session/login-context.ts";
import { usableId } from "../wire/attributes.ts";
import { type GroupChangeNode, readGroupChange } from "../wire/group-changes.ts";
import { type GroupDescription, readGroup } from "../wire/groups.ts";
import { child, children, type Node, node } from "../wire/node.ts";
import {
  describedIn,
  describedWrites,
  keptDescription,
  keptSubject,
  membersIn,
} from "./group-description.ts";
import { permissionsOf } from "./group-directory.ts";

type Group = { readonly about: GroupAbout; readonly members: readonly StoredMember[] };

/** What a change is to the room, and to what is stored of the group. */
interface AppliedChange {
  /** Without its head; undefined where it changes nothing. */
  readonly event: GroupEvent | undefined;
  readonly about: GroupAbout;
  readonly members: readonly StoredMember[];
  record(tx: Writes): void;
}

type GroupEvent = RemoteEvent extends infer E
  ? E extends { readonly kind: `group-${string}` }
    ? Omit<E, "chat" | "id" | "at" | "sender">
    : never
  : never;

interface Notice {
  readonly events: readonly RemoteEvent[];
  record(tx: Writes): void;
  /** Tags that this version does not know. */
  readonly unknown: readonly string[];
}

/** Where the notification brings our person into the group: all that is to know of it. */
export function createdGroup(chat: ChatId, notification: Node): GroupDescription | undefined {
  const create = child(notification, "create");
  const group = create && child(create, "group");
  const description = group && readGroup(group);
  return description && (description.id as ChatId) === chat ? description : undefined;
}

/**
 * What a `<notification type="w:gp2">` says; `before`: the group as it was known, or as it is where it was not;
 * `created`: what it says of a group that our person comes into, and whether that is stored.
 */
export function readGroupNotice(
  context: LoginContext,
  chat: ChatId,
  notification: Node,
  before: Group | undefined,
  created: { readonly description: GroupDescription; readonly isStored: boolean } | undefined,
): Notice {
  const { profile, own, clock } = context;
  const now = clock.now();
  const at = timeOf(notification.attrs, now);
  const id = usableId(notification.attrs["id"]) ?? `unusable-${now}`;
  const who = memberOf(notification.attrs["participant"], profile.server);
  const events: RemoteEvent[] = [];
  const records: ((tx: Writes) => void)[] = [];
  const unknown: string[] = [];
  const add = (index: number, event: GroupEvent, by: PersonId | undefined): void => {
    const sender = (by as string | undefined) === own ? undefined : by;
    events.push({ chat, id: messageId(`${id}.${index}`), at, sender, ...event } as RemoteEvent);
  };
  let known = before;
  if (created) {
    const members = before?.members ?? [];
    if (!created.isStored)
      records.push(
        describedWrites(context, chat, describedIn(context, created.description, members), members),
      );
    const us = [{ person: undefined, membership: "joined" }] as const;
    add(0, { kind: "group-members", changes: us }, who ?? (own as PersonId));
  }
  for (const [index, one] of children(notification).entries()) {
    const change = readGroupChange(one);
    if (!change) {
      if (one.tag !== "create") unknown.push(one.tag);
      continue;
    }
    if (!known) continue;
    const applied = applyChange(context, chat, known, change, at);
    known = applied;
    records.push((tx) => applied.record(tx));
    const by = who ?? onlyOne(applied.event);
    if (applied.event && by !== undefined) add(index, applied.event, by);
  }
  return {
    events,
    unknown,
    record(tx) {
      for (const record of records) record(tx);
    },
  };
}

/** Who did it where the notification does not say: somebody who came or went alone. */
function onlyOne(event: GroupEvent | undefined): PersonId | undefined {
  return event?.kind === "group-members" && event.changes.length === 1 ? event.changes[0]?.person : undefined;
}

/** What a change makes of a group, by whomever it was done. */
export function applyChange(
  context: Pick<LoginContext, "login" | "own" | "profile">,
  chat: ChatId,
  { about, members }: Group,
  change: GroupChangeNode,
  at: number,
): AppliedChange {
  const { login, own } = context;
  const said = (event: GroupEvent | undefined, next: GroupAbout): AppliedChange => ({
    event,
    about: next,
    members,
    record: (tx) => tx.family(interopGroups).setGroup(login, chat, next),
  });
  switch (change.kind) {
    case "members":
      return { about, ...applyMembers(members, change) };
    case "subject": {
      const subject = keptSubject(change.subject);
      return said({ kind: "group-name", name: subject }, { ...about, subject });
    }
    case "description": {
      const description = keptDescription(change.description);
      return said({ kind: "group-topic", topic: description }, { ...about, description });
    }
    case "picture": {
      const avatar = pictureIn(node("group", {}, [change.picture]));
      if (avatar === undefined) return said(undefined, about);
      return said({ kind: "group-avatar", avatar }, { ...about, avatar });
    }
    case "announcement":
    case "locked": {
      const next = { ...about, [change.kind]: change.on };
      return said({ kind: "group-permissions", ...permissionsOf(next) }, next);
    }
  }

  function applyMembers(
    current: readonly StoredMember[],
    { action, members: nodes }: Extract<GroupChangeNode, { kind: "members" }>,
  ): Pick<AppliedChange, "event" | "members" | "record"> {
    const known = new Map(current.map((member) => [member.person, member]));
    const named = membersIn(nodes, context);
    const personOf = (person: PersonId) => ((person as string) === own ? undefined : person);
    if (action === "promote" || action === "demote") {
      // Only who is in the group has a role in it.
      const role = action === "promote" ? "admin" : "member";
      const changed = named.filter(({ person }) => known.has(person));
      const changes = changed.map(({ person }) => ({ person: personOf(person), role }) as const);
      const people = new Set(changed.map(({ person }) => person));
      return {
        event: changes.length === 0 ? undefined : { kind: "group-roles", changes },
        members: current.map((member) => (people.has(member.person) ? { ...member, role } : member)),
        record(tx) {
          for (const { person, name } of changed)
            tx.family(interopGroups).setMember(login, chat, { person, role, name });
        },
      };
    }
    const membership = action === "add" ? "joined" : "left";
    const changes = named.map(
      ({ person, name }) =>
        ({
          person: personOf(person),
          membership,
          ...(name !== undefined && { name }),
        }) as const,
    );
    const people = new Set(named.map(({ person }) => person));
    const others = current.filter(({ person }) => !people.has(person));
    const joined = named.map(({ person, name }) => {
      const stored = known.get(person);
      return (
        stored ?? { person, role: "member" as const, name, leftAt: undefined, holds: undefined, said: false }
      );
    });
    return {
      event: changes.length === 0 ? undefined : { kind: "group-members", changes },
      members: action === "remove" ? others : [...others, ...joined],
      record(tx) {
        const groups = tx.family(interopGroups);
        for (const { person, name } of named) {
          if (action === "remove") groups.setLeft(login, chat, person, at);
          else groups.setMember(login, chat, { person, role: known.get(person)?.role ?? "member", name });
        }
        // Who left must not read what is written from here on.
        if (action === "remove" && named.length > 0) groups.setDistribution(login, chat, undefined);
      },
    };
  }
}
