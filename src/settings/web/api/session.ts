import { forget, keep, kept } from "./kept.ts";
import { Refusal } from "./refusal.ts";
import { openIdToken, shownAs } from "./widget.ts";

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

async function ask(method: "POST" | "GET" | "DELETE", token: string, query = ""): Promise<SessionAnswer> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(address + query, {
    method,
    headers,
    cache: "no-store",
    credentials: "omit",
  }).catch((cause: unknown) => Promise.reject(Refusal.from(cause)));
  const answer = (await response.json().catch(() => ({}))) as SessionAnswer;
  if (response.ok) return answer;
  throw new Refusal(
    answer.errcode === undefined && response.status >= 500 ? 0 : response.status,
    answer.errcode ?? "",
    answer.error ?? "",
  );
}

/** Trades another token for a session. */
async function traded(other: string, query = ""): Promise<Session> {
  const { token = "", user_id, is_admin } = await ask("POST", other, query);
  keep("sessionStorage", KEPT, token);
  return { token, user: user_id, isAdmin: is_admin };
}

/** By the OpenID token that a client gives which shows the page as a widget. */
async function openAsWidget(): Promise<Session | undefined> {
  const widget = shownAs(location.search);
  const token = widget && (await openIdToken(widget));
  if (widget === undefined || token === undefined) return undefined;
  return traded(`openid:${token}`, `?user_id=${encodeURIComponent(widget.user)}`);
}

/**
 * Opens a session by a link's key, goes on with the one of this tab, or has the client that holds the page say whose it
 * is. Throws Refusal; undefined where there is none of these.
 */
export async function openSession(key: string | undefined): Promise<Session | undefined> {
  if (key !== undefined) return traded(`link:${key}`);
  return (await goneOn()) ?? openAsWidget();
}

async function goneOn(): Promise<Session | undefined> {
  const token = kept("sessionStorage", KEPT);
  if (token === null) return undefined;
  try {
    const { user_id, is_admin } = await ask("GET", token);
    return { token, user: user_id, isAdmin: is_admin };
  } catch (cause) {
    if (Refusal.from(cause).status !== 401) throw cause;
    forgetSession();
    return undefined;
  }
}

export const forgetSession = (): void => forget("sessionStorage", KEPT);

/** Signs out. The token is forgotten even where the bridge cannot be told. */
export async function endSession(token: string): Promise<void> {
  forgetSession();
  await ask("DELETE", token).catch(() => undefined);
}
