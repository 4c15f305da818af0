import { createHash, timingSafeEqual } from "node:crypto";
import type { UserId } from "../../../core/model/ids.ts";
import type { Access, TokenOwners } from "../../../core/ports/access.ts";
import type { Clock } from "../../../core/ports/clock.ts";
import { invalid, Refusal } from "../refusal.ts";
import type { Caller } from "../route.ts";
import { PageSessions, type Redeemed } from "./page-sessions.ts";
import { RateLimit } from "./rate-limit.ts";
import { TokenCache } from "./token-cache.ts";
import { userId } from "./user-id.ts";

interface AuthenticationParts {
  readonly owners: TokenOwners;
  readonly access: Access;
  /** Whoever knows it may act for anybody; absent where nobody may. */
  readonly sharedSecret: string | undefined;
  /** The bot's and the ghosts' own tokens are nobody's here. */
  readonly isOurs: (user: UserId) => boolean;
  readonly sessions: PageSessions;
  readonly clock: Pick<Clock, "now">;
}

/** What a request says of who sent it. */
interface Claim {
  readonly authorization: string | undefined;
  /** The query's `user_id`. */
  readonly user: string | undefined;
  /** What the request's client is counted by. */
  readonly client: string;
  /** Whether a link's key is taken. */
  readonly opens: boolean;
  /** Whether the request is no sign that its person is there. */
  readonly unasked: boolean;
}

const OPEN_ID = "openid:";
const LINK = "link:";
const LONGEST_TOKEN = 4_096;
/** Of one client: failures to say who it is. */
const FAILURES = { most: 20, each: 3_000 };
/** Of one person: far more than a page needs, and fewer than would hold up everybody's messages. */
const REQUESTS = { most: 200, each: 40 };

/** Finds out who sends a request, by its `Authorization` header alone. Whoever is not named in `permissions` is refused. */
export class Authentication {
  readonly #parts: AuthenticationParts;
  readonly #cache: TokenCache;
  readonly #failures: RateLimit;
  readonly #requests: RateLimit;

  constructor(parts: AuthenticationParts) {
    this.#parts = parts;
    this.#cache = new TokenCache(parts.clock);
    this.#failures = new RateLimit(FAILURES, parts.clock);
    this.#requests = new RateLimit(REQUESTS, parts.clock);
  }

  /** Throws Refusal. */
  async caller(claim: Claim): Promise<Caller> {
    const token = bearer(claim.authorization);
    const named = claim.user === undefined ? undefined : userId(claim.user, "user_id");
    const isSession = PageSessions.isSession(token);
    const user =
      isSession || (claim.opens && token.startsWith(LINK))
        ? this.#ours(token, named, claim)
        : await this.#owner(token, named, claim.client);
    // A program that acts for anybody is the administrator's.
    if (!this.#isSecret(token)) this.#pace(user);
    return { ...this.#allowed(user), ...(isSession ? { session: token } : {}) };
  }

  /** Of a request that the homeserver has found out the person of. Throws Refusal. */
  vouched(user: UserId, named: string | undefined): Caller {
    if (named !== undefined && userId(named, "user_id") !== user) throw unknownToken();
    if (this.#parts.isOurs(user)) throw forbidden();
    this.#pace(user);
    return this.#allowed(user);
  }

  #pace(user: UserId): void {
    const wait = this.#requests.wait(user);
    if (wait > 0) throw limited("You ask too often. Wait a little.", wait);
    this.#requests.count(user);
  }

  /** Throws Refusal where a caller has signed out since, or may not use the bridge any more. */
  confirm({ user, session }: Caller): void {
    if (session !== undefined && !this.#parts.sessions.session(session, false)) throw sessionEnded();
    this.#allowed(user);
  }

  #allowed(user: UserId): Caller {
    const { access, sessions } = this.#parts;
    const level = access.levelOf(user);
    if (level !== "none") return { user, isAdmin: level === "admin" };
    sessions.endAll(user);
    throw forbidden();
  }

  /** Whose a token of the settings page's is. */
  #ours(token: string, named: UserId | undefined, { client, unasked }: Claim): UserId {
    const { sessions } = this.#parts;
    const session = sessions.session(token, !unasked);
    if (session && (named === undefined || session.user === named)) return session.user;
    const wait = this.#failures.wait(client);
    if (wait > 0) throw limited(GUESSING, wait);
    if (!token.startsWith(LINK)) {
      this.#failures.count(client);
      throw sessionEnded();
    }
    const redeemed = sessions.redeem(token.slice(LINK.length), named);
    if (redeemed.kind === "good") return redeemed.user;
    this.#failures.count(client);
    throw noWayIn(redeemed);
  }

  async #owner(token: string, named: UserId | undefined, client: string): Promise<UserId> {
    const key = named === undefined ? token : `${token} ${named}`;
    const known = this.#cache.known(key);
    if (known) return known;
    const wait = this.#failures.wait(client);
    if (wait > 0) throw limited(GUESSING, wait);
    if (this.#isSecret(token)) {
      if (named === undefined) throw invalid("With the shared secret the query names the person as user_id.");
      if (this.#parts.isOurs(named)) throw forbidden();
      return named;
    }
    const user = await this.#cache
      .owner(key, () => this.#ask(token, named))
      .catch((error: unknown) => {
        // Whoever names servers that do not answer has this bridge ask them.
        if (token.startsWith(OPEN_ID)) this.#failures.count(client);
        throw error;
      });
    if (user !== undefined && !this.#parts.isOurs(user)) return user;
    this.#failures.count(client);
    throw unknownToken();
  }

  /** Of people who may not use the bridge no other server is asked: this is nobody's way to make requests. */
  async #ask(token: string, named: UserId | undefined): Promise<UserId | undefined> {
    const { owners, access } = this.#parts;
    if (token.startsWith(OPEN_ID)) {
      if (named === undefined) throw invalid("With an OpenID token the query names the person as user_id.");
      if (access.levelOf(named) === "none") return undefined;
      const owner = await owners.ofOpenId(token.slice(OPEN_ID.length), named);
      return owner === named ? owner : undefined;
    }
    const owner = await owners.ofAccessToken(token);
    return named === undefined || owner === named ? owner : undefined;
  }

  #isSecret(token: string): boolean {
    const { sharedSecret } = this.#parts;
    if (sharedSecret === undefined) return false;
    const [one, other] = [token, sharedSecret].map((text) => createHash("sha256").update(text).digest());
    return one !== undefined && other !== undefined && timingSafeEqual(one, other);
  }
}

function bearer(authorization: string | undefined): string {
  const token = /^Bearer +([\x21-\x7e]+)$/i.exec(authorization ?? "")?.[1];
  if (authorization === undefined || authorization === "")
    throw new Refusal({
      status: 401,
      errcode: "M_MISSING_TOKEN",
      words: "Say who you are with a Matrix access token, in the header “Authorization: Bearer …”.",
    });
  if (token === undefined || token.length > LONGEST_TOKEN) throw unknownToken();
  return token;
}

const sessionEnded = (): Refusal =>
  new Refusal({
    status: 401,
    errcode: "M_UNKNOWN_TOKEN",
    words: "You are signed out here. Write “settings” to the bot for a new link.",
  });

const NO_WAY_IN: {
  readonly [K in Exclude<Redeemed["kind"], "good">]: readonly [status: number, why: string];
} = {
  used: [410, "This link was used already; it opens the page once."],
  replaced: [410, "This link was replaced by a newer one, or you signed out everywhere."],
  expired: [410, "This link is too old."],
  unknown: [401, "This link is not known here, or the bridge was restarted since it was given out."],
  "another's": [403, "This link is another person's."],
};

function noWayIn({ kind }: Exclude<Redeemed, { kind: "good" }>): Refusal {
  const [status, why] = NO_WAY_IN[kind];
  const errcode = status === 403 ? "M_FORBIDDEN" : "M_UNKNOWN_TOKEN";
  return new Refusal({ status, errcode, words: `${why} Write “settings” to the bot for a new one.` });
}

const unknownToken = (): Refusal =>
  new Refusal({
    status: 401,
    errcode: "M_UNKNOWN_TOKEN",
    words: "This token is not known, not good any more, or somebody else's. Log in again.",
  });

const forbidden = (): Refusal =>
  new Refusal({
    status: 403,
    errcode: "M_FORBIDDEN",
    words: "You may not use this bridge. Ask its administrator to add you to its permissions.",
  });

const GUESSING = "There were too many requests with tokens that are not known. Wait a little.";

const limited = (words: string, retryAfter: number): Refusal =>
  new Refusal({ status: 429, errcode: "M_LIMIT_EXCEEDED", words, retryAfter });
