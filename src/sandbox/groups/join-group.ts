import type { Person } from "../phone/person.ts";
import { refusedAtDoor } from "./group-admission.ts";
import { acquaint, type ChangeResult } from "./group-change.ts";
import { type GroupMember, jidOf, keyOf, memberNode, type Somebody } from "./group-member.ts";
import { Told, tellChange } from "./group-news.ts";
import type { GroupRow } from "./group-table.ts";
import type { Groups } from "./groups.ts";

/** Somebody comes into a group of their own will, as by a link. */
export async function joinGroup(groups: Groups, jid: string, who: Somebody): Promise<ChangeResult> {
  const told = new Told();
  const network = who.kind === "person" ? who.person.row.network : who.account.network;
  const result = await groups.parts.commits.commit((): ChangeResult => {
    const group = groups.get(network, jid);
    if (group === undefined) return { error: "404" };
    if (!groups.parts.states.of(network).features.groups) return { error: "405" };
    const already = groups.member(group, who) === undefined ? undefined : "409";
    const why = already ?? refusedAtDoor(groups, group, groups.members(group), who);
    if (why !== undefined) return { group, refused: new Map([[jidOf(who), why]]) };
    const joined: GroupMember = { ...who, part: "member" };
    groups.table.put(group.id, { ...keyOf(joined), part: joined.part });
    const members = groups.members(group);
    acquaint(groups, members);
    const news = { kind: "members", action: "add", members: [memberNode(joined)] } as const;
    tellChange(groups, group, who, members, news, [joined], told);
    return { group, refused: new Map() };
  });
  told.wake(groups);
  return result;
}

/** Brings in those people who are not in a group yet, by whoever is there longest; those who are refused stay out. */
export async function bringIn(groups: Groups, group: GroupRow, people: readonly Person[]): Promise<void> {
  const told = new Told();
  await groups.parts.commits.commit(() => {
    const members = [...groups.members(group)];
    const [by] = members;
    if (by === undefined) return;
    const joined: GroupMember[] = [];
    for (const person of people) {
      const member: GroupMember = { kind: "person", person, part: "member" };
      if (groups.includes(members, member) || refusedAtDoor(groups, group, members, member)) continue;
      members.push(member);
      joined.push(member);
      groups.table.put(group.id, { ...keyOf(member), part: member.part });
    }
    if (joined.length === 0) return;
    acquaint(groups, members);
    const news = { kind: "members", action: "add", members: joined.map(memberNode) } as const;
    tellChange(groups, group, by, members, news, joined, told);
  });
  told.wake(groups);
}
