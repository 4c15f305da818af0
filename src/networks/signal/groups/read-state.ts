import { setImmediate } from "node:timers/promises";
import { cutText } from "../../../core/model/cut-text.ts";
import type { PersonId } from "../../../core/model/ids.ts";
import type { GroupState } from "../group-records.ts";
import { malformed, WireError } from "../wire/errors.ts";
import { type Group, GroupSchema } from "../wire/gen/groups_pb.js";
import { decodeWhole } from "../wire/protobuf.ts";
import type { GroupCipher } from "./group-cipher.ts";
import { accessOf, isAdmin } from "./group-numbers.ts";

/** The most people of a group: Signal's own limit is about a thousand. */
export const MOST_PEOPLE = 5_000;
/** UTF-16 units of what Signal's apps let somebody write far less of. */
export const LONGEST_TITLE = 1_000;
const LONGEST_DESCRIPTION = 10_000;
/** How many people are decrypted in one turn, at a millisecond or so each. */
const SLICE = 15;

export const titleIn = (cipher: GroupCipher, sealed: Uint8Array): string => {
  const content = cipher.blob(sealed);
  return content?.case === "title" ? cutText(content.value, LONGEST_TITLE) : "";
};

export const descriptionIn = (cipher: GroupCipher, sealed: Uint8Array): string => {
  const content = cipher.blob(sealed);
  return content?.case === "descriptionText" ? cutText(content.value, LONGEST_DESCRIPTION) : "";
};

/** Seconds. */
export const timerIn = (cipher: GroupCipher, sealed: Uint8Array): number => {
  const content = cipher.blob(sealed);
  return content?.case === "disappearingMessagesDuration" ? content.value : 0;
};

/** As {@link readState}, of the bytes. */
export const decodeState = async (cipher: GroupCipher, bytes: Uint8Array): Promise<GroupState> =>
  readState(cipher, decodeWhole(GroupSchema, bytes));

/** Throws `malformed`, and `too-long` for a group of more people than can be. */
export async function readState(cipher: GroupCipher, group: Group): Promise<GroupState> {
  const { members, membersPendingProfileKey: invited, membersPendingAdminApproval: requesting } = group;
  const count = members.length + invited.length + requesting.length + group.membersBanned.length;
  if (count > MOST_PEOPLE) throw new WireError("too-long", `${count} people of a group`);
  if (!cipher.hasPublicParams(group.publicKey)) throw malformed("the state of another group");
  let turn = 0;
  const people = async <Item, Read>(items: readonly Item[], read: (item: Item) => Read | undefined) => {
    const all: Read[] = [];
    for (const item of items) {
      const one = read(item);
      if (one !== undefined) all.push(one);
      turn += 1;
      if (turn % SLICE === 0) await setImmediate();
    }
    return all;
  };
  return {
    revision: group.version,
    title: titleIn(cipher, group.title),
    description: descriptionIn(cipher, group.description),
    avatar: cutText(group.avatarUrl, LONGEST_TITLE),
    timer: timerIn(cipher, group.disappearingMessagesTimer),
    access: {
      attributes: accessOf(group.accessControl?.attributes),
      members: accessOf(group.accessControl?.members),
      link: accessOf(group.accessControl?.addFromInviteLink),
    },
    announcementsOnly: group.announcementsOnly,
    terminated: group.terminated,
    linkPassword: Buffer.from(group.inviteLinkPassword).toString("base64"),
    members: sorted(await people(members, (member) => memberIn(cipher, member))),
    invited: sorted(await people(invited, (one) => invitedIn(cipher, one))),
    requesting: sorted(await people(requesting, (one) => requestingIn(cipher, one))),
    banned: (await people(group.membersBanned, ({ userId }) => cipher.person(userId))).toSorted(),
  };
}

type MemberMessage = Group["members"][number];

export function memberIn(
  cipher: GroupCipher,
  { userId, role, profileKey }: MemberMessage,
): GroupState["members"][number] | undefined {
  const person = cipher.person(userId);
  return person && { person, admin: isAdmin(role), profileKey: cipher.profileKey(profileKey, person) };
}

export function invitedIn(
  cipher: GroupCipher,
  { member, addedByUserId }: Group["membersPendingProfileKey"][number],
): GroupState["invited"][number] | undefined {
  const person = member && cipher.person(member.userId);
  if (!member || person === undefined) return undefined;
  return { person, admin: isAdmin(member.role), by: cipher.person(addedByUserId) ?? person };
}

export function requestingIn(
  cipher: GroupCipher,
  { userId, profileKey }: Group["membersPendingAdminApproval"][number],
): GroupState["requesting"][number] | undefined {
  const person = cipher.person(userId);
  return person && { person, profileKey: cipher.profileKey(profileKey, person) };
}

/** In one order, however the news came; of two entries of one person the first counts. */
export function sorted<Item extends { readonly person: PersonId }>(items: readonly Item[]): readonly Item[] {
  const byPerson = new Map(items.toReversed().map((item) => [item.person, item]));
  return [...byPerson.values()].toSorted((one, other) => (one.person < other.person ? -1 : 1));
}
