import type { Clock } from "../../../core/ports/clock.ts";

/** Failures of one client that are taken at once. */
const MOST = 20;
/** Milliseconds after which one of them is forgotten. */
const FORGOTTEN = 3_000;
/** Clients that are remembered; of more the earliest are forgotten. */
const CLIENTS = 10_000;

/** Who fails to say who they are again and again must wait. */
export class FailureLimit {
  readonly #clock: Pick<Clock, "now">;
  /** When all of a client's failures are forgotten, in the order of the last. */
  readonly #until = new Map<string, number>();

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  /** Milliseconds the client has to wait; 0 for none. */
  wait(client: string): number {
    const left = (this.#until.get(client) ?? 0) - this.#clock.now();
    return Math.max(0, left - (MOST - 1) * FORGOTTEN);
  }

  failed(client: string): void {
    const now = this.#clock.now();
    const until = Math.max(now, this.#until.get(client) ?? now) + FORGOTTEN;
    this.#until.delete(client);
    // A clock that was set back forgives nobody for longer than it may.
    this.#until.set(client, Math.min(until, now + MOST * FORGOTTEN));
    const [first] = this.#until.keys();
    if (this.#until.size > CLIENTS && first !== undefined) this.#until.delete(first);
  }
}
