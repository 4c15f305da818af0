import type { Group, PhoneSettings } from "../../model/phone.ts";

/** Whether the phone's person is an admin of the group. */
export const isAdminOf = (group: Group, { me }: PhoneSettings): boolean =>
  group.members.some(({ id, part }) => id === me.external_id && part !== "member");

interface Candidate {
  /** As a verb takes them. */
  readonly id: string;
  readonly name: string;
  readonly about: string;
}

/** Whom the phone's person could have in a group: users of apps they can write to, and others on the network. */
export function candidates(settings: PhoneSettings, members: readonly string[] = []): readonly Candidate[] {
  const { me, contacts, people, apps } = settings;
  const users = contacts
    .filter(({ unreachable }) => unreachable === null)
    .map(({ id, name, app }) => ({
      id,
      name: name ?? id,
      about: [...(name === null ? [] : [id]), apps.find((one) => one.id === app)?.name ?? ""].join(", "),
    }));
  const persons = people
    .filter(({ person, network, left }) => person !== me.person && network === me.network && !left)
    .map(({ external_id: id, name }) => ({ id, name, about: id }));
  return [...users, ...persons].filter(({ id }) => !members.includes(id));
}
