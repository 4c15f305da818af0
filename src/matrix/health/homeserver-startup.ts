import { BridgeError } from "../../core/model/errors.ts";
import type { Clock } from "../../core/ports/clock.ts";
import { faultOf, type Log } from "../../core/ports/log.ts";
import {
  checkBot,
  checkEncryptionDefault,
  checkHomeserver,
  checkPing,
  type RoomCheck,
} from "./startup-checks.ts";

/** A look whether the homeserver encrypts new rooms unasked, for which a room is made. */
export interface EncryptionCheck {
  /** A word never used before, for the room. */
  readonly key: string;
  /** Called when it does not. */
  readonly passed: () => Promise<void>;
}

export interface HomeserverStartupOptions extends RoomCheck {
  /** Gives the bot, which has its account, its name and avatar. */
  readonly dressBot: () => Promise<void>;
  /** Undefined where it was made not long ago. */
  readonly encryptionCheck: EncryptionCheck | undefined;
  /** Called once everything is in order. */
  readonly arrived: () => void;
  readonly clock: Clock;
  readonly log: Log;
}

const NOT_YET = "The homeserver has not been reached yet.";
/** Milliseconds between attempts: of a homeserver that is not up yet, and of one that somebody must correct. */
const AWAY_PAUSE = 1000;
const REFUSED_PAUSE = 5000;
/** A room is made for each look. */
const ENCRYPTED_PAUSE = 300_000;

/**
 * The bridge's arrival at its homeserver: every link is tried until all hold. What is wrong is said when it changes;
 * the process stays, so that correcting the homeserver's side is enough.
 */
export class HomeserverStartup implements Disposable {
  readonly #options: HomeserverStartupOptions;
  #cancel = (): void => {};
  #closed = false;
  #words: string | undefined = NOT_YET;

  constructor(options: HomeserverStartupOptions) {
    this.#options = options;
  }

  /** What is in the way, in words for the administrator; undefined when nothing is. */
  get trouble(): string | undefined {
    return this.#words;
  }

  /** Resolves when the first attempt has ended, either way. */
  start(): Promise<void> {
    return this.#attempt();
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#cancel();
  }

  async #attempt(): Promise<void> {
    const { clock, arrived, log } = this.#options;
    try {
      await this.#check();
    } catch (thrown) {
      if (this.#closed) return;
      const error = BridgeError.from(thrown);
      this.#tell(error);
      const pause = error.retryAfter === undefined ? REFUSED_PAUSE : AWAY_PAUSE;
      this.#cancel = clock.after(pause, () => void this.#attempt());
      return;
    }
    if (this.#closed) return;
    if (this.#words !== NOT_YET) log.info("the homeserver is reached, and everything between us is in order");
    this.#words = undefined;
    arrived();
    void this.#encryption();
  }

  async #check(): Promise<void> {
    const { homeserver, dressBot } = this.#options;
    await checkHomeserver(this.#options);
    await checkBot(this.#options, homeserver);
    await dressBot();
    await checkPing(this.#options);
  }

  #tell(error: BridgeError): void {
    if (this.#words === error.words) return;
    this.#words = error.words;
    const { log } = this.#options;
    // Only words of our own making, of the administrator's addresses and files.
    if (error.retryAfter === undefined) log.error(error.words, faultOf(error));
    else log.warn(error.words, faultOf(error));
  }

  async #encryption(): Promise<void> {
    const { encryptionCheck: check, clock, log } = this.#options;
    if (check === undefined) return;
    try {
      await checkEncryptionDefault(this.#options, check.key);
      await check.passed();
    } catch (thrown) {
      if (this.#closed) return;
      const error = BridgeError.from(thrown);
      const final = error.retryAfter === undefined;
      if (final) this.#tell(error);
      this.#cancel = clock.after(final ? ENCRYPTED_PAUSE : REFUSED_PAUSE, () => void this.#encryption());
      return;
    }
    if (this.#words !== undefined) log.info("the homeserver makes rooms the bridge can read");
    this.#words = undefined;
  }
}
