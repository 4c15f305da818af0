import { Refusal } from "./refusal.ts";

/** Who has the page open. */
export interface Session {
  readonly token: string;
  readonly user: string;
  readonly isAdmin: boolean;
}

interface SessionAnswer {
  readonly user_id: string;
  readonly is_admin: boolean;
  readonly token?: string;
  readonly error?: string;
  readonly errcode?: string;
}

const KEPT = "third-party-chats.session";
const address = new URL("../_matrix/provision/person/v1/session", location.href.split("#")[0]).href;

/** The key of the link that opened the page; it leaves the address at once, so that it is in no history. */
export function takeKey(): string | undefined {
  const key = location.hash.slice(1);
  if (key === "") return undefined;
  history.replaceState(null, "", location.pathname + location.search);
  return key;
}

async function ask(method: "POST" | "GET" | "DELETE", token: string): Promise<SessionAnswer> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(address, { method, headers, cache: "no-store", credentials: "omit" }).catch(
    (cause: unknown) => Promise.reject(Refusal.from(cause)),
  );
  const answer = (await response.json().catch(() => ({}))) as SessionAnswer;
  if (response.ok) return answer;
  throw new Refusal(
    answer.errcode === undefined && response.status >= 500 ? 0 : response.status,
    answer.errcode ?? "",
    answer.error ?? "",
  );
}

/** Opens a session by a link's key, or goes on with the one of this tab. Throws Refusal; undefined where there is neither. */
export async function openSession(key: string | undefined): Promise<Session | undefined> {
  const kept = sessionStorage.getItem(KEPT);
  if (key !== undefined) {
    const { token = "", user_id, is_admin } = await ask("POST", `link:${key}`);
    sessionStorage.setItem(KEPT, token);
    return { token, user: user_id, isAdmin: is_admin };
  }
  if (kept === null) return undefined;
  try {
    const { user_id, is_admin } = await ask("GET", kept);
    return { token: kept, user: user_id, isAdmin: is_admin };
  } catch (cause) {
    if (Refusal.from(cause).status !== 401) throw cause;
    forgetSession();
    return undefined;
  }
}

export const forgetSession = (): void => sessionStorage.removeItem(KEPT);

/** Signs out. The token is forgotten even where the bridge cannot be told. */
export async function endSession(token: string): Promise<void> {
  forgetSession();
  await ask("DELETE", token).catch(() => undefined);
}
