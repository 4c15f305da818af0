import { cutText } from "../../../core/model/cut-text.ts";
import type { PersonId } from "../../../core/model/ids.ts";
import type { GroupState } from "../group-records.ts";
import type { GroupChange_Actions as Actions } from "../wire/gen/groups_pb.js";
import type { GroupCipher } from "./group-cipher.ts";
import { accessOf, isAdmin } from "./group-numbers.ts";
import {
  descriptionIn,
  invitedIn,
  LONGEST_TITLE,
  MOST_PEOPLE,
  memberIn,
  requestingIn,
  sorted,
  timerIn,
  titleIn,
} from "./read-state.ts";

type Member = GroupState["members"][number];

/** The people of a group while a change is applied. */
interface People {
  readonly members: Map<PersonId, Member>;
  readonly invited: Map<PersonId, GroupState["invited"][number]>;
  readonly requesting: Map<PersonId, GroupState["requesting"][number]>;
  readonly banned: Set<PersonId>;
}

/** The most people that one change is about, which are decrypted in one turn; of more the state is fetched. */
const MOST_AT_ONCE = 30;

/** Thrown where a change does not fit what it is applied to. */
class Contradiction extends Error {}

/**
 * The state after a change that the server signed; undefined where the change does not follow the state, or is too large:
 * then the state is to be fetched.
 */
export function applyChange(
  state: GroupState,
  actions: Actions,
  cipher: GroupCipher,
): GroupState | undefined {
  if (actions.version !== state.revision + 1 || countPeople(actions) > MOST_AT_ONCE) return undefined;
  const people: People = {
    members: byPerson(state.members),
    invited: byPerson(state.invited),
    requesting: byPerson(state.requesting),
    banned: new Set(state.banned),
  };
  try {
    applyMembers(people, actions, cipher);
    applyInvited(people, actions, cipher);
    applyRequesting(people, actions, cipher);
    applyBanned(people, actions, cipher);
  } catch (error) {
    if (error instanceof Contradiction) return undefined;
    throw error;
  }
  const { members, invited, requesting, banned } = people;
  for (const person of members.keys()) {
    invited.delete(person);
    requesting.delete(person);
  }
  if (members.size + invited.size + requesting.size + banned.size > MOST_PEOPLE) return undefined;
  return {
    ...state,
    ...attributesAfter(state, actions, cipher),
    revision: actions.version,
    members: sorted([...members.values()]),
    ...formerAfter(state, members, actions.version),
    invited: sorted([...invited.values()]),
    requesting: sorted([...requesting.values()]),
    banned: [...banned].toSorted(),
  };
}

/** The most people who left of whom that is remembered. */
const MOST_FORMER = 50;

/** Who left before, and with the revision that a state leads to. */
export function formerAfter(
  { members, former = [] }: Pick<GroupState, "members" | "former">,
  after: Pick<ReadonlyMap<PersonId, unknown>, "has">,
  until: number,
): Pick<GroupState, "former"> {
  const left = members
    .filter(({ person }) => !after.has(person))
    .map(({ person, admin }) => ({ person, admin, until }));
  const all = [...former, ...left].slice(-MOST_FORMER);
  return all.length === 0 ? {} : { former: all };
}

/** Who made a change: an account also where it was made by its phone number's invitation. */
export function actorOf(actions: Actions, cipher: GroupCipher): PersonId | undefined {
  const source = cipher.person(actions.sourceUserId);
  for (const { pni, userId } of actions.promoteMembersPendingPniAciProfileKey)
    if (source !== undefined && cipher.person(pni) === source) return cipher.person(userId);
  return source;
}

function applyMembers({ members }: People, actions: Actions, cipher: GroupCipher): void {
  for (const { added } of actions.addMembers) put(members, added && memberIn(cipher, added));
  for (const { deletedUserId } of actions.deleteMembers) remove(members, cipher.person(deletedUserId));
  for (const { userId, role } of actions.modifyMemberRoles) {
    const member = existing(members, cipher.person(userId));
    members.set(member.person, { ...member, admin: isAdmin(role) });
  }
  for (const { userId, profileKey } of actions.modifyMemberProfileKeys) {
    const member = existing(members, cipher.person(userId));
    members.set(member.person, { ...member, profileKey: cipher.profileKey(profileKey, member.person) });
  }
}

function applyInvited({ members, invited }: People, actions: Actions, cipher: GroupCipher): void {
  for (const { added } of actions.addMembersPendingProfileKey)
    put(invited, added && invitedIn(cipher, added));
  for (const { deletedUserId } of actions.deleteMembersPendingProfileKey)
    remove(invited, cipher.person(deletedUserId));
  for (const { userId, profileKey } of actions.promoteMembersPendingProfileKey) {
    const person = cipher.person(userId);
    const { admin } = remove(invited, person);
    put(members, joined(cipher, person, profileKey, admin));
  }
  for (const { userId, pni, profileKey } of actions.promoteMembersPendingPniAciProfileKey) {
    const { admin } = remove(invited, cipher.person(pni));
    put(members, joined(cipher, cipher.person(userId), profileKey, admin));
  }
}

function applyRequesting({ members, requesting }: People, actions: Actions, cipher: GroupCipher): void {
  for (const { added } of actions.addMembersPendingAdminApproval)
    put(requesting, added && requestingIn(cipher, added));
  for (const { deletedUserId } of actions.deleteMembersPendingAdminApproval)
    remove(requesting, cipher.person(deletedUserId));
  for (const { userId, role } of actions.promoteMembersPendingAdminApproval) {
    const { person, profileKey } = remove(requesting, cipher.person(userId));
    put(members, { person, profileKey, admin: isAdmin(role) });
  }
}

function applyBanned({ banned }: People, actions: Actions, cipher: GroupCipher): void {
  for (const { deletedUserId } of actions.deleteMembersBanned) {
    const person = cipher.person(deletedUserId);
    if (person === undefined || !banned.delete(person)) throw new Contradiction();
  }
  for (const { added } of actions.addMembersBanned) {
    const person = added && cipher.person(added.userId);
    if (person !== undefined) banned.add(person);
  }
}

function attributesAfter(before: GroupState, actions: Actions, cipher: GroupCipher): Partial<GroupState> {
  const { modifyTitle: title, modifyDescription: description, modifyAvatar: avatar } = actions;
  const { modifyDisappearingMessageTimer: timer, modifyInviteLinkPassword: link } = actions;
  const { modifyAttributesAccess, modifyMemberAccess, modifyAddFromInviteLinkAccess } = actions;
  const { modifyAnnouncementsOnly: announcements } = actions;
  const access = {
    ...before.access,
    ...(modifyAttributesAccess && { attributes: accessOf(modifyAttributesAccess.attributesAccess) }),
    ...(modifyMemberAccess && { members: accessOf(modifyMemberAccess.membersAccess) }),
    ...(modifyAddFromInviteLinkAccess && {
      link: accessOf(modifyAddFromInviteLinkAccess.addFromInviteLinkAccess),
    }),
  };
  return {
    access,
    ...(title && { title: titleIn(cipher, title.title) }),
    ...(description && { description: descriptionIn(cipher, description.description) }),
    ...(avatar && { avatar: cutText(avatar.avatar, LONGEST_TITLE) }),
    ...(timer && { timer: timerIn(cipher, timer.timer) }),
    ...(link && { linkPassword: Buffer.from(link.inviteLinkPassword).toString("base64") }),
    ...(announcements && { announcementsOnly: announcements.announcementsOnly }),
    ...(actions.terminateGroup && { terminated: true }),
  };
}

const countPeople = (actions: Actions): number =>
  Object.values(actions).reduce(
    (count: number, some: unknown) => count + (Array.isArray(some) ? some.length : 0),
    0,
  );

const byPerson = <Item extends { readonly person: PersonId }>(items: readonly Item[]): Map<PersonId, Item> =>
  new Map(items.map((item) => [item.person, item]));

function joined(
  cipher: GroupCipher,
  person: PersonId | undefined,
  profileKey: Uint8Array,
  admin: boolean,
): Member | undefined {
  return person && { person, admin, profileKey: cipher.profileKey(profileKey, person) };
}

function put<Item extends { readonly person: PersonId }>(
  items: Map<PersonId, Item>,
  item: Item | undefined,
): void {
  if (item === undefined || items.has(item.person)) throw new Contradiction();
  items.set(item.person, item);
}

function existing<Item>(items: ReadonlyMap<PersonId, Item>, person: PersonId | undefined): Item {
  const item = person && items.get(person);
  if (!item) throw new Contradiction();
  return item;
}

function remove<Item>(items: Map<PersonId, Item>, person: PersonId | undefined): Item {
  const item = existing(items, person);
  if (person !== undefined) items.delete(person);
  return item;
}
