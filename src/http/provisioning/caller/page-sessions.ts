import { createHash, randomBytes } from "node:crypto";
import type { UserId } from "../../../core/model/ids.ts";
import type { Clock } from "../../../core/ports/clock.ts";

interface PageLinkState {
  readonly user: UserId;
  readonly until: number;
  /** Why it opens nothing any more. */
  over?: "used" | "replaced";
}

interface Session {
  readonly user: UserId;
  readonly began: number;
  used: number;
}

/** What a link's key is good for. */
export type Redeemed =
  | { readonly kind: "good"; readonly user: UserId }
  | { readonly kind: "used" | "replaced" | "expired" | "unknown" | "another's" };

/** A session as its holder knows it; times in milliseconds since the epoch. */
export interface OpenSession {
  readonly user: UserId;
  /** When it ends if nothing is done. */
  readonly idleEnd: number;
  /** When it ends whatever is done. */
  readonly end: number;
}

export const LINK_MINUTES = 10;
const LINK = LINK_MINUTES * 60_000;
/** Milliseconds for which a link that opens nothing any more is remembered, to say why. */
const REMEMBERED = 86_400_000;
const IDLE = 3_600_000;
const LONGEST = 12 * 3_600_000;
/** Of one person; the one that was used longest ago ends for another. */
const MOST_SESSIONS = 10;
/** Links of everybody, those remembered included; the earliest are forgotten. */
const MOST_LINKS = 10_000;
/** Sessions of everybody; the one that was used longest ago ends for another. */
const MOST_OPEN = 2_000;

const PREFIX = "settings:";

/**
 * Links that open the settings page once, and the sessions of those who opened it. Of both only hashes are kept, in
 * memory: a restart of the bridge ends them.
 */
export class PageSessions {
  readonly #clock: Pick<Clock, "now">;
  readonly #links = new Map<string, PageLinkState>();
  /** In the order of their last use. */
  readonly #sessions = new Map<string, Session>();

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  /** Whether a bearer token claims to be a session's. */
  static isSession(token: string): boolean {
    return token.startsWith(PREFIX);
  }

  /** The key of a new link for a person. Their earlier link opens nothing any more. */
  link(user: UserId): string {
    const now = this.#clock.now();
    for (const [id, link] of this.#links) {
      if (link.user === user) link.over ??= "replaced";
      if (link.until + REMEMBERED <= now) this.#links.delete(id);
    }
    const key = secret();
    this.#links.set(digest(key), { user, until: now + LINK });
    const [first] = this.#links.keys();
    if (this.#links.size > MOST_LINKS && first !== undefined) this.#links.delete(first);
    return key;
  }

  /** Uses a link up. One that is `named` another's is left as it is. */
  redeem(key: string, named: UserId | undefined): Redeemed {
    const link = this.#links.get(digest(key));
    if (!link) return { kind: "unknown" };
    if (named !== undefined && named !== link.user) return { kind: "another's" };
    if (link.over !== undefined) return { kind: link.over };
    const left = link.until - this.#clock.now();
    // One that is good for longer than it can be is of before the clock was set back.
    if (left <= 0 || left > LINK) return { kind: "expired" };
    link.over = "used";
    return { kind: "good", user: link.user };
  }

  /** The token of a new session. */
  open(user: UserId): string {
    const now = this.#clock.now();
    for (const [id, session] of this.#sessions) {
      if (isGood(session, now)) break;
      this.#sessions.delete(id);
    }
    const theirs = this.#of(user);
    const [earliest] = theirs.length >= MOST_SESSIONS ? theirs : this.#sessions;
    if ((theirs.length >= MOST_SESSIONS || this.#sessions.size >= MOST_OPEN) && earliest)
      this.#sessions.delete(earliest[0]);
    const token = PREFIX + secret();
    this.#sessions.set(digest(token), { user, began: now, used: now });
    return token;
  }

  /** The session of a token. @param isUse whether its person does something, which puts off its end. */
  session(token: string, isUse = true): OpenSession | undefined {
    const id = digest(token);
    const session = this.#sessions.get(id);
    if (!session) return undefined;
    const { user, began } = session;
    const now = this.#clock.now();
    if (!isGood(session, now)) {
      this.#sessions.delete(id);
      return undefined;
    }
    if (isUse) {
      session.used = now;
      this.#sessions.delete(id);
      this.#sessions.set(id, session);
    }
    const end = began + LONGEST;
    return { user, end, idleEnd: Math.min(end, session.used + IDLE) };
  }

  end(token: string): void {
    this.#sessions.delete(digest(token));
  }

  /** Ends all of a person's sessions; a link they have opens nothing any more. */
  endAll(user: UserId): void {
    for (const [id] of this.#of(user)) this.#sessions.delete(id);
    for (const link of this.#links.values()) if (link.user === user) link.over ??= "replaced";
  }

  #of(user: UserId): [string, Session][] {
    return Array.from(this.#sessions).filter(([, session]) => session.user === user);
  }
}

/** One that begins later than now is of before the clock was set back. */
const isGood = ({ began, used }: Session, now: number): boolean =>
  now >= began && now < began + LONGEST && now < used + IDLE;

const secret = (): string => randomBytes(32).toString("base64url");
const digest = (text: string): string => createHash("sha256").update(text).digest("base64");
