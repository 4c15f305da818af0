import type { UserId } from "../model/ids.ts";
import type { Login } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";

/** The scope of the records of people who are told of no calls. */
const NONE = "no-call-notices";
/** The scope of what is chosen for one login, which comes before what its person chose for all. */
const ofLogin = ({ id }: Pick<Login, "id">): string => `login/${id}/call-notices`;

/** Whether calls of a login are told of in its chats. */
export async function tellsOfCalls({ records }: Pick<Store, "records">, login: Pick<Login, "id" | "user">) {
  const chosen = await records.get(ofLogin(login), "chosen");
  return chosen === undefined ? tellsPersonOfCalls({ records }, login.user) : chosen === "on";
}

/** What a person chose for all of their logins. */
export const tellsPersonOfCalls = async (
  { records }: Pick<Store, "records">,
  user: UserId,
): Promise<boolean> => (await records.get(NONE, user)) === undefined;

/** Chooses for all logins of a person, in place of what was chosen for one. */
export const tellPersonOfCalls = (store: Store, user: UserId, on: boolean): Promise<void> =>
  store.logins.all().then((all) =>
    store.write((tx) => {
      if (on) tx.records.remove(NONE, user);
      else tx.records.set(NONE, user, "off");
      for (const login of all) if (login.user === user) tx.records.clear(ofLogin(login));
    }),
  );

export const tellLoginOfCalls = (store: Store, logins: readonly Login[], on: boolean): Promise<void> =>
  store.write((tx) => {
    for (const login of logins) tx.records.set(ofLogin(login), "chosen", on ? "on" : "off");
  });
