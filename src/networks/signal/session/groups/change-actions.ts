import type { MessageInitShape } from "@bufbuild/protobuf";
import type { GroupChange } from "../../../../core/model/groups.ts";
import type { PersonId } from "../../../../core/model/ids.ts";
import type { GroupState } from "../../group-records.ts";
import type { GroupCipher } from "../../groups/group-cipher.ts";
import { accessNumber, ROLE } from "../../groups/group-numbers.ts";
import type { GroupChange_ActionsSchema as ActionsSchema } from "../../wire/gen/groups_pb.js";
import { sealedBlob } from "./group-blobs.ts";
import { refused } from "./group-refusals.ts";
import type { MemberProof } from "./member-proofs.ts";
import type { OpenGroup } from "./open-group.ts";

export type Actions = Exclude<MessageInitShape<typeof ActionsSchema>, { $typeName: string }>;

/** What a change is in the eyes of the server of groups; undefined where the group is so already. */
export interface ChangeParts {
  readonly own: PersonId;
  readonly ownNumber: PersonId | undefined;
  readonly presentationOf: MemberProof;
  /** Brings a picture of the homeserver's to Signal's host, and answers its path there. Throws BridgeError. */
  readonly pictureOf: (cipher: GroupCipher, uri: string) => Promise<string>;
}

/** Throws BridgeError in words where the change cannot be. */
export async function actionsFor(
  change: GroupChange,
  group: Pick<OpenGroup, "cipher" | "state">,
  parts: ChangeParts,
): Promise<Actions | undefined> {
  const { cipher, state } = group;
  const { own } = parts;
  if (change.kind === "leave") return leaving(state, cipher, parts);
  const self = state.members.find(({ person }) => person === own);
  if (!self) throw refused("You are not in this group any more, so you cannot change it.");
  if (state.terminated) throw refused("This group is over: nobody can change it any more.");
  const isAllowed = (access: GroupState["access"]["members"]): boolean =>
    access === "members" || access === "anyone" || (access === "admins" && self.admin);
  switch (change.kind) {
    case "name":
      requireAccess(isAllowed(state.access.attributes), "change the group's name");
      if (change.name.trim() === "") throw refused("Signal takes no group without a name.");
      if (change.name === state.title) return undefined;
      return { modifyTitle: { title: sealedBlob(cipher, { case: "title", value: change.name }) } };
    case "topic":
      requireAccess(isAllowed(state.access.attributes), "change the group's description");
      if (change.topic === state.description) return undefined;
      return {
        modifyDescription: {
          description: sealedBlob(cipher, { case: "descriptionText", value: change.topic }),
        },
      };
    case "avatar":
      requireAccess(isAllowed(state.access.attributes), "change the group's picture");
      if (change.uri === "" && state.avatar === "") return undefined;
      return { modifyAvatar: { avatar: change.uri === "" ? "" : await parts.pictureOf(cipher, change.uri) } };
    case "add":
      requireAccess(isAllowed(state.access.members), "add members");
      return adding(change.person, group, parts);
    case "remove":
      requireAccess(self.admin, "remove members");
      return removing(change.person, group);
    case "role": {
      requireAccess(self.admin, "say who is an admin");
      const member = state.members.find(({ person }) => person === change.person);
      if (!member) throw refused(`${change.name} is not in this group.`);
      const admin = change.role !== "member";
      if (member.admin === admin) return undefined;
      const role = admin ? ROLE.admin : ROLE.member;
      return { modifyMemberRoles: [{ userId: cipher.userId(change.person), role }] };
    }
    case "permission":
      requireAccess(self.admin, "say who may do what in it");
      return permitting(change, state);
    case "timer":
      requireAccess(isAllowed(state.access.attributes), "set when its messages disappear");
      if (change.seconds === state.timer) return undefined;
      return {
        modifyDisappearingMessageTimer: {
          timer: sealedBlob(cipher, { case: "disappearingMessagesDuration", value: change.seconds }),
        },
      };
  }
}

/** Signal decides apart on what is said of a group and on who adds to it; a room's person on both at once. */
function permitting(
  { what, role }: Extract<GroupChange, { readonly kind: "permission" }>,
  { access, announcementsOnly }: GroupState,
): Actions | undefined {
  if (role === "owner") throw refused("Signal's groups have members and admins, and no owner.");
  const isForAdmins = role === "admin";
  if (what === "writes") {
    if (announcementsOnly === isForAdmins) return undefined;
    return { modifyAnnouncementsOnly: { announcementsOnly: isForAdmins } };
  }
  const wanted = isForAdmins ? "admins" : "members";
  const number = accessNumber(wanted);
  if (access.attributes === wanted && access.members === wanted) return undefined;
  return {
    ...(access.attributes !== wanted && { modifyAttributesAccess: { attributesAccess: number } }),
    ...(access.members !== wanted && { modifyMemberAccess: { membersAccess: number } }),
  };
}

async function adding(
  person: PersonId,
  { cipher, state }: Pick<OpenGroup, "cipher" | "state">,
  { presentationOf }: ChangeParts,
): Promise<Actions | undefined> {
  const isIn = ({ person: one }: { readonly person: PersonId }): boolean => one === person;
  if (state.members.some(isIn) || state.invited.some(isIn)) return undefined;
  const userId = cipher.userId(person);
  const pardoned = state.banned.includes(person) ? { deleteMembersBanned: [{ deletedUserId: userId }] } : {};
  const role = ROLE.member;
  if (state.requesting.some(isIn))
    return { ...pardoned, promoteMembersPendingAdminApproval: [{ userId, role }] };
  const presentation = await presentationOf(person, cipher);
  return presentation
    ? { ...pardoned, addMembers: [{ added: { role, presentation } }] }
    : { ...pardoned, addMembersPendingProfileKey: [{ added: { member: { userId, role } } }] };
}

function removing(
  person: PersonId,
  { cipher, state }: Pick<OpenGroup, "cipher" | "state">,
): Actions | undefined {
  const isThem = ({ person: one }: { readonly person: PersonId }): boolean => one === person;
  const deleted = [{ deletedUserId: cipher.userId(person) }];
  if (state.members.some(isThem)) return { deleteMembers: deleted };
  if (state.invited.some(isThem)) return { deleteMembersPendingProfileKey: deleted };
  if (state.requesting.some(isThem)) return { deleteMembersPendingAdminApproval: deleted };
  return undefined;
}

/** Also of an invitation, which is declined so. */
function leaving(
  state: GroupState,
  cipher: GroupCipher,
  { own, ownNumber }: ChangeParts,
): Actions | undefined {
  const others = state.members.filter(({ person }) => person !== own);
  const self = state.members.find(({ person }) => person === own);
  if (self) {
    if (self.admin && others.length > 0 && !others.some(({ admin }) => admin))
      throw refused(
        "You are the only admin of this group. Make somebody else one first, so that it stays with somebody.",
      );
    return { deleteMembers: [{ deletedUserId: cipher.userId(own) }] };
  }
  const invited = state.invited.find(({ person }) => person === own || person === ownNumber);
  return invited && { deleteMembersPendingProfileKey: [{ deletedUserId: cipher.userId(invited.person) }] };
}

/** Makes our person a member who was invited. Throws BridgeError. */
export async function acceptance(
  { cipher, state }: Pick<OpenGroup, "cipher" | "state">,
  { own, ownNumber, presentationOf }: ChangeParts,
): Promise<Actions | undefined> {
  if (state.members.some(({ person }) => person === own)) return undefined;
  const invited = state.invited.find(({ person }) => person === own || person === ownNumber);
  if (!invited)
    throw refused("The invitation to this group is there no more. Ask somebody in it to invite you again.");
  const presentation = await presentationOf(own, cipher);
  if (!presentation) throw refused("Signal does not accept your profile at the moment. Try again later.");
  return invited.person === own
    ? { promoteMembersPendingProfileKey: [{ presentation }] }
    : { promoteMembersPendingPniAciProfileKey: [{ presentation }] };
}

function requireAccess(isAllowed: boolean, what: string): void {
  if (!isAllowed) throw refused(`Only admins of this group may ${what}. Ask one of them.`);
}
