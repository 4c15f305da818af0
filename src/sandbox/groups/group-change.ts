import type { GroupChangeNode } from "../../networks/meta-interop/wire/group-changes.ts";
import { pictureNode } from "../phone/profile-picture.ts";
import type { ProfilePicture } from "../state/person-table.ts";
import { type Refused, refusedAtDoor } from "./group-admission.ts";
import {
  type GroupMember,
  isAdmin,
  isSame,
  jidOf,
  keyOf,
  memberNode,
  type Somebody,
} from "./group-member.ts";
import { Told, tellChange } from "./group-news.ts";
import type { GroupPart, GroupRow } from "./group-table.ts";
import type { Groups } from "./groups.ts";

/** Characters. */
export const LONGEST_SUBJECT = 100;
const LONGEST_DESCRIPTION = 2048;

/** A change that somebody wants; members by address, and the picture as the media host has it. */
export type WantedChange =
  | Exclude<GroupChangeNode, { kind: "members" | "picture" }>
  | {
      readonly kind: "members";
      readonly action: "add" | "remove" | "promote" | "demote";
      readonly jids: readonly string[];
    }
  | {
      readonly kind: "picture";
      readonly picture: ProfilePicture | null;
      /** Puts the file on the media host, in the same commit. */
      readonly host: () => void;
    };

/** 401 not an admin, 403 no member, 404 no such group, 405 the flag is not granted, 406 malformed or too long. */
export type GroupError = "401" | "403" | "404" | "405" | "406";

export type ChangeResult =
  | { readonly error: GroupError }
  | { readonly group: GroupRow; readonly refused: ReadonlyMap<string, Refused> };

function errorOf(
  groups: Groups,
  group: GroupRow,
  actor: GroupMember,
  change: WantedChange,
): GroupError | undefined {
  if (!groups.parts.states.of(group.network).features.groups) return "405";
  const leaves =
    change.kind === "members" &&
    change.action === "remove" &&
    change.jids.every((jid) => jid === jidOf(actor));
  const open =
    change.kind === "members" ? change.action === "add" : !["announcement", "locked"].includes(change.kind);
  if (!isAdmin(actor) && !leaves && (group.locked || !open)) return "401";
  if (change.kind === "subject" && !fits(change.subject, LONGEST_SUBJECT)) return "406";
  if (change.kind === "description" && change.description.length > LONGEST_DESCRIPTION) return "406";
  return undefined;
}

export const fits = (subject: string, longest: number): boolean =>
  subject.trim() !== "" && subject.length <= longest;

/** Carries out what a member wants changed; resolves when it is committed and everybody is told. */
export async function changeGroup(
  groups: Groups,
  jid: string,
  actor: Somebody,
  change: WantedChange,
): Promise<ChangeResult> {
  const told = new Told();
  const network = actor.kind === "person" ? actor.person.row.network : actor.account.network;
  const result = await groups.parts.commits.commit((): ChangeResult => {
    const group = groups.get(network, jid);
    if (group === undefined) return { error: "404" };
    const member = groups.member(group, actor);
    if (member === undefined) return { error: "403" };
    const error = errorOf(groups, group, member, change);
    if (error !== undefined) return { error };
    if (change.kind === "members") return changeMembers(groups, group, member, change, told);
    return changeSettings(groups, group, actor, change, told);
  });
  told.wake(groups);
  return result;
}

function changeSettings(
  groups: Groups,
  group: GroupRow,
  actor: Somebody,
  change: Exclude<WantedChange, { kind: "members" }>,
  told: Told,
): ChangeResult {
  const after = { ...group, ...changedFields(change) };
  if (change.kind === "picture") change.host();
  groups.table.update(after);
  const same = change.kind !== "picture" && JSON.stringify(after) === JSON.stringify(group);
  const news: GroupChangeNode =
    change.kind === "picture" ? { kind: "picture", picture: pictureNode(change.picture) } : change;
  if (!same) tellChange(groups, after, actor, groups.members(after), news, [], told);
  return { group: after, refused: new Map() };
}

function changedFields(change: Exclude<WantedChange, { kind: "members" }>): Partial<GroupRow> {
  switch (change.kind) {
    case "subject":
      return { subject: change.subject };
    case "description":
      return { description: change.description };
    case "picture":
      return { picture: change.picture };
    case "announcement":
      return { announcement: change.on };
    case "locked":
      return { locked: change.on };
  }
}

type MembersChange = Extract<WantedChange, { kind: "members" }>;

function changeMembers(
  groups: Groups,
  group: GroupRow,
  actor: GroupMember,
  { action, jids }: MembersChange,
  told: Told,
): ChangeResult {
  const before = groups.members(group);
  let members = before;
  const refused = new Map<string, Refused>();
  const changed: GroupMember[] = [];
  for (const jid of new Set(jids)) {
    const who = groups.named(group.network, jid);
    const result = who === undefined ? "404" : outcome(groups, group, members, actor, who, action);
    if (typeof result === "string") refused.set(jid, result);
    else {
      changed.push(result);
      const others = members.filter((one) => !isSame(one, result));
      members = action === "remove" ? others : action === "add" ? [...members, result] : [...others, result];
    }
  }
  if (changed.length === 0) return { group, refused };
  const after = action === "remove" ? { ...group, left: group.left + changed.length } : group;
  if (action === "remove") {
    groups.table.update(after);
    for (const one of changed) groups.remove(group, one);
  } else for (const one of changed) groups.table.put(group.id, { ...keyOf(one), part: one.part });
  if (action === "add") acquaint(groups, groups.members(after));
  const to = [...groups.members(after), ...(action === "remove" ? changed : [])];
  const news: GroupChangeNode = { kind: "members", action, members: changed.map(memberNode) };
  tellChange(groups, after, actor, to, news, changed, told);
  if (action === "remove") keepAnAdmin(groups, after, actor, told);
  return { group: after, refused };
}

const partAfter: Record<MembersChange["action"], GroupPart> = {
  add: "member",
  remove: "member",
  promote: "admin",
  demote: "member",
};

/** The member as they are after the change, or why they stay as they are. */
function outcome(
  groups: Groups,
  group: GroupRow,
  members: readonly GroupMember[],
  actor: GroupMember,
  who: Somebody,
  action: MembersChange["action"],
): GroupMember | Refused {
  const member = members.find((one) => isSame(one, who));
  if (action === "add") {
    if (member !== undefined) return "409";
    return refusedAtDoor(groups, group, members, who) ?? { ...who, part: "member" };
  }
  if (member === undefined) return "404";
  const part = partAfter[action];
  if (action !== "remove" && (member.part === part || (action === "promote" && isAdmin(member))))
    return "409";
  if (member.part === "superadmin" && !isSame(member, actor)) return "403";
  return { ...who, part };
}

/** Where the last admin has left, who is there longest is made one. */
function keepAnAdmin(groups: Groups, group: GroupRow, by: Somebody, told: Told): void {
  const members = groups.members(group);
  const [first] = members;
  if (first === undefined || members.some(isAdmin)) return;
  const admin = { ...first, part: "admin" as const };
  groups.table.put(group.id, { ...keyOf(first), part: "admin" });
  const news: GroupChangeNode = { kind: "members", action: "promote", members: [memberNode(admin)] };
  tellChange(groups, group, by, groups.members(group), news, [admin], told);
}

/** Users hear from now on what becomes of persons who are in a group with them. Call it inside a commit. */
export function acquaint(groups: Groups, members: readonly GroupMember[]): void {
  const users = groups.users(members);
  for (const member of members) {
    if (member.kind !== "person") continue;
    for (const { id } of users) groups.parts.messages.relate(member.person.id, id);
  }
}

/** Takes somebody out of a group who has left the network. Call it inside a commit. */
export function takeOut(groups: Groups, group: GroupRow, somebody: Somebody, told: Told): void {
  const who = groups.member(group, somebody);
  if (who === undefined) return;
  const after = { ...group, left: group.left + 1 };
  groups.table.update(after);
  groups.remove(group, who);
  const news: GroupChangeNode = { kind: "members", action: "remove", members: [memberNode(who)] };
  tellChange(groups, after, who, [...groups.members(after), who], news, [who], told);
  keepAnAdmin(groups, after, who, told);
}
