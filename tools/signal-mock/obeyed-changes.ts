import type { Server as MockServer, Proto } from "@signalapp/mock-server";
import { EMPTY_GROUP_ACTIONS, proto } from "./mock-server.ts";
import { isSame } from "./same-bytes.ts";
import type { GroupActions, GroupInternals } from "./signed-change.ts";

type Actions = Proto.GroupChange.Actions.Params;
type State = Proto.Group.Params;
type Modifying = Parameters<MockServer["modifyGroup"]>[0];
type Modified = Awaited<ReturnType<MockServer["modifyGroup"]>>;

/** What of the mock's group checks the proof of somebody's profile key. */
interface Prover {
  unrollMember(member: Proto.Member.Params): Proto.Member.Params;
}

const { ADMINISTRATOR } = proto.Member.Role;

/**
 * Changes a group as the mock does, and carries out what it takes and ignores: members put in, roles, the description,
 * the picture, who may do what, invitations taken back, requests to join and bans. The mock judges the rest, checks the
 * proofs, and signs all.
 */
export async function obey(
  asked: Modifying,
  modify: (asked: Modifying) => Promise<Modified>,
): Promise<Modified> {
  const { actions } = asked;
  const group = asked.group as object as GroupInternals & Prover;
  const own = [asked.aciCiphertext, asked.pniCiphertext].filter((id) => id !== undefined);
  const isOwn = ({ deletedUserId }: { readonly deletedUserId: Uint8Array | null }): boolean =>
    own.some((id) => isSame(id, deletedUserId));
  const before = group.state;
  const isAdmin = before.members?.some(
    ({ userId, role }) => isSame(asked.aciCiphertext, userId) && role === ADMINISTRATOR,
  );
  const withdrawn = (actions.deleteMembersPendingProfileKey ?? []).filter((one) => !isOwn(one));
  const theirs = {
    ...actions,
    deleteMembersPendingProfileKey: actions.deleteMembersPendingProfileKey?.filter(isOwn) ?? [],
  };
  const modified = await modify({ ...asked, actions: theirs });
  const change = group.privChanges.groupChanges.at(-1);
  if (modified.conflict || !change) return modified;
  if (!isAdmin && (withdrawn.length > 0 || ADMINS.some((name) => isAsked(actions[name])))) {
    group.privChanges.groupChanges.pop();
    throw new Error("only an admin may do that");
  }
  const { applied, state } = carriedOut(actions, change.groupState, group, withdrawn);
  const made = proto.GroupChange.Actions.decode(modified.signedChange.actions ?? new Uint8Array());
  const bytes = Uint8Array.from(
    proto.GroupChange.Actions.encode({ ...EMPTY_GROUP_ACTIONS, ...made, ...applied }),
  );
  const { changeEpoch } = modified.signedChange;
  change.groupChange = { actions: bytes, changeEpoch, serverSignature: null };
  change.groupState = { ...change.groupState, ...state };
  const serverSignature = Uint8Array.from(group.zkSecret.sign(bytes).serialize());
  return { conflict: false, signedChange: { actions: bytes, changeEpoch, serverSignature } };
}

/** What only admins do, beside what the group's own rules say. */
const ADMINS = [
  "modifyMemberRoles",
  "modifyAnnouncementsOnly",
  "modifyAttributesAccess",
  "modifyMemberAccess",
  "modifyAddFromInviteLinkAccess",
  "modifyInviteLinkPassword",
  "promoteMembersPendingAdminApproval",
  "deleteMembersPendingAdminApproval",
  "addMembersBanned",
  "deleteMembersBanned",
] as const satisfies readonly (keyof Actions)[];

const isAsked = (action: object | null): boolean =>
  action !== null && (!Array.isArray(action) || action.length > 0);

function carriedOut(
  actions: Actions,
  before: State,
  prover: Prover,
  withdrawn: NonNullable<Actions["deleteMembersPendingProfileKey"]>,
): { readonly applied: GroupActions; readonly state: Partial<State> } {
  const { modifyMemberRoles: roles, modifyDescription, modifyAvatar, modifyAnnouncementsOnly } = actions;
  const { modifyAttributesAccess, modifyMemberAccess, modifyAddFromInviteLinkAccess } = actions;
  const added = (actions.addMembers ?? []).flatMap(({ added: member }) =>
    member ? [prover.unrollMember(member)] : [],
  );
  const approved = actions.promoteMembersPendingAdminApproval ?? [];
  const refusedIds = (actions.deleteMembersPendingAdminApproval ?? []).map(
    ({ deletedUserId }) => deletedUserId,
  );
  const requesting = before.membersPendingAdminApproval ?? [];
  const joined = requesting.flatMap(({ userId, profileKey }) => {
    const approval = approved.find((one) => isSame(one.userId, userId));
    return approval ? [{ ...NOBODY, userId, profileKey, role: approval.role }] : [];
  });
  const members = [...(before.members ?? []), ...added, ...joined].map((member) => {
    const change = roles?.find(({ userId }) => isSame(userId, member.userId));
    return change ? { ...member, role: change.role } : member;
  });
  const gone = [...approved.map(({ userId }) => userId), ...refusedIds];
  return {
    applied: {
      ...only(actions, ["modifyMemberRoles", "modifyDescription", "modifyAvatar", "modifyAnnouncementsOnly"]),
      ...only(actions, ["modifyAttributesAccess", "modifyMemberAccess", "modifyAddFromInviteLinkAccess"]),
      ...only(actions, ["promoteMembersPendingAdminApproval", "deleteMembersPendingAdminApproval"]),
      ...only(actions, ["modifyInviteLinkPassword", "deleteMembersBanned"]),
      ...(added.length > 0 && { addMembers: added.map((one) => ({ added: one, joinFromInviteLink: null })) }),
      ...(withdrawn.length > 0 && { deleteMembersPendingProfileKey: withdrawn }),
    },
    state: {
      members,
      membersPendingAdminApproval: requesting.filter(({ userId }) => !gone.some((id) => isSame(id, userId))),
      membersPendingProfileKey: (before.membersPendingProfileKey ?? []).filter(
        ({ member }) => !withdrawn.some(({ deletedUserId }) => isSame(deletedUserId, member?.userId)),
      ),
      ...(modifyDescription && { description: modifyDescription.description }),
      ...(modifyAvatar && { avatarUrl: modifyAvatar.avatar }),
      ...(modifyAnnouncementsOnly && { announcementsOnly: modifyAnnouncementsOnly.announcementsOnly }),
      accessControl: {
        memberLabel: null,
        addFromInviteLink: null,
        attributes: null,
        members: null,
        ...before.accessControl,
        ...(modifyAttributesAccess && { attributes: modifyAttributesAccess.attributesAccess }),
        ...(modifyMemberAccess && { members: modifyMemberAccess.membersAccess }),
        ...(modifyAddFromInviteLinkAccess && {
          addFromInviteLink: modifyAddFromInviteLinkAccess.addFromInviteLinkAccess,
        }),
      },
    },
  };
}

const NOBODY: Proto.Member.Params = {
  userId: null,
  role: null,
  profileKey: null,
  presentation: null,
  joinedAtVersion: null,
  labelEmoji: null,
  labelString: null,
};

function only(actions: Actions, names: readonly (keyof Actions)[]): GroupActions {
  return Object.fromEntries(
    names.flatMap((name) => (isAsked(actions[name] as object | null) ? [[name, actions[name]]] : [])),
  );
}
