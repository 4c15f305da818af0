import type { LoginId, PersonId } from "../model/ids.ts";
import type { Store, Writes } from "../ports/store.ts";

/** The scope of the contacts whom a login's person ignores in their client; the value says by what they are blocked. */
export const IGNORED = (login: LoginId): string => `login/${login}/ignored`;

/** The value while the block is under way, which its person did not ask for. */
export const BLOCKING = "blocking";

/** Whether the contact's block is there because their person ignores them, or was before they did. */
export async function isIgnored(
  { records }: Pick<Store, "records">,
  login: LoginId,
  person: PersonId,
): Promise<boolean> {
  const value = await records.get(IGNORED(login), person);
  return value !== undefined && value !== BLOCKING;
}

/** What a person asked for themselves stays when they ignore the contact no more. */
export const keepBlocked = (tx: Writes, login: LoginId, person: PersonId): void =>
  tx.records.set(IGNORED(login), person, "asked for");
