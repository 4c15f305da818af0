import { BridgeError } from "../../core/model/errors.ts";
import type { UserId } from "../../core/model/ids.ts";
import type { TokenOwners } from "../../core/ports/access.ts";
import { errcodeOf } from "../http/errcode.ts";
import { faultOfReply, faultOfSocket } from "../http/homeserver-error.ts";
import { isId } from "../http/identifier.ts";
import { fieldOf, jsonOf } from "../http/json.ts";
import { cappedText } from "./capped-text.ts";

interface HomeserverTokensParts {
  readonly homeserverUrl: string;
  readonly serverName: string;
  /** How other people's homeservers are asked. */
  readonly others: Pick<TokenOwners, "ofOpenId">;
  readonly stopping: AbortSignal;
}

/** Milliseconds for a whole answer. */
const TIMEOUT = 10_000;

/** Asks our own homeserver whose a token is, and others about their own people. */
export class HomeserverTokens implements TokenOwners {
  readonly #parts: HomeserverTokensParts;

  constructor(parts: HomeserverTokensParts) {
    this.#parts = parts;
  }

  async ofAccessToken(token: string): Promise<UserId | undefined> {
    const reply = await this.#ask("/_matrix/client/v3/account/whoami", { authorization: `Bearer ${token}` });
    const { status, body } = reply;
    if (status === 200) return fieldOf(body, "is_guest") === true ? undefined : userOf(body, "user_id");
    // Also of an account that is locked, suspended or closed.
    if (errcodeOf(body) !== undefined && (status === 401 || status === 403)) return undefined;
    throw faultOfReply(reply);
  }

  async ofOpenId(token: string, user: UserId): Promise<UserId | undefined> {
    const { serverName, others } = this.#parts;
    if (!user.endsWith(`:${serverName}`)) return others.ofOpenId(token, user);
    const query = new URLSearchParams({ access_token: token }).toString();
    const reply = await this.#ask(`/_matrix/federation/v1/openid/userinfo?${query}`, {});
    const { status, body } = reply;
    if (status === 200) {
      const sub = userOf(body, "sub");
      return sub === user ? sub : undefined;
    }
    if (errcodeOf(body) !== undefined && (status === 401 || status === 403)) return undefined;
    // Its federation API is on another port: found as any other server finds it.
    if (status === 404) return others.ofOpenId(token, user);
    throw faultOfReply(reply);
  }

  async #ask(path: string, headers: Readonly<Record<string, string>>) {
    const { homeserverUrl, stopping } = this.#parts;
    try {
      const signal = AbortSignal.any([AbortSignal.timeout(TIMEOUT), stopping]);
      const answer = await fetch(homeserverUrl + path, { headers, redirect: "manual", signal });
      const retryAfter = answer.headers.get("retry-after") ?? undefined;
      return { status: answer.status, retryAfter, body: jsonOf(await cappedText(answer.body)) };
    } catch (error) {
      stopping.throwIfAborted();
      throw error instanceof BridgeError ? error : faultOfSocket(error);
    }
  }
}

function userOf(body: unknown, name: string): UserId | undefined {
  const user = fieldOf(body, name);
  return isId(user, "@") ? (user as UserId) : undefined;
}
