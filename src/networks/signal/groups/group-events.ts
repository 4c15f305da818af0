import type { MemberChange, RemoteEvent, RoleChange } from "../../../core/model/events.ts";
import type { GroupPermissions } from "../../../core/model/groups.ts";
import type { ChatId, MessageId, PersonId } from "../../../core/model/ids.ts";
import type { GroupState } from "../group-records.ts";
import { groupPictureRef } from "../media/media-ref.ts";

/** Whose change it was, and who we are. */
interface ChangeHead {
  readonly chat: ChatId;
  readonly actor: PersonId;
  readonly own: PersonId;
  readonly ownNumber: PersonId | undefined;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly names: ReadonlyMap<PersonId, string>;
}

/**
 * What changed between two states of a group, as one person's doing. The ids follow from the revision that was reached,
 * so that the same news by another way tells nothing twice.
 */
export function* groupEvents(
  before: GroupState,
  after: GroupState,
  head: ChangeHead,
): Generator<RemoteEvent> {
  const { chat, actor, own, at, names } = head;
  const senderName = names.get(actor);
  const from = (kind: string) => ({
    chat,
    sender: actor === own ? undefined : actor,
    id: `group/${after.revision}/${kind}` as MessageId,
    at,
    ...(senderName === undefined || actor === own ? {} : { senderName }),
  });
  if (after.title !== before.title) yield { kind: "group-name", ...from("name"), name: after.title };
  if (after.description !== before.description)
    yield { kind: "group-topic", ...from("topic"), topic: after.description };
  if (after.avatar !== before.avatar)
    yield { kind: "group-avatar", ...from("avatar"), avatar: groupPictureRef(after.avatar, chat) };
  const [wereInvited, areInvited] = [before, after].map((state) => invitationOf(state, head));
  if (areInvited && !wereInvited) yield invited(areInvited.by, after.revision, head);
  const moved = [
    ...memberChanges(before, after, head),
    // It was taken back, or declined.
    ...(wereInvited && !areInvited && !isIn(after, own)
      ? [{ person: undefined, membership: "left" } as const]
      : []),
  ];
  if (moved.length > 0) yield { kind: "group-members", ...from("members"), changes: moved };
  const roles = roleChanges(before, after, own);
  if (roles.length > 0) yield { kind: "group-roles", ...from("roles"), changes: roles };
  const [were, are] = [permissionsOf(before), permissionsOf(after)];
  if (were.writes !== are.writes || were.changes !== are.changes)
    yield { kind: "group-permissions", ...from("permissions"), ...are };
  if (after.timer !== before.timer) yield { kind: "timer", ...from("timer"), seconds: after.timer };
}

/** Our person's invitation, by account or by phone number; undefined where there is none, or they accepted it. */
export const invitationOf = (
  { invited: all, members }: Pick<GroupState, "invited" | "members">,
  { own, ownNumber }: Pick<ChangeHead, "own" | "ownNumber">,
): GroupState["invited"][number] | undefined =>
  members.some(({ person }) => person === own)
    ? undefined
    : all.find(({ person }) => person === own || person === ownNumber);

/** That somebody invited our person, at a revision of the group. */
export function invited(
  by: PersonId,
  revision: number,
  { chat, at, names }: Pick<ChangeHead, "chat" | "at" | "names">,
): RemoteEvent {
  const senderName = names.get(by);
  const id = `group/${revision}/invited` as MessageId;
  return {
    kind: "group-invited",
    chat,
    sender: by,
    id,
    at,
    ...(senderName === undefined ? {} : { senderName }),
  };
}

const isIn = ({ members }: GroupState, person: PersonId): boolean =>
  members.some((member) => member.person === person);

/**
 * Signal decides apart on who changes what is said of a group and who adds to it; whoever may do one of them alone is
 * told at the attempt.
 */
export function permissionsOf({ access, announcementsOnly, terminated }: GroupState): GroupPermissions {
  const isForAll = (one: GroupState["access"]["members"]) => one === "anyone" || one === "members";
  return {
    writes: terminated ? "owner" : announcementsOnly ? "admin" : "member",
    changes: isForAll(access.attributes) && isForAll(access.members) ? "member" : "admin",
  };
}

function memberChanges(
  before: GroupState,
  after: GroupState,
  { own, names }: ChangeHead,
): readonly MemberChange[] {
  const [were, are] = [peopleOf(before), peopleOf(after)];
  const change = (person: PersonId, membership: MemberChange["membership"]): MemberChange => {
    const name = names.get(person);
    if (person === own) return { person: undefined, membership };
    return { person, membership, ...(name === undefined ? {} : { name }) };
  };
  return [
    ...Array.from(are)
      .filter((person) => !were.has(person))
      .map((person) => change(person, "joined")),
    ...Array.from(were)
      .filter((person) => !are.has(person))
      .map((person) => change(person, "left")),
  ];
}

/** Those who came as an admin are one from then on. */
function roleChanges(before: GroupState, after: GroupState, own: PersonId): readonly RoleChange[] {
  const admins = new Map(before.members.map(({ person, admin }) => [person, admin]));
  return after.members.flatMap(({ person, admin }) =>
    (admins.get(person) ?? false) === admin
      ? []
      : [{ person: person === own ? undefined : person, role: admin ? "admin" : "member" } as const],
  );
}

const peopleOf = ({ members }: GroupState): ReadonlySet<PersonId> =>
  new Set(members.map(({ person }) => person));
