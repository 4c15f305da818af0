import { ContentHint } from "@signalapp/libsignal-client";
import { BridgeError } from "../../../../core/model/errors.ts";
import type { Outgoing } from "../../../../core/model/events.ts";
import type { ChatId, MessageId, PersonId } from "../../../../core/model/ids.ts";
import { faultOf } from "../../../../core/ports/log.ts";
import type { Writes } from "../../../../core/ports/store.ts";
import { backOff } from "../../../../core/runtime/back-off.ts";
import type { DecryptionError } from "../../../../signal-protocol/decryption-errors.ts";
import type { DeviceAddress } from "../../../../signal-protocol/signal-records.ts";
import { chatWith, isGroupChat, messageIdOf, personIn } from "../../ids.ts";
import type { LoginContext } from "../../login-context.ts";
import { signalFamily } from "../../records.ts";
import { encodeContent } from "../../wire/encode-content.ts";
import { pad } from "../../wire/padding.ts";
import { deliver } from "../deliver.ts";
import type { GroupSender, ReachedMember } from "../groups/group-sender.ts";
import { othersIn } from "../groups/open-group.ts";
import { tellUnreached } from "../groups/unreached.ts";
import type { Said } from "../outgoing-contents.ts";
import { SPOKEN, sendToContact, tellOwnDevices } from "../outgoing-messages.ts";
import { ResentMessages } from "./resent-messages.ts";

/** The most times that one message is sent again. */
const MOST_RESENDS = 5;
/** Tries after which a resend is given up, unless an outage is what keeps it from the network. */
const MAX_TRIES = 10;

interface Asking {
  readonly sender: PersonId;
  readonly from: DeviceAddress;
}

interface Resend {
  readonly asking: Asking;
  readonly error: DecryptionError;
  /** Whether the session was archived that the contact's device could not read. */
  readonly isArchived: boolean;
}

/**
 * Sends messages of ours again that a device of a contact's, or another of ours, could not decrypt: the same content under the same time, in a new
 * session with that device. The contact's other devices know by the time that they have it.
 */
export class MessageResender {
  readonly #context: LoginContext;
  readonly #rebuilt: (chat: ChatId, id: MessageId, outgoing: Outgoing) => Promise<Said | undefined>;
  readonly #groups: Pick<GroupSender, "sendTo">;
  readonly #resent: ResentMessages;
  readonly #running = new Set<Promise<void>>();
  #stopped = false;

  /** `rebuilt`: the message as it was sent; undefined where a part of it is no longer kept. */
  constructor(
    context: LoginContext,
    rebuilt: (chat: ChatId, id: MessageId, outgoing: Outgoing) => Promise<Said | undefined>,
    groups: Pick<GroupSender, "sendTo">,
  ) {
    this.#context = context;
    this.#rebuilt = rebuilt;
    this.#groups = groups;
    this.#resent = new ResentMessages(context.store, context.login);
  }

  /** The request is acknowledged when the server has the message, or its sender was told that it never will. */
  resend(asking: Asking, error: DecryptionError, acknowledge: () => void): void {
    const { account } = this.#context;
    // Another device of ours wrote it, and is asked too.
    if (error.device !== account.deviceId) return acknowledge();
    const running = this.#answer(asking, error, acknowledge).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running);
  }

  async #answer(asking: Asking, error: DecryptionError, acknowledge: () => void): Promise<void> {
    const id = messageIdOf({ author: this.#context.own, timestamp: error.timestamp });
    let isArchived = false;
    for (let tries = 0; ; tries += 1) {
      try {
        isArchived = (await this.#archive(asking, error)) || isArchived;
        await this.#resend({ asking, error, isArchived }, id);
        return acknowledge();
      } catch (fault) {
        const failure = BridgeError.from(fault);
        const { log, login } = this.#context;
        log.warn("a message could not be sent again", { login, message: id, tries, ...faultOf(failure) });
        // What is not acknowledged is asked for again on the next connection.
        if (this.#stopped || failure.outage) return;
        const isPassing = failure.retryAfter !== undefined || failure.reason === "internal";
        if (!isPassing || tries + 1 >= MAX_TRIES) return this.#giveUp(asking, id, failure, acknowledge);
        await this.#pause(Math.max(failure.retryAfter ?? 0, backOff(tries)));
      }
    }
  }

  /** Archives the session that the message was sent in, where it is still the one in use. */
  async #archive({ from }: Asking, { ratchetKey }: DecryptionError): Promise<boolean> {
    const { aci, store } = this.#context;
    using work = await aci.begin(from.name);
    if (!ratchetKey || !(await aci.isCurrentRatchet(work, from, ratchetKey))) return false;
    await aci.archive(work, from);
    await store.write(work.record());
    work.publish();
    return true;
  }

  async #resend({ asking, isArchived }: Resend, id: MessageId): Promise<void> {
    const { own, store, clock } = this.#context;
    const { sender } = asking;
    const asked = await this.#asked(sender, id);
    const message = asked && (await this.#rebuilt(asked.chat, id, asked.outgoing));
    if (!message || (sender !== own && message.group && !othersIn(message.group, own).includes(sender))) {
      // It may have been what brought a group's key.
      await store.write((tx) => tx.family(signalFamily).giveSenderKeysAgain(this.#context.login, sender));
      if (isArchived) await this.#renewSession(sender);
      return;
    }
    const resent = { contact: sender, id };
    const count = await this.#resent.count(resent);
    if (count >= MOST_RESENDS)
      throw new BridgeError("remote-refused", {
        words: `Their device could not decrypt this message, though it was sent again ${MOST_RESENDS} times.`,
        certain: true,
      });
    const commit = async (record: (tx: Writes) => void): Promise<void> => {
      // A new session may have another key than the one that was verified.
      if ((await this.#asked(sender, id)) === undefined)
        throw new BridgeError("gone", { words: "It may not be sent again.", certain: true });
      await store.write((tx) => {
        record(tx);
        this.#resent.record(tx, resent, count + 1, clock.now());
      });
    };
    const { group } = message;
    if (sender === own) await tellOwnDevices(this.#context, message, reachedBy(message, own), commit);
    else if (group) await this.#groups.sendTo(sender, { ...message, group, ...SPOKEN, commit });
    else await sendToContact(this.#context, message, commit);
  }

  /** The message and its chat: our own devices ask for what was said to others, and members for what a group got. */
  async #asked(
    sender: PersonId,
    id: MessageId,
  ): Promise<{ readonly chat: ChatId; readonly outgoing: Outgoing } | undefined> {
    const { sink, own } = this.#context;
    const ours = await sink.againForOwn(id);
    if (sender === own) return ours;
    const chat = ours && isGroupChat(ours.chat) ? ours.chat : chatWith(sender);
    const outgoing = await sink.again(chat, id, sender);
    return outgoing === undefined || outgoing === "held" ? undefined : { chat, outgoing };
  }

  /** A message without content, by which the contact's device has a session with us that works. */
  async #renewSession(to: PersonId): Promise<void> {
    const { store, clock } = this.#context;
    await deliver(this.#context, {
      to,
      plaintext: pad(encodeContent({ body: { kind: "null" } })),
      timestamp: clock.now(),
      hint: ContentHint.Implicit,
      urgent: false,
      commit: (record) => store.write(record),
    });
  }

  /** Our own device that has no copy changes nothing for the contact, who has the message. */
  async #giveUp(
    { sender }: Asking,
    id: MessageId,
    error: BridgeError,
    acknowledge: () => void,
  ): Promise<void> {
    const { sink, log, login, own } = this.#context;
    try {
      const asked = await this.#asked(sender, id);
      const message = asked && (await this.#rebuilt(asked.chat, id, asked.outgoing));
      if (message?.group) {
        if (sender !== own) await tellUnreached(this.#context, message.group, new Map([[sender, error]]));
      } else if (error.reason !== "gone" && sender !== own)
        await sink.undelivered(chatWith(sender), id, error);
      acknowledge();
    } catch (storage) {
      log.warn("that a message could not be sent again could not be told", { login, ...faultOf(storage) });
    }
  }

  #pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#context.clock.after(ms, resolve);
    return promise;
  }
}

/** Who has a message that was sent before: all it was for, as far as our other devices need to know. */
const reachedBy = ({ chat, group }: Said, own: PersonId): readonly ReachedMember[] =>
  (group ? othersIn(group, own) : [personIn(chat)]).map((person) => ({ person, isSealed: true }));
