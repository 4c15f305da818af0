import { externalId } from "./people.ts";
import type { Person } from "./person.ts";

/** A person as the control API describes them. */
export function describedPerson({ row }: Person) {
  const { id, network, jid, name, phone, username, optedIn, apps, online, inboxMode, gone, picture } = row;
  const shown = { person: id, network, name, jid, external_id: externalId(row), phone, username };
  return { ...shown, optedIn, apps, online, inbox: inboxMode, left: gone, picture: picture?.id ?? null };
}
