import { ContentHint } from "@signalapp/libsignal-client";
import { BridgeError } from "../../../core/model/errors.ts";
import type { Journal, OutgoingItem, SendResult } from "../../../core/ports/network.ts";
import type { Writes } from "../../../core/ports/store.ts";
import { SerialByKey } from "../../../core/runtime/serial-by-key.ts";
import { serviceIdOf } from "../ids.ts";
import type { LoginContext } from "../login-context.ts";
import { encodeContent } from "../wire/encode-content.ts";
import { pad } from "../wire/padding.ts";
import { deliver } from "./deliver.ts";
import { type OutgoingContents, pniProof, type Said } from "./outgoing-contents.ts";
import { revised } from "./revisions.ts";

/** What the journal keeps: a message is encrypted anew at each try, as its time says that it is the same. */
const SEALED = Uint8Array.of(1);

/** Sends what our person writes in Matrix. */
export class OutgoingMessages {
  readonly #context: LoginContext;
  readonly #contents: OutgoingContents;
  /** Requests of one moment reach the server in any order, so each message of a chat waits for the one before. */
  readonly #inOrder = new SerialByKey();

  constructor(context: LoginContext, contents: OutgoingContents) {
    this.#context = context;
    this.#contents = contents;
  }

  /** Throws BridgeError. */
  send(item: OutgoingItem, journal: Journal): Promise<SendResult | undefined> {
    return this.#inOrder.run(item.chat, () => this.#send(item, journal));
  }

  async #send(item: OutgoingItem, journal: Journal): Promise<SendResult | undefined> {
    const message = await this.#contents.of(item, journal);
    await sendMessage(this.#context, message, (record) =>
      journal.seal(SEALED, (tx) => {
        record(tx);
        message.record(tx);
      }),
    );
    const { seconds } = message.body.data.timer;
    const { outgoing, id } = item;
    if (outgoing.kind === "edit") return { record: revised(this.#context, outgoing.target, id) };
    return seconds > 0 && outgoing.kind === "message" ? { expires: seconds } : undefined;
  }
}

/**
 * Sends a message of ours to the contact, then tells our other devices of it. `commit` stores the ratchet steps before
 * anything leaves. Where it fails in between, all is sent again with the same time, by which the contact's devices know
 * that they have it. Throws BridgeError.
 */
async function sendMessage(
  context: LoginContext,
  message: Said,
  commit: (record: (tx: Writes) => void) => Promise<void>,
): Promise<void> {
  const { to } = message;
  if (to === context.own) return tellOwnDevices(context, message, false, commit);
  const { isSealed } = await sendToContact(context, message, commit);
  try {
    await tellOwnDevices(context, message, isSealed, (record) => context.store.write(record));
  } catch (error) {
    throw notCertain(BridgeError.from(error));
  }
}

/** Sends the message to the contact alone. Throws BridgeError. */
export async function sendToContact(
  context: LoginContext,
  { to, timestamp, body }: Said,
  commit: (record: (tx: Writes) => void) => Promise<void>,
): Promise<{ readonly isSealed: boolean }> {
  const content = encodeContent({ body, ...(await pniProof(context, to)) });
  return deliver(context, {
    to,
    plaintext: pad(content),
    timestamp,
    hint: ContentHint.Resendable,
    commit,
  });
}

/** Tells our other devices of a message that the contact has; `isSealed`: whether the server learnt who sent it. */
export async function tellOwnDevices(
  context: LoginContext,
  { to, timestamp, body }: Said,
  isSealed: boolean,
  commit: (record: (tx: Writes) => void) => Promise<void>,
): Promise<void> {
  const person = serviceIdOf(to);
  const content = encodeContent({
    body: {
      kind: "sync",
      sync: {
        kind: "sent",
        timestamp,
        destination: person,
        ...(body.data.timer.seconds > 0 && { expiresFrom: context.clock.now() }),
        sent: body,
        recipientUpdate: false,
        recipients: [{ person, sealed: isSealed }],
      },
    },
  });
  await deliver(context, {
    to: context.own,
    plaintext: pad(content),
    timestamp,
    hint: ContentHint.Resendable,
    urgent: false,
    commit,
  });
}

/** The contact may have the message, so that it may only be sent again under the same time. */
function notCertain({ reason, words, retryAfter, cause }: BridgeError): BridgeError {
  return new BridgeError(reason, { words, certain: false, retryAfter: retryAfter ?? 0, cause });
}
