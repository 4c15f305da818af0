import type { Clock } from "../core/clock.ts";
import type { UserId } from "../core/ids.ts";
import { type Requests, route } from "./requests.ts";

const FRESH = 1000;

/** Asks the homeserver the simplest question, at most once a second: whether it works at all for us. */
export class Whoami {
  readonly #requests: Requests;
  readonly #user: UserId;
  readonly #clock: Clock;
  #asked: { readonly at: number; readonly works: Promise<boolean> } | undefined;

  constructor(requests: Requests, user: UserId, clock: Clock) {
    this.#requests = requests;
    this.#user = user;
    this.#clock = clock;
  }

  works(): Promise<boolean> {
    const now = this.#clock.now();
    if (this.#asked === undefined || Math.abs(now - this.#asked.at) > FRESH) {
      this.#asked = { at: now, works: this.#ask() };
    }
    return this.#asked.works;
  }

  async #ask(): Promise<boolean> {
    const path = route`/_matrix/client/v3/account/whoami`;
    return this.#requests.json({ method: "GET", path, as: this.#user, timeout: 10_000 }).then(
      () => true,
      () => false,
    );
  }
}
