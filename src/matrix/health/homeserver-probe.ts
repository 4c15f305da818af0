import type { UserId } from "../../core/model/ids.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Log } from "../../core/ports/log.ts";
import { errcodeOf } from "../http/errcode.ts";
import type { Reply } from "../http/homeserver-error.ts";
import { Requests, route } from "../http/requests.ts";

export interface HomeserverProbeOptions {
  readonly homeserverUrl: string;
  readonly asToken: string;
  readonly bot: UserId;
  readonly clock: Clock;
  readonly log: Log;
  readonly stopping?: AbortSignal | undefined;
}

/** Milliseconds; a homeserver that takes longer for this request counts as away. */
const TIMEOUT = 5000;
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 600;
/** The type of the bot's account data that the probe writes. */
const TYPE = "thirdpartychats.vigil";

/** Whether the answer shows a working homeserver. A Matrix refusal does; 401 does not, as one that is starting gives it. */
function isInOrder({ status, body }: Reply): boolean {
  if (status === 200) return typeof body === "object" && body !== null;
  return status >= 400 && status < 500 && status !== 401 && errcodeOf(body) !== undefined;
}

/** Finds out whether the homeserver works, and while it is away asks until it is back, for all who wait. */
export class HomeserverProbe implements AsyncDisposable {
  readonly #options: HomeserverProbeOptions;
  /** A connection of its own: all others may be waiting for an answer that never comes. */
  readonly #requests: Requests;
  #lastAnswer: Promise<boolean> = Promise.resolve(false);
  #nextAnswer: Promise<boolean> | undefined;
  #cancel: (() => void) | undefined;
  #away = false;
  #closed = false;
  #back: () => void = () => {};

  constructor(options: HomeserverProbeOptions) {
    this.#options = options;
    const { homeserverUrl, asToken, stopping } = options;
    this.#requests = new Requests({ homeserverUrl, asToken, connections: 1, stopping });
  }

  /** Whether the homeserver was found away and not found working since. */
  get away(): boolean {
    return this.#away;
  }

  /** Calls `act` whenever the homeserver works again. */
  whenBack(act: () => void): void {
    this.#back = act;
  }

  /** Asks the homeserver now, as an earlier answer says nothing about a new fault; one request at a time. */
  works(): Promise<boolean> {
    this.#nextAnswer ??= this.#lastAnswer.then(() => {
      this.#nextAnswer = undefined;
      this.#lastAnswer = this.#ask();
      return this.#lastAnswer;
    });
    return this.#nextAnswer;
  }

  /** To be called when the homeserver is away: asks until it is back. */
  watch(): void {
    if (this.#away || this.#closed) return;
    this.#away = true;
    this.#options.log.warn("the homeserver is away; what is for it waits until it works again");
    this.#watchAgain(this.#options.clock.now(), FIRST_PAUSE);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    await this.#requests[Symbol.asyncDispose]();
  }

  #watchAgain(since: number, pause: number): void {
    const { clock, log } = this.#options;
    const again = async (): Promise<void> => {
      const back = await this.works();
      if (this.#closed) return;
      if (!back) return this.#watchAgain(since, Math.min(pause * 2, LONGEST_PAUSE));
      this.#away = false;
      log.info("the homeserver works again", { seconds: Math.max(0, clock.now() - since) / 1000 });
      this.#back();
    };
    this.#cancel = clock.after(pause, () => void again());
  }

  /**
   * Asks by a small write as the bot: a homeserver that only reads, as with a full disk, takes no message and so counts
   * as away.
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
