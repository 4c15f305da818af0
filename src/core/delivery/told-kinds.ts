import type { UserId } from "../model/ids.ts";
import type { Login } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";

/** What a person can choose not to be told of, as it cannot be had here. */
export type ToldKind = "calls" | "stories";

/** The scopes of the records of people who are told of none. */
const NONE: Readonly<Record<ToldKind, string>> = { calls: "no-call-notices", stories: "no-story-notices" };
/** What is chosen for one login comes before what its person chose for all. */
const CHOSEN = { calls: "call-notices", stories: "story-notices" } as const;
const ofLogin = (kind: ToldKind, { id }: Pick<Login, "id">): string => `login/${id}/${CHOSEN[kind]}`;

type Records = Pick<Store, "records">;

/** Whether a login's person is told of them in its chats. */
export async function tellsLogin(
  { records }: Records,
  kind: ToldKind,
  login: Pick<Login, "id" | "user">,
): Promise<boolean> {
  const chosen = await records.get(ofLogin(kind, login), "chosen");
  return chosen === undefined ? tellsPerson({ records }, kind, login.user) : chosen === "on";
}

/** What a person chose for all of their logins. */
export const tellsPerson = async ({ records }: Records, kind: ToldKind, user: UserId): Promise<boolean> =>
  (await records.get(NONE[kind], user)) === undefined;

/** Chooses for all logins of a person, in place of what was chosen for one. */
export const tellPerson = (store: Store, kind: ToldKind, user: UserId, on: boolean): Promise<void> =>
  store.logins.all().then((all) =>
    store.write((tx) => {
      if (on) tx.records.remove(NONE[kind], user);
      else tx.records.set(NONE[kind], user, "off");
      for (const login of all) if (login.user === user) tx.records.clear(ofLogin(kind, login));
    }),
  );

export const tellLogins = (
  store: Store,
  kind: ToldKind,
  logins: readonly Login[],
  on: boolean,
): Promise<void> =>
  store.write((tx) => {
    for (const login of logins) tx.records.set(ofLogin(kind, login), "chosen", on ? "on" : "off");
  });
