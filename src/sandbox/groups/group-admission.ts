import type { GroupMember, Somebody } from "./group-member.ts";
import type { GroupRow } from "./group-table.ts";
import type { Groups } from "./groups.ts";

/**
 * Codes of a participant who is refused: 403 has blocked a user of the group, or may not be touched; 404 unknown, or no
 * member; 405 third-party chats off, or the app not chosen; 409 of another integrator, or already so; 419 the group is
 * full.
 */
export type Refused = "403" | "404" | "405" | "409" | "419";

type Person = Extract<Somebody, { kind: "person" }>["person"];
type Account = Extract<Somebody, { kind: "user" }>["account"];

function between(person: Person, account: Account): Refused | undefined {
  if (person.unreachable(account.integrator) !== undefined) return "405";
  return person.parts.messages.blocked(person.id, account.id, "person") ? "403" : undefined;
}

/** Why somebody cannot come into a group; undefined where they can. */
export function refusedAtDoor(
  { parts }: Groups,
  { network }: GroupRow,
  members: readonly GroupMember[],
  who: Somebody,
): Refused | undefined {
  if (members.length >= parts.states.of(network).limits.group_size) return "419";
  if (who.kind === "person") {
    if (who.person.row.gone) return "404";
    for (const member of members) {
      const refused = member.kind === "user" ? between(who.person, member.account) : undefined;
      if (refused !== undefined) return refused;
    }
    return undefined;
  }
  const { account } = who;
  for (const member of members) {
    if (member.kind === "user" && member.account.integrator !== account.integrator) return "409";
    const refused = member.kind === "person" ? between(member.person, account) : undefined;
    if (refused !== undefined) return refused;
  }
  return undefined;
}
