import { BridgeError } from "../../../core/model/errors.ts";
import type { LoginId, UserId } from "../../../core/model/ids.ts";
import type { PersonSetting } from "../../../core/ports/login-flow.ts";
import type { Login } from "../../../core/ports/rows.ts";
import { type Requesting, requestJson } from "./json-requests.ts";
import { serviceFailure } from "./service-errors.ts";

/** Where a person proves that they are one; Signal's own page. */
const CAPTCHA_PAGE = "https://signalcaptchas.org/challenge/generate.html";

/** What that page ends with: a link that only Signal's own apps open. */
const SCHEME = "signalcaptcha://";

/** A demand of the server, and the way to answer it. */
interface Challenge {
  readonly token: string;
  /** The login's connection. */
  connection(): Promise<Requesting>;
  /** What waited for the answer can be sent. */
  answered(): void;
}

interface ChallengesParts {
  /** The person's logins. */
  readonly loginsOf: (user: UserId) => Promise<readonly Pick<Login, "id">[]>;
}

/**
 * Signal's demands that a person prove to be one before it takes more of their messages, and the command that answers
 * them. A demand is forgotten at a restart; the next message brings it again.
 */
export class Challenges implements PersonSetting {
  readonly name = "captcha";
  readonly usage = "<link>";
  readonly example = `${SCHEME}signal-hcaptcha…`;
  readonly summary = "Shows Signal that you are a human, when it asks.";
  readonly #parts: ChallengesParts;
  readonly #open = new Map<LoginId, Challenge>();

  constructor(parts: ChallengesParts) {
    this.#parts = parts;
  }

  /** Looks whether an error of a login's message, or its cause, is such a demand. */
  notice(login: LoginId, error: unknown, way: Omit<Challenge, "token">): void {
    const failure = serviceFailure(error instanceof BridgeError ? error.cause : error);
    if (failure.kind === "challenge") this.#open.set(login, { ...way, token: failure.token });
  }

  async shown(user: UserId): Promise<string> {
    return (await this.#of(user)) === undefined
      ? "Signal does not ask you for a proof at the moment."
      : HOW_TO_ANSWER;
  }

  async change(user: UserId, typed: string): Promise<string> {
    const open = await this.#of(user);
    if (open === undefined)
      return "Signal does not ask you for a proof at the moment, so there is nothing to do.";
    const captcha = typed.trim();
    if (!captcha.startsWith(SCHEME) || captcha.length === SCHEME.length || captcha.length > 20_000)
      throw new BridgeError("bad-input", { words: `That is not the link. ${HOW_TO_ANSWER}`, certain: true });
    const { login, challenge } = open;
    try {
      await requestJson(await challenge.connection(), {
        verb: "PUT",
        path: "/v1/challenge",
        body: { type: "captcha", token: challenge.token, captcha: captcha.slice(SCHEME.length) },
      });
    } catch (error) {
      throw notTaken(error);
    }
    if (this.#open.get(login) === challenge) this.#open.delete(login);
    challenge.answered();
    return "Thank you. Signal takes your messages again; what waited is being sent.";
  }

  async #of(user: UserId): Promise<{ readonly login: LoginId; readonly challenge: Challenge } | undefined> {
    for (const { id: login } of await this.#parts.loginsOf(user)) {
      const challenge = this.#open.get(login);
      if (challenge) return { login, challenge };
    }
    return undefined;
  }
}

/** What a person does to answer a demand. */
export const HOW_TO_ANSWER = `Open ${CAPTCHA_PAGE} and solve what it shows. Then copy the address behind its link “Open Signal”, and write “captcha” and that address to the bot: “captcha ${SCHEME}signal-hcaptcha…”.`;

function notTaken(error: unknown): BridgeError {
  if (error instanceof BridgeError) return error;
  const { kind } = serviceFailure(error);
  const words =
    kind === "unreachable"
      ? "Signal cannot be reached at the moment. Write the same again in a few minutes."
      : `Signal did not take that: such a link is good for a few minutes only. ${HOW_TO_ANSWER}`;
  return new BridgeError("remote-refused", { words, certain: false, cause: error });
}
