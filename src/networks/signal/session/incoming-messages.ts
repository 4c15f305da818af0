import { BridgeError } from "../../../core/model/errors.ts";
import { faultOf } from "../../../core/ports/log.ts";
import type { Decrypted } from "../../../signal-protocol/decrypted.ts";
import { plaintextBody, readDecryptionError } from "../../../signal-protocol/decryption-errors.ts";
import { saysIsTheirs } from "../../../signal-protocol/linked-identities.ts";
import { decryptFromOne, takeSenderKey } from "../../../signal-protocol/sender-keys.ts";
import { chatWith, isNumberOnly, messageIdOf, personOf, serviceIdOf } from "../ids.ts";
import { isBlocked } from "../is-blocked.ts";
import { identityOf, type LoginContext } from "../login-context.ts";
import type { Content } from "../wire/content.ts";
import { decodeContent } from "../wire/decode-content.ts";
import { unpad } from "../wire/padding.ts";
import type { Batch, MessageHead } from "./batch.ts";
import { identityChanged } from "./identity-changed.ts";
import type { IncomingContent } from "./incoming-content.ts";
import type { OpenedEnvelope } from "./incoming-envelopes.ts";
import type { OpenedMessage } from "./open-envelope.ts";
import type { MessageResender } from "./retry/message-resender.ts";
import type { RetryRequester } from "./retry/retry-requester.ts";
import { moveTimer } from "./timers.ts";

interface IncomingMessagesParts {
  readonly context: LoginContext;
  readonly content: IncomingContent;
  readonly requester: RetryRequester;
  readonly resender: MessageResender;
}

/** `kept`: acknowledge it with the batch. `owed`: whoever has it acknowledges it later. */
type Taken = "kept" | "owed";

/** Decrypts a login's envelopes, one by one, into a batch. */
export class IncomingMessages {
  readonly #parts: IncomingMessagesParts;

  constructor(parts: IncomingMessagesParts) {
    this.#parts = parts;
  }

  /** Rejects only in an outage: what one message does to this bridge must not keep the others from it. */
  async take(batch: Batch, one: OpenedEnvelope): Promise<Taken> {
    try {
      return await this.#takeOne(batch, one);
    } catch (error) {
      if (BridgeError.from(error).outage) throw error;
      const { login, log } = this.#parts.context;
      const { opened } = one;
      log.error("a message could not be taken", {
        login,
        ...(opened.timestamp !== undefined && { message: opened.timestamp }),
        ...faultOf(error),
      });
      if (opened.kind === "message") await this.#parts.content.unreadable(batch, headOf(opened));
      return "kept";
    }
  }

  async #takeOne(batch: Batch, { envelope, opened }: OpenedEnvelope): Promise<Taken> {
    const { context, resender } = this.#parts;
    const { log, login } = context;
    switch (opened.kind) {
      case "refused":
        log.warn("a message that nobody can be named as the sender of was dropped", {
          login,
          ...(opened.timestamp !== undefined && { message: opened.timestamp }),
          reason: opened.reason,
        });
        return "kept";
      case "receipt":
        await this.#parts.content.delivered(batch, opened.sender, [opened.timestamp]);
        return "kept";
      case "message": {
        if (opened.type !== "plaintext") {
          await this.#decrypt(batch, opened);
          return "kept";
        }
        const error = errorIn(opened.bytes);
        if (!error) {
          log.warn("a message without encryption was dropped", { login, message: opened.timestamp });
          return "kept";
        }
        batch.afterwards.push(() => resender.resend(opened, error, () => envelope.acknowledge()));
        return "owed";
      }
    }
  }

  async #decrypt(batch: Batch, opened: OpenedMessage): Promise<void> {
    const { context } = this.#parts;
    const { sender, from, type, bytes, timestamp, at, account } = opened;
    const decrypted =
      type === "pkmsg" || type === "msg"
        ? await identityOf(context, account).decrypt(batch.work, from, { type, bytes })
        : await decryptFromOne(batch.work, from, bytes);
    if (await isBlocked(context, sender)) {
      context.log.debug("what a blocked contact sent was left out", {
        login: context.login,
        message: timestamp,
      });
      return;
    }
    if (batch.work.identityChanged(from.name) && !batch.identitiesTold.has(sender)) {
      batch.events.push(await identityChanged(batch.work, sender, at));
      batch.identitiesTold.add(sender);
    }
    await this.#decrypted(batch, opened, decrypted);
  }

  async #decrypted(batch: Batch, opened: OpenedMessage, decrypted: Decrypted): Promise<void> {
    const { context, content, requester } = this.#parts;
    const { sender, timestamp } = opened;
    const { log, login } = context;
    const head = headOf(opened);
    switch (decrypted.kind) {
      case "duplicate":
        log.debug("a message came again", { login, message: timestamp });
        return;
      case "undecryptable":
        await requester.failed(batch, opened, decrypted.reason);
        return;
      case "plaintext": {
        requester.arrived(batch, sender, timestamp);
        const decoded = contentIn(decrypted.bytes);
        if (!decoded) {
          log.warn("a message is malformed", { login, message: timestamp });
          await content.unreadable(batch, head, decrypted.bytes);
          return;
        }
        try {
          await this.#alongside(batch, opened, decoded);
          await content.take(batch, head, decoded.body, opened.account, decrypted.bytes);
        } catch (error) {
          if (BridgeError.from(error).outage) throw error;
          log.error("a message could not be converted", { login, message: timestamp, ...faultOf(error) });
          await content.unreadable(batch, head, decrypted.bytes);
        }
      }
    }
  }

  /** What rides with a message. */
  async #alongside(batch: Batch, opened: OpenedMessage, content: Content): Promise<void> {
    const { context } = this.#parts;
    const { sender, from, timestamp, at } = opened;
    if (content.senderKeyDistribution) await takeSenderKey(batch.work, from, content.senderKeyDistribution);
    const number = personOf(content.pniSignature?.pni);
    if (!content.pniSignature || number === undefined || !isNumberOnly(number) || isNumberOnly(sender))
      return;
    const [theirs, account] = await Promise.all([
      context.aci.identityOf(serviceIdOf(number)),
      batch.work.identity(from.name),
    ]);
    if (!theirs || !account || !saysIsTheirs(theirs, account, content.pniSignature.signature)) {
      context.log.warn("a number could not be joined to an account", {
        login: context.login,
        message: timestamp,
      });
      return;
    }
    await moveTimer(context, batch, chatWith(number), chatWith(sender));
    batch.events.push({
      kind: "joined",
      chat: chatWith(sender),
      sender,
      id: messageIdOf({ author: sender, timestamp }),
      at,
      was: { chat: chatWith(number), person: number },
    });
  }
}

const headOf = ({ sender, from, timestamp, at, updatedPni, group }: OpenedMessage): MessageHead => ({
  sender,
  device: from.device,
  timestamp,
  at,
  updatedPni,
  group,
});

/** Undefined where the bytes are malformed. */
function contentIn(padded: Uint8Array): Content | undefined {
  try {
    return decodeContent(unpad(padded));
  } catch {
    return undefined;
  }
}

function errorIn(plaintext: Uint8Array) {
  const padded = plaintextBody(plaintext);
  const body = padded && contentIn(padded)?.body;
  return body?.kind === "decryptionError" ? readDecryptionError(body.error) : undefined;
}
