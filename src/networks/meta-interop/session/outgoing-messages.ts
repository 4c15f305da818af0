import { BridgeError } from "../../../core/model/errors.ts";
import type { ChatId, MessageId, PersonId } from "../../../core/model/ids.ts";
import type { Journal } from "../../../core/ports/network.ts";
import type { Ciphertext, SealedCiphertext } from "../../../signal-protocol/signal-account.ts";
import type { SignalTransaction } from "../../../signal-protocol/signal-transaction.ts";
import type { Connection } from "../connection/connection.ts";
import { refusalIn } from "../connection/refusals.ts";
import { shapeOf } from "../convert/stanza-shape.ts";
import { type Node, node } from "../wire/node.ts";
import { encodePlaintext } from "../wire/plaintext.ts";
import type { Plaintext } from "../wire/plaintext-kinds.ts";
import { deviceOf } from "./device-address.ts";
import type { LoginContext } from "./login-context.ts";
import type { PreparedMessage } from "./plaintexts.ts";
import { addressed } from "./receipts.ts";
import { readSealed, writeSealed } from "./sealed-message.ts";
import { encryptFor } from "./sessions.ts";

export interface OutgoingJob {
  readonly kind: "out";
  readonly id: MessageId;
  readonly prepared: Pick<PreparedMessage, "plaintext" | "record">;
  readonly journal: Journal;
  readonly connection: () => Promise<Connection>;
  resolve(): void;
  reject(error: unknown): void;
}

/** A message whose ciphertext is stored, or is being stored, and may leave after. */
interface SealedJob {
  readonly job: OutgoingJob;
  readonly ciphertext: SealedCiphertext;
  readonly connection: Connection;
  readonly stored: Promise<void>;
}

/**
 * Encrypts messages for one contact and sends them in order. Each ciphertext is stored with its ratchet step before it
 * leaves. The promise resolves when all have left; each job resolves when the network has taken its message. If one
 * cannot leave, none of the later ones does.
 */
export async function sendMessages(
  context: LoginContext,
  contact: PersonId,
  jobs: readonly OutgoingJob[],
): Promise<void> {
  using work = await context.signal.begin(contact);
  const sealedJobs: SealedJob[] = [];
  let isBlocked = false;
  for (const job of jobs) {
    if (isBlocked) {
      job.reject(heldBack());
      continue;
    }
    try {
      sealedJobs.push(await seal(context, work, contact, job));
    } catch (error) {
      job.reject(error);
      // A refusal that is certain meets each message alone; a failure that may pass holds back the later ones, to keep
      // their order.
      isBlocked = !isCertainRefusal(error);
    }
  }
  const allSealed = !isBlocked;
  isBlocked = false;
  for (const { job, ciphertext, connection, stored } of sealedJobs) {
    try {
      await stored;
      if (isBlocked) throw heldBack();
    } catch (error) {
      isBlocked = true;
      job.reject(error);
      continue;
    }
    const { plaintext } = job.prepared;
    const stanza = messageStanza(context, contact, { id: job.id, plaintext }, ciphertext);
    context.acks.deliver(connection, context.login, stanza).then(
      (ack) => settle(context, job, ack),
      (error: unknown) => job.reject(error),
    );
  }
  if (allSealed && !isBlocked) work.publish();
}

async function seal(
  context: LoginContext,
  work: SignalTransaction,
  contact: PersonId,
  job: OutgoingJob,
): Promise<SealedJob> {
  const connection = await job.connection();
  const sealedBefore = job.journal.sealed && readSealed(job.journal.sealed);
  if (
    sealedBefore &&
    sealedBefore.session === (await context.signal.currentSession(work, deviceOf(contact)))
  ) {
    return { job, ciphertext: sealedBefore, connection, stored: Promise.resolve() };
  }
  const { plaintext, record } = job.prepared;
  const encoded = encodePlaintext(context.profile.plaintext, plaintext);
  const ciphertext = await encryptFor(context, work, contact, encoded, connection);
  const ratchet = work.record();
  const stored = job.journal.seal(writeSealed(ciphertext), (tx) => {
    ratchet(tx);
    record(tx);
  });
  // The caller awaits it later, in order; this keeps an earlier failure from being an unhandled rejection.
  stored.catch(() => undefined);
  return { job, ciphertext, connection, stored };
}

/** A message for one person; `group`: in which they are a member. */
export function messageStanza(
  context: LoginContext,
  contact: PersonId,
  { id, plaintext }: { readonly id: MessageId; readonly plaintext: Plaintext },
  { type, bytes }: Ciphertext,
  group?: ChatId,
): Node {
  const { mediatype, edit, type: what } = shapeOf(plaintext);
  return node("message", { id, ...addressed(group, contact), type: what, edit }, [
    node("enc", { v: context.profile.encVersion, type, mediatype }, bytes),
  ]);
}

function settle({ profile }: LoginContext, job: OutgoingJob, ack: Node): void {
  const refusal = refusalIn(ack, profile.name);
  if (refusal) job.reject(refusal);
  else job.resolve();
}

/** Whether a message failed for what it is alone, so that the later ones may go. */
export function isCertainRefusal(error: unknown): boolean {
  return error instanceof BridgeError && error.certain && error.retryAfter === undefined;
}

export function heldBack(): BridgeError {
  return new BridgeError("remote-unreachable", {
    words: "An earlier message of this chat has to go first.",
    certain: true,
    retryAfter: 0,
  });
}
