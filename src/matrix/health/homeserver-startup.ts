import { BridgeError } from "../../core/model/errors.ts";
import type { Clock } from "../../core/ports/clock.ts";
import { faultOf, type Log } from "../../core/ports/log.ts";
import { proxiedBase } from "../registration/proxied.ts";
import { checkProxying } from "./proxied-check.ts";
import {
  checkBot,
  checkEncryptionDefault,
  checkHomeserver,
  checkPing,
  type RoomCheck,
} from "./startup-checks.ts";

/** The check whether the homeserver encrypts new rooms by default, which makes a room. */
export interface EncryptionCheck {
  /** The key of the room's alias, never used before. */
  readonly key: string;
  /** Called when the homeserver does not encrypt new rooms. */
  readonly onPassed: () => Promise<void>;
}

export interface HomeserverStartupOptions extends RoomCheck {
  /** Sets the bot's name and avatar; called when the bot has its account. */
  readonly setBotProfile: () => Promise<void>;
  /** Undefined when it passed not long ago. */
  readonly encryptionCheck: EncryptionCheck | undefined;
  /** Called when every check has passed. */
  readonly onReady: () => void;
  readonly clock: Clock;
  readonly log: Log;
}

const NOT_YET = "The homeserver has not been reached yet.";
/** Milliseconds between attempts: while the homeserver is not up, and while its administrator must correct something. */
const AWAY_PAUSE = 1000;
const REFUSED_PAUSE = 5000;
/** Longer than the others, as each attempt makes a room. */
const ENCRYPTED_PAUSE = 300_000;

/**
 * Runs the startup checks of the homeserver again and again until all pass, and logs what is wrong when it changes. The
 * process goes on meanwhile, so that the administrator need only correct the homeserver.
 */
export class HomeserverStartup implements Disposable {
  readonly #options: HomeserverStartupOptions;
  #cancel = (): void => {};
  #closed = false;
  #trouble: string | undefined = NOT_YET;

  constructor(options: HomeserverStartupOptions) {
    this.#options = options;
  }

  /** What keeps the bridge from working, in words for the administrator; undefined when nothing does. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Resolves when the first attempt has passed or failed. */
  start(): Promise<void> {
    return this.#attempt();
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#cancel();
  }

  async #attempt(): Promise<void> {
    const { clock, onReady, log } = this.#options;
    try {
      await this.#check();
    } catch (thrown) {
      if (this.#closed) return;
      const error = BridgeError.from(thrown);
      this.#setTrouble(error);
      const pause = error.retryAfter === undefined ? REFUSED_PAUSE : AWAY_PAUSE;
      this.#cancel = clock.after(pause, () => void this.#attempt());
      return;
    }
    if (this.#closed) return;
    if (this.#trouble !== NOT_YET)
      log.info("the homeserver is reached, and everything between us is in order");
    this.#trouble = undefined;
    onReady();
    void this.#checkEncryption();
    void this.#checkProxying();
  }

  async #check(): Promise<void> {
    const { homeserver, setBotProfile } = this.#options;
    await checkHomeserver(this.#options);
    await checkBot(this.#options, homeserver);
    await setBotProfile();
    await checkPing(this.#options);
  }

  async #checkProxying(): Promise<void> {
    const { homeserverUrl, registration, registrationPath, log } = this.#options;
    const proxying = await checkProxying(homeserverUrl, registration);
    if (this.#closed) return;
    if (proxying === "off" && proxiedBase(registration) !== undefined)
      log.warn(
        `${registrationPath} asks the homeserver to pass clients' requests on (MSC4512), and it does not. Set experimental_features.msc4512_enabled in homeserver.yaml, give the homeserver this registration as it is now, and restart it.`,
      );
    if (proxying === "on") log.info("clients reach the provisioning API through the homeserver too");
    if (proxying === "failing")
      log.warn(
        `The homeserver passes clients' requests on (MSC4512), and does not reach the bridge with them. Have io.element.msc4512.proxy_url in ${registrationPath} be what url is there, and restart the homeserver.`,
      );
  }

  #setTrouble(error: BridgeError): void {
    if (this.#trouble === error.words) return;
    this.#trouble = error.words;
    const { log } = this.#options;
    // These words are the bridge's own and name only the administrator's addresses and files.
    if (error.retryAfter === undefined) log.error(error.words, faultOf(error));
    else log.warn(error.words, faultOf(error));
  }

  async #checkEncryption(): Promise<void> {
    const { encryptionCheck: check, clock, log } = this.#options;
    if (check === undefined) return;
    try {
      await checkEncryptionDefault(this.#options, check.key);
      await check.onPassed();
    } catch (thrown) {
      if (this.#closed) return;
      const error = BridgeError.from(thrown);
      const final = error.retryAfter === undefined;
      if (final) this.#setTrouble(error);
      this.#cancel = clock.after(final ? ENCRYPTED_PAUSE : REFUSED_PAUSE, () => void this.#checkEncryption());
      return;
    }
    if (this.#trouble !== undefined) log.info("the homeserver makes rooms the bridge can read");
    this.#trouble = undefined;
  }
}
