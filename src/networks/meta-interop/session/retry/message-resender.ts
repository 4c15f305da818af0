import { BridgeError } from "../../../../core/model/errors.ts";
import type { PersonId } from "../../../../core/model/ids.ts";
import { faultOf } from "../../../../core/ports/log.ts";
import { backOff } from "../../../../core/runtime/back-off.ts";
import type { SealedCiphertext } from "../../../../signal-protocol/signal-account.ts";
import type { SignalTransaction } from "../../../../signal-protocol/signal-transaction.ts";
import type { Connection } from "../../connection/connection.ts";
import { refusalIn, unreadableThere } from "../../connection/refusals.ts";
import { chatWith, messageId } from "../../ids.ts";
import { wholeNumber } from "../../wire/attributes.ts";
import { child, type Node, node } from "../../wire/node.ts";
import type { Plaintext } from "../../wire/plaintext-kinds.ts";
import { deviceOf } from "../device-address.ts";
import { readBundle } from "../key-stanzas.ts";
import type { Scene } from "../login-context.ts";
import { messageStanza } from "../outgoing-messages.ts";
import type { Plaintexts } from "../plaintexts.ts";
import { readSealed, writeSealed } from "../sealed-message.ts";
import { encryptFor, fetchBundle, startSession } from "../sessions.ts";
import { AnswerBook, type Answered, type Asked } from "./resent-messages.ts";
import { RETRIES } from "./undecryptable-messages.ts";

export interface AnswerJob {
  readonly kind: "again";
  readonly stanza: Node;
  readonly connection: Connection;
  /** Tries before this one on the same connection. */
  readonly tries?: number;
}

/** Tries at what others go on to be answered. */
const TRIES = 10;

/** Messages of ours that a contact could not decrypt: the same plaintext under the same id, at most five times. */
export class RetryAnswers {
  readonly #scene: Scene;
  readonly #plaintexts: Plaintexts;
  readonly #book: AnswerBook;
  readonly #push: (contact: PersonId, job: AnswerJob) => void;

  /** `push` brings a job back to the contact's lane. */
  constructor(scene: Scene, plaintexts: Plaintexts, push: (contact: PersonId, job: AnswerJob) => void) {
    this.#scene = scene;
    this.#plaintexts = plaintexts;
    this.#book = new AnswerBook(scene.store, scene.login);
    this.#push = push;
  }

  /**
   * Resolves when the message has left; that the network takes it is waited for without holding up the chat. The retry
   * receipt is acknowledged when it has, or when the sender was told that it never will.
   */
  async answer(contact: PersonId, job: AnswerJob): Promise<void> {
    const asked = { contact, id: messageId(job.stanza.attrs["id"] ?? "") };
    try {
      const left = await this.#again(asked, job);
      if (left) void this.#settle(asked, job, left);
      else this.#acknowledge(job);
    } catch (error) {
      await this.#failed(asked, job, error);
    }
  }

  /** The network's answer to come; undefined where the message may not be sent to this contact. */
  async #again(
    asked: Asked,
    { stanza, connection }: AnswerJob,
  ): Promise<{ readonly ack: Promise<Node> } | undefined> {
    const { contact, id } = asked;
    const { signal, sink, login, unanswered, clock } = this.#scene;
    const chat = chatWith(contact);
    const answered = await this.#book.load(asked);
    if (answered.given >= RETRIES) throw unreadableThere(`though it was sent again ${RETRIES} times`);
    const outgoing = await sink.again(chat, id);
    const plaintext = outgoing && (await this.#plaintexts.again(chat, id, outgoing));
    if (!plaintext) throw unreadableThere("and it is no longer kept here");
    using work = await signal.begin(contact);
    const count = countOf(stanza);
    const ciphertext =
      (await this.#earlier(work, contact, answered, count)) ??
      (await this.#encrypt(work, asked, plaintext, { stanza, connection }));
    if ((await sink.again(chat, id)) === undefined) return undefined;
    const sealed = writeSealed(ciphertext);
    const ratchet = work.record();
    await sink.accept([], (tx) => {
      ratchet(tx);
      this.#book.record(tx, asked, { given: answered.given, count, sealed }, clock.now());
    });
    work.publish();
    const message = messageStanza(this.#scene, contact, { id, plaintext }, ciphertext);
    return { ack: unanswered.deliver(connection, login, message) };
  }

  /** What left for this very retry receipt before, while its session is current: its keys are good for one session. */
  async #earlier(
    work: SignalTransaction,
    contact: PersonId,
    { sealed, count }: Answered,
    wanted: number,
  ): Promise<SealedCiphertext | undefined> {
    const earlier = sealed && count === wanted ? readSealed(sealed) : undefined;
    return earlier && earlier.session === (await this.#scene.signal.currentSession(work, deviceOf(contact)))
      ? earlier
      : undefined;
  }

  async #encrypt(
    work: SignalTransaction,
    { contact }: Asked,
    plaintext: Plaintext,
    { stanza, connection }: Pick<AnswerJob, "stanza" | "connection">,
  ): Promise<SealedCiphertext> {
    const keys = child(stanza, "keys");
    const bundle = keys && readBundle(keys, child(stanza, "registration"));
    if (bundle) await startSession(this.#scene, work, contact, bundle);
    else if (countOf(stanza) > 1) {
      await startSession(this.#scene, work, contact, await fetchBundle(this.#scene, contact, connection));
    }
    return encryptFor(this.#scene, work, contact, plaintext, connection);
  }

  async #settle(asked: Asked, job: AnswerJob, { ack }: { readonly ack: Promise<Node> }): Promise<void> {
    const { profile, store, clock } = this.#scene;
    try {
      const refusal = refusalIn(await ack, profile.name);
      if (refusal) throw refusal;
      const { given } = await this.#book.load(asked);
      const answered = { given: given + 1, count: undefined, sealed: undefined };
      await store.write((tx) => this.#book.record(tx, asked, answered, clock.now()));
      this.#acknowledge(job);
    } catch (error) {
      await this.#failed(asked, job, error);
    }
  }

  async #failed(asked: Asked, job: AnswerJob, fault: unknown): Promise<void> {
    const { log, login, sink, store } = this.#scene;
    const { contact, id } = asked;
    const error = BridgeError.from(fault);
    const { tries = 0 } = job;
    log.warn("a message could not be sent again", { login, message: id, tries, ...faultOf(error) });
    const passing = error.retryAfter !== undefined || error.reason === "internal";
    if (passing && (error.outage || tries + 1 < TRIES)) {
      return this.#later(contact, job, Math.max(error.retryAfter ?? 0, backOff(tries)));
    }
    try {
      await sink.undelivered(chatWith(contact), id, error);
      // Where its writer sends it once more, under the same id, the count begins anew.
      await store.write((tx) => this.#book.forget(tx, asked));
      this.#acknowledge(job);
    } catch (storage) {
      log.warn("that a message could not be sent again could not be told", { login, ...faultOf(storage) });
      this.#later(contact, job, backOff(tries));
    }
  }

  #later(contact: PersonId, job: AnswerJob, wait: number): void {
    const again = { ...job, tries: (job.tries ?? 0) + 1 };
    const cancel = this.#scene.clock.after(wait, () => this.#push(contact, again));
    // What was not acknowledged comes again with the next connection.
    void job.connection.closed.then(cancel);
  }

  #acknowledge({ stanza: { attrs }, connection }: AnswerJob): void {
    connection.send(node("ack", { class: "receipt", id: attrs["id"], to: attrs["from"], type: "retry" }));
  }
}

function countOf(stanza: Node): number {
  return wholeNumber(child(stanza, "retry")?.attrs["count"], 1_000) || 1;
}
