import type { NetworkId } from "../../core/model/ids.ts";
import type { Store } from "../../core/ports/store.ts";
import type { Recipient } from "./records.ts";

/** Characters of an account's id that tell two nameless people apart. */
const TAG = 4;

interface People {
  readonly network: NetworkId;
  readonly store: Pick<Store, "ghosts">;
}

type Called = Pick<Recipient, "profile" | "person">;

/**
 * The name of a contact's ghost, which everybody on the homeserver who knows them sees: what they call themselves, to
 * this login or else to another. Names and numbers in one person's address book are that person's, and are never shown
 * to others. Undefined where nobody here knows one.
 */
export async function knownName(
  { network, store }: People,
  { profile, person }: Called,
): Promise<string | undefined> {
  return profile?.name ?? (await store.ghosts.byPerson(network, person))?.name;
}

/** As {@link knownName}; `username`: what somebody without a name is called, where that is known. */
export async function shownName(people: People, called: Called, username?: string): Promise<string> {
  return (await knownName(people, called)) ?? username ?? `Signal user ${called.person.slice(-TAG)}`;
}
