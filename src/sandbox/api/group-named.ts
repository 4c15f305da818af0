import type { Somebody } from "../groups/group-member.ts";
import type { GroupPart, GroupRow } from "../groups/group-table.ts";
import type { Groups } from "../groups/groups.ts";
import { HttpError } from "../http/http-error.ts";
import type { Person } from "../phone/person.ts";

/** The group of this address on the person's network; throws where there is none. */
export function groupNamed(groups: Groups, { row }: Person, jid: string): GroupRow {
  const group = groups.get(row.network, jid);
  if (group === undefined) throw new HttpError(404, "no-such-group", "There is no group of this name.");
  return group;
}

/** A group and the person's part in it; throws where they are not in it, or cannot act in it now. */
export function memberOfGroup(
  groups: Groups,
  person: Person,
  jid: string,
): { readonly group: GroupRow; readonly part: GroupPart } {
  const group = groupNamed(groups, person, jid);
  if (!person.parts.states.of(person.row.network).features.groups)
    throw new HttpError(409, "feature-off", "Groups are switched off on this network.");
  if (!person.row.online)
    throw new HttpError(409, "offline", "This person's phone is off; let it come online first.");
  const member = groups.member(group, { kind: "person", person });
  if (member === undefined) throw new HttpError(409, "not-a-member", "This person is not in the group.");
  return { group, part: member.part };
}

/** Whom a control request means: a user by visible id or JID, a person by their id, or by what they are looked up by. */
export function somebodyNamed({ people, parts }: Groups, { row }: Person, name: string): Somebody {
  const account = parts.accounts.resolve(row.network, name);
  if (account !== undefined) return { kind: "user", account };
  const byId = people.get(name);
  const person =
    byId?.row.network === row.network ? byId : (people.byJid(name) ?? people.find(row.network, name));
  if (person === undefined || person.row.network !== row.network)
    throw new HttpError(404, "no-such-member", `Nobody on this network is called ${name}.`);
  return { kind: "person", person };
}
