import type { GroupMemberNode } from "../../networks/meta-interop/wire/groups.ts";
import { externalId } from "../phone/people.ts";
import type { Person } from "../phone/person.ts";
import { type Account, accountJid } from "../state/accounts.ts";
import type { GroupPart, MemberKey } from "./group-table.ts";

/** Somebody who is in a group, or may come to be: a person of the gatekeeper, or an integrator's user. */
export type Somebody =
  | { readonly kind: "person"; readonly person: Person }
  | { readonly kind: "user"; readonly account: Account };

export type GroupMember = Somebody & { readonly part: GroupPart };

export const jidOf = (who: Somebody): string =>
  who.kind === "person" ? who.person.row.jid : accountJid(who.account);

export const visibleId = (who: Somebody): string =>
  who.kind === "person" ? externalId(who.person.row) : who.account.sub;

export const nameOf = (who: Somebody): string =>
  who.kind === "person" ? who.person.row.name : (who.account.name ?? who.account.sub);

export const keyOf = (who: Somebody): MemberKey =>
  who.kind === "person" ? { person: who.person.id, account: 0 } : { person: "", account: who.account.id };

/** How `key_given` names a member; a person keeps theirs with another number. */
export const holderName = (who: Somebody): string =>
  who.kind === "person" ? who.person.id : accountJid(who.account);

export const isSame = (one: Somebody, other: Somebody): boolean => holderName(one) === holderName(other);

export const isAdmin = ({ part }: GroupMember): boolean => part !== "member";

export const memberNode = (member: GroupMember): GroupMemberNode => ({
  jid: jidOf(member),
  part: member.part,
  name: nameOf(member),
});
