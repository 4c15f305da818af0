import { BridgeError } from "../../../../core/model/errors.ts";
import type { ChatId, PersonId } from "../../../../core/model/ids.ts";
import { faultOf } from "../../../../core/ports/log.ts";
import type { Writes } from "../../../../core/ports/store.ts";
import { backOff } from "../../../../core/runtime/back-off.ts";
import type { SealedCiphertext } from "../../../../signal-protocol/signal-account.ts";
import type { SignalTransaction } from "../../../../signal-protocol/signal-transaction.ts";
import type { Connection } from "../../connection/connection.ts";
import { refusalIn, undecryptableThere } from "../../connection/refusals.ts";
import { chatWith, messageId } from "../../ids.ts";
import { wholeNumber } from "../../wire/attributes.ts";
import { withSenderKey } from "../../wire/group-messages.ts";
import { child, type Node, node } from "../../wire/node.ts";
import { encodePlaintext } from "../../wire/plaintext.ts";
import type { Plaintext, SenderKey } from "../../wire/plaintext-kinds.ts";
import { deviceOf } from "../device-address.ts";
import { readBundle } from "../key-stanzas.ts";
import type { LoginContext } from "../login-context.ts";
import { messageStanza } from "../outgoing-messages.ts";
import type { Plaintexts } from "../plaintexts.ts";
import { readSealed, writeSealed } from "../sealed-message.ts";
import { encryptFor, fetchBundle, startSession } from "../sessions.ts";
import { type ResentMessage, ResentMessages, type SentMessage } from "./resent-messages.ts";
import { TurnByTurn } from "./turn-by-turn.ts";
import { MAX_RETRIES } from "./undecryptable-messages.ts";

export interface ResendJob {
  readonly kind: "resend";
  readonly stanza: Node;
  readonly connection: Connection;
  /** In which the contact is a member; absent in a direct chat. */
  readonly group?: ChatId;
  /** Earlier tries on this connection. */
  readonly tries?: number;
}

/** What is known of a group's members and our sender keys there. */
export interface MemberKeys {
  isMember(group: ChatId, person: PersonId): Promise<boolean>;
  /** Our sender key as a member is given it, and the writes that say that they have it; undefined where there is none. */
  keyFor(
    work: SignalTransaction,
    group: ChatId,
    person: PersonId,
  ): Promise<(SenderKey & { record(tx: Writes): void }) | undefined>;
  /** Says that one member cannot read what the others can. */
  unreadable(group: ChatId, person: PersonId, error: BridgeError): Promise<void>;
}

/** Tries after which a resend is given up, unless an outage is what keeps it from the network. */
const MAX_TRIES = 10;

/**
 * Sends messages of ours again that a contact could not decrypt: the same plaintext under the same id, at most five
 * times.
 */
export class MessageResender {
  readonly #context: LoginContext;
  readonly #plaintexts: Plaintexts;
  readonly #resent: ResentMessages;
  readonly #members: MemberKeys;
  readonly #push: (contact: PersonId, job: ResendJob) => void;
  readonly #turns = new TurnByTurn();

  /** `push` puts a job on the contact's lane. */
  constructor(
    context: LoginContext,
    plaintexts: Plaintexts,
    members: MemberKeys,
    push: (contact: PersonId, job: ResendJob) => void,
  ) {
    this.#context = context;
    this.#plaintexts = plaintexts;
    this.#members = members;
    this.#resent = new ResentMessages(context.store, context.login);
    this.#push = push;
  }

  /**
   * Resolves when the message has left; its acknowledgement is awaited without holding up the lane. The retry receipt
   * is acknowledged when the network has taken the message, or its sender was told that it never will.
   */
  async resend(contact: PersonId, job: ResendJob): Promise<void> {
    await this.#turns.next();
    const { group, stanza } = job;
    const message = { ...(group && { group }), contact, id: messageId(stanza.attrs["id"] ?? "") };
    try {
      const sent = await this.#resend(message, job);
      if (sent) void this.#settle(message, job, sent);
      else this.#acknowledge(job);
    } catch (error) {
      await this.#failed(message, job, error);
    }
  }

  /** The pending acknowledgement; undefined where the message may not be sent to this contact. */
  async #resend(
    message: SentMessage,
    { stanza, connection }: ResendJob,
  ): Promise<{ readonly ack: Promise<Node> } | undefined> {
    const { group, contact, id } = message;
    const { signal, sink, login, acks, clock, own } = this.#context;
    const chat = group ?? chatWith(contact);
    if (group && !(await this.#members.isMember(group, contact))) return undefined;
    const before = await this.#resent.load(message);
    if (before.resent >= MAX_RETRIES)
      throw undecryptableThere(`though it was sent again ${MAX_RETRIES} times`);
    const outgoing = await sink.again(chat, id, contact);
    if (outgoing === "held") return undefined;
    const plaintext = outgoing && (await this.#plaintexts.forResend(chat, id, outgoing));
    if (!plaintext) throw undecryptableThere("and it is no longer kept here");
    using work = await signal.begin(contact, ...(group ? [own] : []));
    const count = countOf(stanza);
    const key = group && (await this.#members.keyFor(work, group, contact));
    const ciphertext =
      (await this.#sealedBefore(work, contact, before, count)) ??
      (await this.#encrypt(work, message, this.#encoded(plaintext, key), { stanza, connection }));
    const still = await sink.again(chat, id, contact);
    if (still === undefined || still === "held") return undefined;
    const sealed = writeSealed(ciphertext);
    const ratchet = work.record();
    await sink.accept([], (tx) => {
      ratchet(tx);
      key?.record(tx);
      this.#resent.record(tx, message, { resent: before.resent, count, sealed }, clock.now());
    });
    work.publish();
    const resentStanza = messageStanza(this.#context, contact, { id, plaintext }, ciphertext, group);
    return { ack: acks.deliver(connection, login, resentStanza) };
  }

  #encoded(plaintext: Plaintext, key: SenderKey | undefined): Uint8Array {
    const format = this.#context.profile.plaintext;
    const encoded = encodePlaintext(format, plaintext);
    return key ? withSenderKey(format, encoded, key) : encoded;
  }

  /**
   * The ciphertext that left for this retry receipt before, while its session is current: the receipt's keys make one
   * session only.
   */
  async #sealedBefore(
    work: SignalTransaction,
    contact: PersonId,
    { sealed, count }: ResentMessage,
    wanted: number,
  ): Promise<SealedCiphertext | undefined> {
    const sealedBefore = sealed && count === wanted ? readSealed(sealed) : undefined;
    return sealedBefore &&
      sealedBefore.session === (await this.#context.signal.currentSession(work, deviceOf(contact)))
      ? sealedBefore
      : undefined;
  }

  async #encrypt(
    work: SignalTransaction,
    { contact }: SentMessage,
    plaintext: Uint8Array,
    { stanza, connection }: Pick<ResendJob, "stanza" | "connection">,
  ): Promise<SealedCiphertext> {
    const keys = child(stanza, "keys");
    const bundle = keys && readBundle(keys, child(stanza, "registration"));
    if (bundle) await startSession(this.#context, work, contact, bundle);
    else if (countOf(stanza) > 1) {
      await startSession(this.#context, work, contact, await fetchBundle(this.#context, contact, connection));
    }
    return encryptFor(this.#context, work, contact, plaintext, connection);
  }

  async #settle(
    message: SentMessage,
    job: ResendJob,
    { ack }: { readonly ack: Promise<Node> },
  ): Promise<void> {
    const { profile, store, clock } = this.#context;
    try {
      const refusal = refusalIn(await ack, profile.name);
      if (refusal) throw refusal;
      const { resent } = await this.#resent.load(message);
      const before = { resent: resent + 1, count: undefined, sealed: undefined };
      await store.write((tx) => this.#resent.record(tx, message, before, clock.now()));
      this.#acknowledge(job);
    } catch (error) {
      await this.#failed(message, job, error);
    }
  }

  async #failed(message: SentMessage, job: ResendJob, fault: unknown): Promise<void> {
    const { log, login, sink, store } = this.#context;
    const { group, contact, id } = message;
    const error = BridgeError.from(fault);
    const { tries = 0 } = job;
    log.warn("a message could not be sent again", { login, message: id, tries, ...faultOf(error) });
    const passing = error.retryAfter !== undefined || error.reason === "internal";
    if (passing && (error.outage || tries + 1 < MAX_TRIES)) {
      return this.#retryLater(contact, job, Math.max(error.retryAfter ?? 0, backOff(tries)));
    }
    try {
      if (group) await this.#members.unreadable(group, contact, error);
      else await sink.undelivered(chatWith(contact), id, error);
      // If its sender sends it again, under the same id, the count starts anew.
      await store.write((tx) => this.#resent.forget(tx, message));
      this.#acknowledge(job);
    } catch (storage) {
      log.warn("that a message could not be sent again could not be told", { login, ...faultOf(storage) });
      this.#retryLater(contact, job, backOff(tries));
    }
  }

  #retryLater(contact: PersonId, job: ResendJob, wait: number): void {
    const retry = { ...job, tries: (job.tries ?? 0) + 1 };
    const cancel = this.#context.clock.after(wait, () => this.#push(contact, retry));
    // The gatekeeper repeats an unacknowledged retry receipt on the next connection.
    void job.connection.closed.then(cancel);
  }

  #acknowledge({ stanza: { attrs }, connection }: ResendJob): void {
    const { id, from, participant } = attrs;
    connection.send(node("ack", { class: "receipt", id, to: from, participant, type: "retry" }));
  }
}

function countOf(stanza: Node): number {
  return wholeNumber(child(stanza, "retry")?.attrs["count"], 1_000) || 1;
}
