import { BridgeError } from "../../../core/model/errors.ts";
import { faultOf } from "../../../core/ports/log.ts";
import type { LoginContext } from "../login-context.ts";
import type { Chat } from "../service/chat.ts";
import { type Opened, openEnvelope } from "./open-envelope.ts";

/** An envelope as the server brought it. */
export interface IncomingEnvelope {
  readonly bytes: Uint8Array;
  /** When the server handed it out: milliseconds since the epoch. */
  readonly at: number;
  /** On which connection. */
  readonly chat: Chat;
  /** Tells the server that it is kept here. */
  acknowledge(): void;
}

export interface OpenedEnvelope {
  readonly envelope: IncomingEnvelope;
  readonly opened: Opened;
}

const MAX_BATCH = 32;
/** The most bytes of one unit of work, so that none takes long. */
const MAX_BATCH_BYTES = 65_536;
/** The most envelopes that wait here, and the most bytes of them. */
const MOST_WAITING = 4_096;
const MOST_WAITING_BYTES = 16 * 2 ** 20;

/**
 * Handles a login's envelopes one batch after another, in the order in which the server brings them: what the person
 * writes on their phone and what a contact answers stay in order. Where a batch cannot be stored, nothing of its
 * connection is handled any more, as the server brings all of it again on the next one. The same goes for what comes
 * while too much waits; the connection is made anew when that is done.
 */
export class IncomingEnvelopes {
  readonly #context: LoginContext;
  readonly #receive: (batch: readonly OpenedEnvelope[]) => Promise<void>;
  readonly #waiting: IncomingEnvelope[] = [];
  #waitingBytes = 0;
  /** Connections of which nothing is handled any more. */
  readonly #broken = new WeakSet<Chat>();
  /** Connections of which the server has to bring the rest again. */
  readonly #overfull = new Set<Chat>();
  #isLeft = false;
  #draining: Promise<void> | undefined;

  /** `receive` stores a batch, and rejects where it cannot be stored. */
  constructor(context: LoginContext, receive: (batch: readonly OpenedEnvelope[]) => Promise<void>) {
    this.#context = context;
    this.#receive = receive;
  }

  push(envelope: IncomingEnvelope): void {
    const { chat, bytes } = envelope;
    if (this.#isLeft || this.#broken.has(chat) || this.#overfull.has(chat)) return;
    if (this.#waiting.length >= MOST_WAITING || this.#waitingBytes + bytes.length > MOST_WAITING_BYTES) {
      const { log, login } = this.#context;
      log.info("more messages came than are stored; Signal will deliver the rest again", { login });
      this.#overfull.add(chat);
      return;
    }
    this.#waiting.push(envelope);
    this.#waitingBytes += bytes.length;
    this.#draining ??= this.#drain();
  }

  /** Leaves what waits and all that comes to the client after this one, to which the server brings it again. */
  leave(): void {
    this.#isLeft = true;
    this.#waiting.length = 0;
    this.#waitingBytes = 0;
  }

  /** Resolves when all pushed envelopes are handled. */
  async idle(): Promise<void> {
    while (this.#draining) await this.#draining;
  }

  async #drain(): Promise<void> {
    // Envelopes that come in one turn gather.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const next = this.#waiting.splice(0, batchLength(this.#waiting));
      for (const { bytes } of next) this.#waitingBytes -= bytes.length;
      const batch = next.filter(({ chat }) => !this.#broken.has(chat));
      try {
        await this.#handle(batch);
      } catch (error) {
        const { log, login } = this.#context;
        log.warn("messages could not be stored; Signal will deliver them again", {
          login,
          count: batch.length,
          ...faultOf(error),
        });
        for (const chat of new Set(batch.map((envelope) => envelope.chat))) {
          this.#close(chat, error);
        }
      }
    }
    for (const chat of this.#overfull) this.#close(chat, tooMany());
    this.#overfull.clear();
    // In the turn in which nothing waits: what comes next begins anew.
    this.#draining = undefined;
  }

  #close(chat: Chat, cause: unknown): void {
    this.#broken.add(chat);
    chat.close(cause);
  }

  async #handle(batch: readonly IncomingEnvelope[]): Promise<void> {
    let group: OpenedEnvelope[] = [];
    for (const envelope of batch) {
      const opened = await openEnvelope(this.#context, envelope.bytes, envelope.at);
      const [first] = group;
      // One unit of work is of one of our identities.
      if (first && identityOf(first.opened) !== identityOf(opened)) {
        await this.#receive(group);
        if (this.#isLeft) return;
        group = [];
      }
      group.push({ envelope, opened });
    }
    if (group.length > 0) await this.#receive(group);
  }
}

const tooMany = (): BridgeError =>
  new BridgeError("remote-unreachable", {
    words: "More messages came at once than the bridge could store. It connects again for the rest.",
    certain: true,
    retryAfter: 0,
  });

const identityOf = (opened: Opened) => (opened.kind === "message" ? opened.account : "aci");

/** How many of the first envelopes are handled in one unit of work. */
function batchLength(queue: readonly IncomingEnvelope[]): number {
  let size = 0;
  let count = 0;
  for (const { bytes } of queue) {
    size += bytes.length;
    if (count > 0 && (count >= MAX_BATCH || size > MAX_BATCH_BYTES)) break;
    count += 1;
  }
  return count;
}
