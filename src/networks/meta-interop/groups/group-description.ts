import type { Role } from "../../../core/model/groups.ts";
import type { ChatId, PersonId } from "../../../core/model/ids.ts";
import type { Writes } from "../../../core/ports/store.ts";
import { nameIn } from "../convert/envelope.ts";
import { pictureIn } from "../convert/profile-picture.ts";
import { type GroupAbout, interopGroups, type StoredMember } from "../group-records.ts";
import { memberOf } from "../ids.ts";
import type { LoginContext } from "../session/login-context.ts";
import type { GroupDescription, GroupMemberNode } from "../wire/groups.ts";
import { node } from "../wire/node.ts";

/** The most members that are kept of one group; the network allows a tenth of that. */
const MOST_MEMBERS = 10_000;

const ROLES: Readonly<Record<GroupMemberNode["part"], Role>> = {
  member: "member",
  admin: "admin",
  superadmin: "owner",
};
const RANKS: Readonly<Record<Role, number>> = { member: 0, admin: 1, owner: 2 };

export type Member = Pick<StoredMember, "person" | "role" | "name">;

/** Who is named, each once; where roles contradict one another the least counts. Others than this network's are left out. */
export function membersIn(nodes: readonly GroupMemberNode[], server: string): readonly Member[] {
  const members = new Map<PersonId, Member>();
  for (const { jid, part, name } of nodes) {
    const person = memberOf(jid, server);
    if (person === undefined) continue;
    const role = ROLES[part];
    const before = members.get(person);
    if (!before && members.size >= MOST_MEMBERS) break;
    const least = before && RANKS[before.role] < RANKS[role] ? before.role : role;
    const called = name === undefined ? undefined : nameIn({ display_name: name });
    members.set(person, { person, role: least, name: called ?? before?.name });
  }
  return [...members.values()];
}

function aboutIn({ subject, description, picture, announcement, locked }: GroupDescription): GroupAbout {
  const avatar = (picture && pictureIn(node("group", {}, [picture]))) ?? "";
  return { subject, description, avatar, announcement, locked };
}

/** The writes of a whole description. Where somebody is no member any more, the next message makes a new sender key. */
export function describedWrites(
  { login, profile, clock }: LoginContext,
  chat: ChatId,
  description: GroupDescription,
  before: readonly StoredMember[],
): (tx: Writes) => void {
  const members = membersIn(description.members, profile.server);
  const about = aboutIn(description);
  const people = new Set(members.map(({ person }) => person));
  const gone = before.filter(({ person, leftAt }) => leftAt === undefined && !people.has(person));
  const at = clock.now();
  return (tx) => {
    const groups = tx.family(interopGroups);
    groups.setGroup(login, chat, about, at);
    for (const member of members) groups.setMember(login, chat, member);
    for (const { person } of gone) groups.setLeft(login, chat, person, at);
    if (gone.length > 0) groups.setDistribution(login, chat, undefined);
  };
}
