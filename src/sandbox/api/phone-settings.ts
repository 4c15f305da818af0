import type { OnlineSessions } from "../chat/online-sessions.ts";
import { describedGroup } from "../groups/described-group.ts";
import type { Groups } from "../groups/groups.ts";
import type { Contact, PhoneSettings } from "../page/model/phone.ts";
import { describedPerson } from "../phone/described-person.ts";
import type { Person } from "../phone/person.ts";

/** What stands on a phone beside its messages: settings, what the network grants, contacts. */
export function phoneSettings(person: Person, groups: Groups, sessions: OnlineSessions): PhoneSettings {
  const { people } = groups;
  const { accounts, messages, states } = person.parts;
  const { network } = person.row;
  const { features, limits, ended } = states.of(network);
  const contacts = accounts
    .all()
    .filter((account) => account.network === network && account.state === "active")
    .map(
      ({ id, sub, name, integrator }): Contact => ({
        id: sub,
        name,
        app: integrator,
        unreachable: person.unreachable(integrator) ?? null,
        blocked: messages.blocked(person.id, id, "person"),
        connected: sessions.get(id) !== undefined,
      }),
    );
  return {
    me: describedPerson(person),
    features,
    media: limits.media,
    ended,
    apps: states.integrators(network).map(({ id, name, status }) => ({ id, name, status })),
    contacts,
    groups: groups.of({ kind: "person", person }).map((group) => describedGroup(groups, group)),
    people: people
      .all()
      .filter(({ row }) => !row.load)
      .map(describedPerson),
  };
}
