import { jidOf, nameOf, visibleId } from "./group-member.ts";
import type { GroupRow } from "./group-table.ts";
import type { Groups } from "./groups.ts";

/** A group as the control API describes it; `writes` and `changes` say who may. */
export function describedGroup(groups: Groups, group: GroupRow) {
  const { jid, network, subject, description, picture, announcement, locked, creator } = group;
  const members = groups.members(group);
  const [user] = groups.users(members);
  return {
    group: jid,
    network,
    name: subject,
    description,
    picture: picture?.id ?? null,
    writes: announcement ? ("admins" as const) : ("all" as const),
    changes: locked ? ("admins" as const) : ("all" as const),
    creator,
    integrator: user?.integrator ?? null,
    members: members.map((member) => ({
      id: visibleId(member),
      name: nameOf(member),
      jid: jidOf(member),
      part: member.part,
      person: member.kind === "person" ? member.person.id : null,
    })),
  };
}
