import { cutText } from "../../../core/model/cut-text.ts";
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
export const MOST_MEMBERS = 10_000;
/** UTF-16 units that are kept of a name and of what a group is about; the network allows a tenth. */
const LONGEST_SUBJECT = 1_000;
const LONGEST_DESCRIPTION = 20_000;

const ROLES: Readonly<Record<GroupMemberNode["part"], Role>> = {
  member: "member",
  admin: "admin",
  superadmin: "owner",
};
const RANKS: Readonly<Record<Role, number>> = { member: 0, admin: 1, owner: 2 };

export type Member = Pick<StoredMember, "person" | "role" | "name">;

/**
 * Who is named, each once; where roles contradict one another the least counts. Others than this network's are left out.
 * Of too many our person and admins are there before others.
 */
export class MemberList {
  readonly #nodes: readonly GroupMemberNode[];
  readonly #server: string;
  readonly #members = new Map<PersonId, Member>();
  #at = 0;

  constructor(
    nodes: readonly GroupMemberNode[],
    { profile: { server }, own }: Pick<LoginContext, "profile" | "own">,
  ) {
    const first = nodes.filter(({ jid, part }) => part !== "member" || jid === own);
    this.#nodes = nodes.length <= MOST_MEMBERS ? nodes : [...first, ...nodes];
    this.#server = server;
  }

  /** Reads so many more; whether there are more. */
  read(count: number): boolean {
    for (const end = Math.min(this.#nodes.length, this.#at + count); this.#at < end; this.#at++) {
      const one = this.#nodes[this.#at];
      if (one) this.#add(one);
    }
    return this.#at < this.#nodes.length;
  }

  /** Those that were read. */
  get all(): readonly Member[] {
    return [...this.#members.values()];
  }

  #add({ jid, part, name }: GroupMemberNode): void {
    const person = memberOf(jid, this.#server);
    if (person === undefined) return;
    const role = ROLES[part];
    const before = this.#members.get(person);
    if (!before && this.#members.size >= MOST_MEMBERS) return;
    const least = before && RANKS[before.role] < RANKS[role] ? before.role : role;
    const called = name === undefined ? undefined : nameIn({ display_name: name });
    this.#members.set(person, { person, role: least, name: called ?? before?.name });
  }
}

/** All of a {@link MemberList} at once. */
export function membersIn(
  nodes: readonly GroupMemberNode[],
  context: Pick<LoginContext, "profile" | "own">,
): readonly Member[] {
  const list = new MemberList(nodes, context);
  list.read(Infinity);
  return list.all;
}

/** Those who are not stored so already, as of a large group few are another than before. */
export function changedMembers(members: readonly Member[], before: readonly StoredMember[]): Member[] {
  const known = new Map(before.map((member) => [member.person, member]));
  return members.filter((member) => !isKnown(known.get(member.person), member));
}

function aboutIn({ subject, description, picture, announcement, locked }: GroupDescription): GroupAbout {
  const avatar = (picture && pictureIn(node("group", {}, [picture]))) ?? "";
  return {
    subject: keptSubject(subject),
    description: keptDescription(description),
    avatar,
    announcement,
    locked,
  };
}

export const keptSubject = (subject: string): string => cutText(subject, LONGEST_SUBJECT);
export const keptDescription = (description: string): string => cutText(description, LONGEST_DESCRIPTION);

interface Described {
  readonly description: GroupDescription;
  readonly members: readonly Member[];
  /** Those of them who are yet to be stored. */
  readonly changed: readonly Member[];
}

/** What a description says beside what is stored. */
export function describedIn(
  context: LoginContext,
  description: GroupDescription,
  before: readonly StoredMember[],
): Described {
  const members = membersIn(description.members, context);
  return { description, members, changed: changedMembers(members, before) };
}

/** The writes of a whole description. Where somebody is no member any more, the next message makes a new sender key. */
export function describedWrites(
  context: LoginContext,
  chat: ChatId,
  { description, members, changed }: Described,
  before: readonly StoredMember[],
): (tx: Writes) => void {
  const { login, clock } = context;
  const about = aboutIn(description);
  const people = new Set(members.map(({ person }) => person));
  const gone = before.filter(({ person, leftAt }) => leftAt === undefined && !people.has(person));
  const at = clock.now();
  return (tx) => {
    const groups = tx.family(interopGroups);
    groups.setGroup(login, chat, about, at);
    for (const member of changed) groups.setMember(login, chat, member);
    for (const { person } of gone) groups.setLeft(login, chat, person, at);
    if (gone.length > 0) groups.setDistribution(login, chat, undefined);
  };
}

const isKnown = (stored: StoredMember | undefined, { role, name }: Member): boolean =>
  stored !== undefined &&
  stored.leftAt === undefined &&
  stored.role === role &&
  (name === undefined || stored.name === name);
