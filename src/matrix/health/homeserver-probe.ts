import type { UserId } from "../../core/model/ids.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Log } from "../../core/ports/log.ts";
import { errcodeOf } from "../http/errcode.ts";
import type { Reply } from "../http/homeserver-error.ts";
import { Requests, route } from "../http/requests.ts";

export interface VigilOptions {
  readonly homeserverUrl: string;
  readonly asToken: string;
  readonly bot: UserId;
  readonly clock: Clock;
  readonly log: Log;
  readonly stopping?: AbortSignal | undefined;
}

/** A homeserver that needs longer for so little is not one to blame anything else on. */
const TIMEOUT = 5000;
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 600;
/** Account data of the bot, which nobody is shown. */
const TYPE = "thirdpartychats.vigil";

/** A refusal in due form comes from a homeserver that works; not knowing us is what a half started one says. */
function isInOrder({ status, body }: Reply): boolean {
  if (status === 200) return typeof body === "object" && body !== null;
  return status >= 400 && status < 500 && status !== 401 && errcodeOf(body) !== undefined;
}

/** Knows whether the homeserver works for us, and watches for its return on behalf of everybody who waits for it. */
export class HomeserverProbe implements AsyncDisposable {
  readonly #options: VigilOptions;
  /** Sockets of its own: the others may all be waiting for an answer that never comes. */
  readonly #requests: Requests;
  #asked: Promise<boolean> = Promise.resolve(false);
  #next: Promise<boolean> | undefined;
  #cancel: (() => void) | undefined;
  #away = false;
  #closed = false;
  #back: () => void = () => {};

  constructor(options: VigilOptions) {
    this.#options = options;
    const { homeserverUrl, asToken, stopping } = options;
    this.#requests = new Requests({ homeserverUrl, asToken, connections: 1, stopping });
  }

  /** Whether it was found away and has not been found to work since. */
  get away(): boolean {
    return this.#away;
  }

  /** Calls `act` whenever the homeserver works again. */
  whenBack(act: () => void): void {
    this.#back = act;
  }

  /** Asks anew, for an answer given before a fault says nothing about it; one question at a time. */
  works(): Promise<boolean> {
    this.#next ??= this.#asked.then(() => {
      this.#next = undefined;
      this.#asked = this.#ask();
      return this.#asked;
    });
    return this.#next;
  }

  /** The homeserver is away: looks until it is back. */
  watch(): void {
    if (this.#away || this.#closed) return;
    this.#away = true;
    this.#options.log.warn("the homeserver is away; what is for it waits until it works again");
    this.#look(this.#options.clock.now(), FIRST_PAUSE);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    await this.#requests[Symbol.asyncDispose]();
  }

  #look(since: number, pause: number): void {
    const { clock, log } = this.#options;
    const again = async (): Promise<void> => {
      const back = await this.works();
      if (this.#closed) return;
      if (!back) return this.#look(since, Math.min(pause * 2, LONGEST_PAUSE));
      this.#away = false;
      log.info("the homeserver works again", { seconds: Math.max(0, clock.now() - since) / 1000 });
      this.#back();
    };
    this.#cancel = clock.after(pause, () => void again());
  }

  /**
   * A small write, as the bot. One that only reads, as where the disk is full, does not work: nothing could be sent,
   * and no message would be to blame.
   */
  async #ask(): Promise<boolean> {
    const { bot, clock } = this.#options;
    const path = route`/_matrix/client/v3/user/${bot}/account_data/${TYPE}`;
    const body = { at: clock.now() };
    return this.#requests
      .ask({ method: "PUT", path, as: bot, body, timeout: TIMEOUT })
      .then(isInOrder, () => false);
  }
}
