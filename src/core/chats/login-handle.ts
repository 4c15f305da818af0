import type { Login } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";

/**
 * A login's handle in commands: its network, and where its person has several logins there, also which one:
 * `network/+31612345678`.
 */
export function loginHandle(login: Login, theirs: readonly Login[]): string {
  if (theirs.length < 2) return login.network;
  const twins = theirs.filter((other) => slugOf(other) === slugOf(login));
  return `${login.network}/${twins.length > 1 ? login.id : slugOf(login)}`;
}

/** The logins of a person that `which` means; it stands behind the network's name and a slash. */
export function loginsCalled(which: string, theirs: readonly Login[]): readonly Login[] {
  const wanted = which.normalize("NFC").toLowerCase();
  return theirs.filter((login) => [slugOf(login), login.visibleId.toLowerCase(), login.id].includes(wanted));
}

/** As {@link loginHandle}, by the store's logins. */
export async function handleOf({ logins }: Pick<Store, "logins">, login: Login): Promise<string> {
  return loginHandle(login, await logins.of(login.user, login.network));
}

/** The login's visible id as one word. */
const slugOf = ({ visibleId }: Login): string =>
  visibleId.normalize("NFC").trim().replace(/\s+/gu, "-").toLowerCase();
