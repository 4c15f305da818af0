import { BridgeError } from "../../../core/model/errors.ts";
import type { LoginId } from "../../../core/model/ids.ts";
import type { Clock } from "../../../core/ports/clock.ts";
import { backOff } from "../../../core/runtime/back-off.ts";
import type { Node } from "../wire/node.ts";
import type { Connection } from "./connection.ts";
import { neverConfirmed, unconfirmed } from "./refusals.ts";

/** Tries after which a message that is never acknowledged, or ends the connection, is given up: two minutes or more. */
const TRIES = 10;
/** Messages remembered. */
const MOST = 1_000;

interface Suspect {
  readonly chat: string;
  /** Times it left and was not acknowledged. */
  readonly times: number;
  /** Those of them that are not explained by an outage. */
  readonly tries: number;
  /** Place of the last of them among all that happened. */
  readonly order: number;
  /** When it may leave again. */
  readonly next: number;
}

type Line = Pick<Connection, "deliver">;

/**
 * Sends messages and counts those that left and were never acknowledged, over all logins of a network. Where that is so
 * of one while others are acknowledged, or while the connection is well and there are no others, the message is to blame
 * and not the network. Where it is so in several chats and nothing is acknowledged, it is an outage, which is waited for.
 */
export class AckTracker {
  readonly #clock: Clock;
  readonly #network: string;
  readonly #suspects = new Map<string, Suspect>();
  /** The last suspect's turn on each connection. */
  readonly #turns = new WeakMap<Line, Promise<unknown>>();
  #order = 0;
  #acknowledged = 0;

  constructor(clock: Clock, network: string) {
    this.#clock = clock;
    this.#network = network;
  }

  /** Resolves with the acknowledgement. Rejects with a BridgeError, without `retryAfter` where the message is given up. */
  async deliver(line: Line, login: LoginId, message: Node): Promise<Node> {
    const chat = `${login} ${message.attrs["to"]}`;
    const suspect = this.#suspects.get(`${chat} ${message.attrs["id"]}`);
    if (!suspect) return this.#try(line, chat, message);
    const wait = Math.min(suspect.next - this.#clock.now(), pauseAfter(suspect.times));
    if (wait > 0) throw unconfirmed(wait);
    // Alone, so that it is known which of them ended the connection.
    const turn = Promise.resolve(this.#turns.get(line)).then(() => this.#try(line, chat, message));
    this.#turns.set(
      line,
      turn.catch(() => undefined),
    );
    return turn;
  }

  async #try(line: Line, chat: string, message: Node): Promise<Node> {
    const key = `${chat} ${message.attrs["id"]}`;
    try {
      const ack = await line.deliver(message);
      this.#suspects.delete(key);
      this.#acknowledged = ++this.#order;
      return ack;
    } catch (error) {
      if (!(error instanceof BridgeError) || error.certain) throw error;
      throw this.#failed(key, chat);
    }
  }

  #failed(key: string, chat: string): BridgeError {
    const before = this.#suspects.get(key) ?? { times: 0, tries: 0, order: 0 };
    const others = Array.from(this.#suspects.values()).some((other) => other.chat !== chat);
    const outage = others && this.#acknowledged < before.order;
    const times = before.times + 1;
    const tries = before.tries + (outage ? 0 : 1);
    this.#suspects.delete(key);
    if (tries >= TRIES) return neverConfirmed(this.#network, TRIES);
    const wait = pauseAfter(times);
    this.#suspects.set(key, { chat, times, tries, order: ++this.#order, next: this.#clock.now() + wait });
    const [oldest] = this.#suspects.keys();
    if (this.#suspects.size > MOST && oldest !== undefined) this.#suspects.delete(oldest);
    return unconfirmed(wait);
  }
}

/** Milliseconds until it leaves again; at once after the first time, as most connections end by chance. */
const pauseAfter = (times: number): number => (times === 1 ? 0 : backOff(times - 2));
