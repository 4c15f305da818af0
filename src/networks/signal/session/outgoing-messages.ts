import { ContentHint } from "@signalapp/libsignal-client";
import { BridgeError } from "../../../core/model/errors.ts";
import type { Journal, OutgoingItem, SendResult } from "../../../core/ports/network.ts";
import type { Writes } from "../../../core/ports/store.ts";
import { SerialByKey } from "../../../core/runtime/serial-by-key.ts";
import { personIn, serviceIdOf } from "../ids.ts";
import type { LoginContext } from "../login-context.ts";
import { signalFamily } from "../records.ts";
import { encodeContent } from "../wire/encode-content.ts";
import { pad } from "../wire/padding.ts";
import { deliver } from "./deliver.ts";
import type { GroupSender, ReachedMember } from "./groups/group-sender.ts";
import { type OutgoingContents, pniProof, type Said } from "./outgoing-contents.ts";
import { revised } from "./revisions.ts";

type SaidInGroup = Said & { readonly group: NonNullable<Said["group"]> };

/** What the journal keeps: a message is encrypted anew at each try, as its time says that it is the same. */
const SEALED = Uint8Array.of(1);

/** Sends what our person writes in Matrix. */
export class OutgoingMessages {
  readonly #context: LoginContext;
  readonly #contents: OutgoingContents;
  readonly #groups: GroupSender;
  /** Requests of one moment reach the server in any order, so each message of a chat waits for the one before. */
  readonly #inOrder = new SerialByKey();

  constructor(context: LoginContext, contents: OutgoingContents, groups: GroupSender) {
    this.#context = context;
    this.#contents = contents;
    this.#groups = groups;
  }

  /** Throws BridgeError. */
  send(item: OutgoingItem, journal: Journal): Promise<SendResult | undefined> {
    return this.#inOrder.run(item.chat, () => this.#send(item, journal));
  }

  async #send(item: OutgoingItem, journal: Journal): Promise<SendResult | undefined> {
    const message = await this.#contents.of(item, journal);
    const commit: Commit = (record) =>
      journal.seal(SEALED, (tx) => {
        record(tx);
        message.record(tx);
      });
    const { group } = message;
    if (group) await this.#sendToGroup({ ...message, group }, commit);
    else await sendMessage(this.#context, message, commit);
    const { timer } = message.body.data;
    const { outgoing, id, chat } = item;
    if (message.body.data.payload.kind === "timer") {
      const at = message.timestamp;
      const event = { kind: "timer", chat, sender: undefined, id, at, seconds: timer.seconds } as const;
      const { sink, login } = this.#context;
      await sink.accept([event], (tx) => tx.family(signalFamily).setTimer(login, chat, timer));
      return undefined;
    }
    if (outgoing.kind === "edit") return { record: revised(this.#context, outgoing.target, id) };
    return timer.seconds > 0 && outgoing.kind === "message" ? { expires: timer.seconds } : undefined;
  }

  async #sendToGroup(message: SaidInGroup, commit: Commit): Promise<void> {
    const reached = await this.#groups.send({ ...message, ...SPOKEN, commit });
    await tellOfSent(this.#context, message, reached);
  }
}

type Commit = (record: (tx: Writes) => void) => Promise<void>;

/** As what is said is sent. */
export const SPOKEN = { hint: ContentHint.Resendable, urgent: true } as const;

/**
 * Sends a message of ours to the contact, then tells our other devices of it. `commit` stores the ratchet steps before
 * anything leaves. Where it fails in between, all is sent again with the same time, by which the contact's devices know
 * that they have it. Throws BridgeError.
 */
async function sendMessage(context: LoginContext, message: Said, commit: Commit): Promise<void> {
  const to = personIn(message.chat);
  if (to === context.own) return tellOwnDevices(context, message, [{ person: to, isSealed: false }], commit);
  const { isSealed } = await sendToContact(context, message, commit);
  await tellOfSent(context, message, [{ person: to, isSealed }]);
}

/** Tells our other devices of what those it is for have. Throws BridgeError. */
async function tellOfSent(
  context: LoginContext,
  message: Said,
  reached: readonly ReachedMember[],
): Promise<void> {
  try {
    await tellOwnDevices(context, message, reached, (record) => context.store.write(record));
  } catch (error) {
    throw notCertain(BridgeError.from(error));
  }
}

/** Sends the message of a direct chat to the contact alone. Throws BridgeError. */
export async function sendToContact(
  context: LoginContext,
  { chat, timestamp, body }: Said,
  commit: Commit,
): Promise<{ readonly isSealed: boolean }> {
  const to = personIn(chat);
  const content = encodeContent({ body, ...(await pniProof(context, to)) });
  return deliver(context, {
    to,
    plaintext: pad(content),
    timestamp,
    hint: ContentHint.Resendable,
    commit,
  });
}

/** Tells our other devices of a message that these have. Throws BridgeError. */
export async function tellOwnDevices(
  context: LoginContext,
  { chat, timestamp, body, group }: Pick<Said, "chat" | "timestamp" | "body" | "group">,
  reached: readonly ReachedMember[],
  commit: Commit,
): Promise<void> {
  const destination = group ? {} : { destination: serviceIdOf(personIn(chat)) };
  const content = encodeContent({
    body: {
      kind: "sync",
      sync: {
        kind: "sent",
        timestamp,
        ...destination,
        ...(body.data.timer.seconds > 0 && { expiresFrom: context.clock.now() }),
        sent: body,
        recipientUpdate: false,
        recipients: reached.map(({ person, isSealed }) => ({
          person: serviceIdOf(person),
          sealed: isSealed,
        })),
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
