import { BridgeError } from "../../../core/model/errors.ts";
import type { LoginId } from "../../../core/model/ids.ts";
import type { Clock } from "../../../core/ports/clock.ts";
import { backOff } from "../../../core/runtime/back-off.ts";
import type { Node } from "../wire/node.ts";
import type { Connection } from "./connection.ts";
import { neverConfirmed, unconfirmed } from "./refusals.ts";

/** Tries after which a message is given up that was never acknowledged; they take two minutes or more. */
const MAX_TRIES = 10;
/** The most messages that are remembered. */
const MAX_SUSPECTS = 1_000;

interface Suspect {
  readonly chat: string;
  /** How often it left and was not acknowledged. */
  readonly times: number;
  /** How many of these no outage explains. */
  readonly tries: number;
  /** When the last of these happened, in the order of all acknowledgements and failures. */
  readonly order: number;
  /** When it may be sent again, in milliseconds since the epoch. */
  readonly next: number;
}

type MessageSender = Pick<Connection, "deliver">;

/**
 * Sends the messages of all logins of a network, and counts those that left and were never acknowledged. Where other
 * messages are acknowledged meanwhile, or the connection is well and no other chat is affected, the message is to blame
 * and its tries count. Where several chats are affected and nothing is acknowledged, it is an outage, and the tries do
 * not count.
 */
export class AckTracker {
  readonly #clock: Clock;
  readonly #network: string;
  readonly #suspects = new Map<string, Suspect>();
  /** The latest try of a suspect on each connection. */
  readonly #lastTries = new WeakMap<MessageSender, Promise<unknown>>();
  #order = 0;
  #acknowledged = 0;

  constructor(clock: Clock, network: string) {
    this.#clock = clock;
    this.#network = network;
  }

  /** Resolves with the acknowledgement. Rejects with a BridgeError, without `retryAfter` where the message is given up. */
  async deliver(connection: MessageSender, login: LoginId, message: Node): Promise<Node> {
    const chat = `${login} ${message.attrs["to"]}`;
    const suspect = this.#suspects.get(`${chat} ${message.attrs["id"]}`);
    if (!suspect) return this.#try(connection, chat, message);
    const wait = Math.min(suspect.next - this.#clock.now(), pauseAfter(suspect.times));
    if (wait > 0) throw unconfirmed(wait);
    // Suspects are tried one at a time, so that it is known which of them ends the connection.
    const trying = Promise.resolve(this.#lastTries.get(connection)).then(() =>
      this.#try(connection, chat, message),
    );
    this.#lastTries.set(
      connection,
      trying.catch(() => undefined),
    );
    return trying;
  }

  async #try(connection: MessageSender, chat: string, message: Node): Promise<Node> {
    const key = `${chat} ${message.attrs["id"]}`;
    try {
      const ack = await connection.deliver(message);
      this.#suspects.delete(key);
      this.#acknowledged = ++this.#order;
      return ack;
    } catch (error) {
      if (!(error instanceof BridgeError) || error.certain) throw error;
      throw this.#countUnacknowledged(key, chat);
    }
  }

  #countUnacknowledged(key: string, chat: string): BridgeError {
    const before = this.#suspects.get(key) ?? { times: 0, tries: 0, order: 0 };
    const inOtherChats = Array.from(this.#suspects.values()).some((other) => other.chat !== chat);
    const isOutage = inOtherChats && this.#acknowledged < before.order;
    const times = before.times + 1;
    const tries = before.tries + (isOutage ? 0 : 1);
    this.#suspects.delete(key);
    if (tries >= MAX_TRIES) return neverConfirmed(this.#network, MAX_TRIES);
    const wait = pauseAfter(times);
    this.#suspects.set(key, { chat, times, tries, order: ++this.#order, next: this.#clock.now() + wait });
    const [oldest] = this.#suspects.keys();
    if (this.#suspects.size > MAX_SUSPECTS && oldest !== undefined) this.#suspects.delete(oldest);
    return unconfirmed(wait);
  }
}

/** Milliseconds until the next try; none after the first, as most connections end by chance. */
const pauseAfter = (times: number): number => (times === 1 ? 0 : backOff(times - 2));
