import type { Login } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";

/**
 * What stands for a login in a command, its network; where its person has several there, also which:
 * `network/+31612345678`.
 */
export function loginHandle(login: Login, theirs: readonly Login[]): string {
  if (theirs.length < 2) return login.network;
  const twins = theirs.filter((other) => slug(other) === slug(login));
  return `${login.network}/${twins.length > 1 ? login.id : slug(login)}`;
}

/** Those of a person's logins that `which`, behind the network's name and a slash, stands for. */
export function loginsCalled(which: string, theirs: readonly Login[]): readonly Login[] {
  const wanted = which.normalize("NFC").toLowerCase();
  return theirs.filter((login) => [slug(login), login.visibleId.toLowerCase(), login.id].includes(wanted));
}

/** As {@link loginHandle}, by what the store has now. */
export async function handleOf({ logins }: Pick<Store, "logins">, login: Login): Promise<string> {
  return loginHandle(login, await logins.of(login.user, login.network));
}

/** What contacts see, as one word. */
const slug = ({ visibleId }: Login): string =>
  visibleId.normalize("NFC").trim().replace(/\s+/gu, "-").toLowerCase();
