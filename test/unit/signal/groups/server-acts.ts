import { proto } from "../../../../tools/signal-mock/mock-server.ts";
import type { GroupActions } from "../../../../tools/signal-mock/signed-change.ts";
import { personNumber, type ServerGroup } from "./server-group.ts";

/** Who does everything. */
export const ADA = personNumber(0);

type State = ServerGroup["state"];
interface Doing {
  readonly actions: GroupActions;
  readonly state: Partial<State>;
}
/** What somebody does; undefined where the server would refuse it. */
type Act = (group: ServerGroup, state: State) => Doing | undefined;

const { DEFAULT, ADMINISTRATOR } = proto.Member.Role;
const { ANY, MEMBER, ADMINISTRATOR: ADMINS, UNSATISFIABLE } = proto.AccessControl.AccessRequired;
const ACCESSES = [ANY, MEMBER, ADMINS, UNSATISFIABLE] as const;
const roleBy = (number: number) => (number % 2 === 0 ? DEFAULT : ADMINISTRATOR);
const noAccess = proto.AccessControl.AccessRequired.UNKNOWN;

const same = (one: Uint8Array | null | undefined, other: Uint8Array): boolean =>
  one != null && Buffer.compare(one, other) === 0;

/** Every kind of change, by its name, of a person and with a number. */
export const acts: Readonly<Record<string, (person: string, number: number) => Act>> = {
  title: (_, number) => (group) => {
    const title = group.blob({ title: `Titel ${number} 🚲` });
    return { actions: { modifyTitle: { title } }, state: { title } };
  },
  description: (_, number) => (group) => {
    const description =
      number % 2 === 0 ? group.blob({ descriptionText: `Over ${number}` }) : new Uint8Array();
    return { actions: { modifyDescription: { description } }, state: { description } };
  },
  avatar: (_, number) => () => {
    const avatar = number % 3 === 0 ? "" : `groups/${number}`;
    return { actions: { modifyAvatar: { avatar } }, state: { avatarUrl: avatar } };
  },
  timer: (_, number) => (group) => {
    const timer = group.blob({ disappearingMessagesDuration: number * 60 });
    return {
      actions: { modifyDisappearingMessageTimer: { timer } },
      state: { disappearingMessagesTimer: timer },
    };
  },
  announcements: (_, number) => () => {
    const announcementsOnly = number % 2 === 0;
    return { actions: { modifyAnnouncementsOnly: { announcementsOnly } }, state: { announcementsOnly } };
  },
  access:
    (_, number) =>
    (_group, { accessControl }) => {
      const access = ACCESSES[number % ACCESSES.length] ?? MEMBER;
      const none = {
        attributes: noAccess,
        members: noAccess,
        addFromInviteLink: noAccess,
        memberLabel: null,
      };
      const before = { ...none, ...accessControl };
      const which = number % 3;
      return which === 0
        ? {
            actions: { modifyAttributesAccess: { attributesAccess: access } },
            state: { accessControl: { ...before, attributes: access } },
          }
        : which === 1
          ? {
              actions: { modifyMemberAccess: { membersAccess: access } },
              state: { accessControl: { ...before, members: access } },
            }
          : {
              actions: { modifyAddFromInviteLinkAccess: { addFromInviteLinkAccess: access } },
              state: { accessControl: { ...before, addFromInviteLink: access } },
            };
    },
  add:
    (person, number) =>
    (group, { members }) => {
      if (has(members, group, person)) return undefined;
      const added = group.member(person, { role: roleBy(number), fill: number });
      const rest = without(group, person);
      return {
        actions: { addMembers: [{ added, joinFromInviteLink: null }] },
        state: { ...rest, members: [...(members ?? []), added] },
      };
    },
  remove:
    (person) =>
    (group, { members }) => {
      if (!has(members, group, person)) return undefined;
      const deletedUserId = group.userId(person);
      return {
        actions: { deleteMembers: [{ deletedUserId }] },
        state: { members: (members ?? []).filter(({ userId }) => !same(userId, deletedUserId)) },
      };
    },
  role:
    (person, number) =>
    (group, { members }) => {
      if (!has(members, group, person)) return undefined;
      const userId = group.userId(person);
      const role = roleBy(number);
      return {
        actions: { modifyMemberRoles: [{ userId, role }] },
        state: { members: (members ?? []).map((one) => (same(one.userId, userId) ? { ...one, role } : one)) },
      };
    },
  profileKey:
    (person, number) =>
    (group, { members }) => {
      if (!has(members, group, person)) return undefined;
      const [userId, profileKey] = [group.userId(person), group.profileKey(person, number)];
      return {
        actions: { modifyMemberProfileKeys: [{ userId, profileKey, presentation: null }] },
        state: {
          members: (members ?? []).map((one) => (same(one.userId, userId) ? { ...one, profileKey } : one)),
        },
      };
    },
  invite:
    (person, number) =>
    (group, { members, membersPendingProfileKey: invited }) => {
      const pni = number % 3 === 0;
      const userId = group.userId(person, pni);
      if (has(members, group, person) || (invited ?? []).some(({ member }) => same(member?.userId, userId)))
        return undefined;
      const member = { ...group.member(person, { role: roleBy(number) }), userId, profileKey: null };
      const added = { member, addedByUserId: group.userId(ADA), timestamp: 5n };
      return {
        actions: { addMembersPendingProfileKey: [{ added }] },
        state: { membersPendingProfileKey: [...(invited ?? []), added] },
      };
    },
  accept:
    (person, number) =>
    (group, { members, membersPendingProfileKey: invited }) => {
      const [byAci, byPni] = [group.userId(person), group.userId(person, true)];
      const entry = (invited ?? []).find(
        ({ member }) => same(member?.userId, byAci) || same(member?.userId, byPni),
      );
      if (!entry || has(members, group, person)) return undefined;
      const isPni = same(entry.member?.userId, byPni);
      const joined = { ...group.member(person, { fill: number }), role: entry.member?.role ?? DEFAULT };
      const { userId, profileKey } = joined;
      const promoted = { userId, profileKey, presentation: null };
      const left = (invited ?? []).filter((one) => one !== entry && !same(one.member?.userId, byAci));
      return {
        actions: isPni
          ? { promoteMembersPendingPniAciProfileKey: [{ ...promoted, pni: byPni }] }
          : { promoteMembersPendingProfileKey: [promoted] },
        state: {
          ...without(group, person),
          membersPendingProfileKey: left,
          members: [...(members ?? []), joined],
        },
      };
    },
  decline:
    (person) =>
    (group, { membersPendingProfileKey: invited }) => {
      const deletedUserId = group.userId(person);
      if (!(invited ?? []).some(({ member }) => same(member?.userId, deletedUserId))) return undefined;
      return {
        actions: { deleteMembersPendingProfileKey: [{ deletedUserId }] },
        state: {
          membersPendingProfileKey: (invited ?? []).filter(
            ({ member }) => !same(member?.userId, deletedUserId),
          ),
        },
      };
    },
  ask:
    (person, number) =>
    (group, { members, membersPendingAdminApproval: asking }) => {
      const userId = group.userId(person);
      if (has(members, group, person) || (asking ?? []).some((one) => same(one.userId, userId)))
        return undefined;
      const added = {
        userId,
        profileKey: group.profileKey(person, number),
        presentation: null,
        timestamp: 7n,
      };
      return {
        actions: { addMembersPendingAdminApproval: [{ added }] },
        state: { membersPendingAdminApproval: [...(asking ?? []), added] },
      };
    },
  admit:
    (person) =>
    (group, { members, membersPendingAdminApproval: asking }) => {
      const userId = group.userId(person);
      const entry = (asking ?? []).find((one) => same(one.userId, userId));
      if (!entry || has(members, group, person)) return undefined;
      const joined = { ...group.member(person), profileKey: entry.profileKey };
      return {
        actions: { promoteMembersPendingAdminApproval: [{ userId, role: DEFAULT }] },
        state: { ...without(group, person), members: [...(members ?? []), joined] },
      };
    },
  ban:
    (person) =>
    (group, { membersBanned: banned }) => {
      const userId = group.userId(person);
      if ((banned ?? []).some((one) => same(one.userId, userId))) return undefined;
      const added = { userId, timestamp: 9n };
      return {
        actions: { addMembersBanned: [{ added }] },
        state: { membersBanned: [...(banned ?? []), added] },
      };
    },
  unban:
    (person) =>
    (group, { membersBanned: banned }) => {
      const deletedUserId = group.userId(person);
      if (!(banned ?? []).some((one) => same(one.userId, deletedUserId))) return undefined;
      return {
        actions: { deleteMembersBanned: [{ deletedUserId }] },
        state: { membersBanned: (banned ?? []).filter((one) => !same(one.userId, deletedUserId)) },
      };
    },
  link: (_, number) => () => {
    const inviteLinkPassword = new Uint8Array(16).fill(number);
    return { actions: { modifyInviteLinkPassword: { inviteLinkPassword } }, state: { inviteLinkPassword } };
  },
  end: () => () => ({ actions: { terminateGroup: {} }, state: { terminated: true } }),
};

function has(members: State["members"], group: ServerGroup, person: string): boolean {
  const userId = group.userId(person);
  return (members ?? []).some((one) => same(one.userId, userId));
}

/** Who becomes a member is invited and waiting no more. */
function without(group: ServerGroup, person: string): Partial<State> {
  const userId = group.userId(person);
  const { membersPendingProfileKey, membersPendingAdminApproval } = group.state;
  return {
    membersPendingProfileKey: (membersPendingProfileKey ?? []).filter(
      ({ member }) => !same(member?.userId, userId),
    ),
    membersPendingAdminApproval: (membersPendingAdminApproval ?? []).filter(
      (one) => !same(one.userId, userId),
    ),
  };
}
