import { createHash } from "node:crypto";
import type { UserId } from "../../../core/model/ids.ts";
import type { Clock } from "../../../core/ports/clock.ts";

/** Milliseconds a token's owner is taken for known: so long is one good that was taken back. */
const KEPT = 60_000;
const MOST = 1_000;

interface Known {
  readonly user: UserId;
  readonly until: number;
}

/** Whose tokens are, for a moment, so that a page's many requests ask the homeserver once. Keeps no token itself. */
export class TokenCache {
  readonly #clock: Pick<Clock, "now">;
  readonly #known = new Map<string, Known>();
  readonly #asking = new Map<string, Promise<UserId | undefined>>();

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  known(token: string): UserId | undefined {
    const found = this.#known.get(digest(token));
    const now = this.#clock.now();
    // One that is good for longer than it can be was kept before the clock was set back.
    return found && found.until > now && found.until <= now + KEPT ? found.user : undefined;
  }

  /** Who the token's owner is, asked once at a time. What throws, and what is nobody's, is not kept. */
  owner(token: string, ask: () => Promise<UserId | undefined>): Promise<UserId | undefined> {
    const known = this.known(token);
    if (known) return Promise.resolve(known);
    const key = digest(token);
    const asking = this.#asking.get(key) ?? this.#ask(key, ask).finally(() => this.#asking.delete(key));
    this.#asking.set(key, asking);
    return asking;
  }

  async #ask(key: string, ask: () => Promise<UserId | undefined>): Promise<UserId | undefined> {
    const user = await ask();
    this.#known.delete(key);
    if (user === undefined) return undefined;
    this.#known.set(key, { user, until: this.#clock.now() + KEPT });
    const [first] = this.#known.keys();
    if (this.#known.size > MOST && first !== undefined) this.#known.delete(first);
    return user;
  }
}

const digest = (token: string): string => createHash("sha256").update(token).digest("base64");
