import type { Recipient } from "../records.ts";

/** Characters of an account's id that tell two nameless people apart. */
const TAG = 4;

/**
 * The name of a contact's ghost, which everybody on the homeserver who knows them sees: what they call themselves. Names
 * and numbers in one person's address book are that person's, and are never shown to others.
 */
export const shownName = ({ profile, person }: Pick<Recipient, "profile" | "person">): string =>
  profile?.name ?? `Signal user ${person.slice(-TAG)}`;
