import { BridgeError } from "../../../core/model/errors.ts";
import type { MessageId, PersonId } from "../../../core/model/ids.ts";
import type { Journal } from "../../../core/ports/network.ts";
import type { Ciphertext, SealedCiphertext } from "../../../signal-protocol/signal-account.ts";
import type { SignalTransaction } from "../../../signal-protocol/signal-transaction.ts";
import type { Connection } from "../connection/connection.ts";
import { refusalIn } from "../connection/refusals.ts";
import { shapeOf } from "../convert/stanza-shape.ts";
import { type Node, node } from "../wire/node.ts";
import type { Plaintext } from "../wire/plaintext-kinds.ts";
import { deviceOf } from "./device-address.ts";
import type { Scene } from "./login-context.ts";
import type { Prepared } from "./plaintexts.ts";
import { readSealed, writeSealed } from "./sealed-message.ts";
import { encryptFor } from "./sessions.ts";

export interface OutgoingJob {
  readonly kind: "out";
  readonly id: MessageId;
  readonly prepared: Pick<Prepared, "plaintext" | "record">;
  readonly journal: Journal;
  readonly connection: () => Promise<Connection>;
  resolve(): void;
  reject(error: unknown): void;
}

/** A message that is on disk and may leave. */
interface Ready {
  readonly job: OutgoingJob;
  readonly ciphertext: SealedCiphertext;
  readonly connection: Connection;
  readonly stored: Promise<void>;
}

/**
 * Encrypts messages for one contact and sends them, in order. Each ciphertext is stored with the ratchet that made it
 * before it leaves. The promise resolves when all have left; each job when the network has taken its message. After one
 * that could not leave none of the later ones does.
 */
export async function sendMessages(
  scene: Scene,
  contact: PersonId,
  jobs: readonly OutgoingJob[],
): Promise<void> {
  using work = await scene.signal.begin(contact);
  const ready: Ready[] = [];
  let broken = false;
  for (const job of jobs) {
    if (broken) {
      job.reject(heldBack());
      continue;
    }
    try {
      ready.push(await seal(scene, work, contact, job));
    } catch (error) {
      job.reject(error);
      // A contact who is gone is so for the next message too; what may pass with time holds the next ones back.
      broken = !isCertainRefusal(error);
    }
  }
  const sealedAll = !broken;
  broken = false;
  for (const { job, ciphertext, connection, stored } of ready) {
    try {
      await stored;
      if (broken) throw heldBack();
    } catch (error) {
      broken = true;
      job.reject(error);
      continue;
    }
    const { plaintext } = job.prepared;
    const stanza = messageStanza(scene, contact, { id: job.id, plaintext }, ciphertext);
    scene.unanswered.deliver(connection, scene.login, stanza).then(
      (ack) => settle(scene, job, ack),
      (error: unknown) => job.reject(error),
    );
  }
  if (sealedAll && !broken) work.publish();
}

async function seal(
  scene: Scene,
  work: SignalTransaction,
  contact: PersonId,
  job: OutgoingJob,
): Promise<Ready> {
  const connection = await job.connection();
  const earlier = job.journal.sealed && readSealed(job.journal.sealed);
  if (earlier && earlier.session === (await scene.signal.currentSession(work, deviceOf(contact)))) {
    return { job, ciphertext: earlier, connection, stored: Promise.resolve() };
  }
  const { plaintext, record } = job.prepared;
  const ciphertext = await encryptFor(scene, work, contact, plaintext, connection);
  const ratchet = work.record();
  const stored = job.journal.seal(writeSealed(ciphertext), (tx) => {
    ratchet(tx);
    record(tx);
  });
  // It is awaited later, in order; until then a failure is nobody's unhandled one.
  stored.catch(() => undefined);
  return { job, ciphertext, connection, stored };
}

export function messageStanza(
  scene: Scene,
  to: PersonId,
  { id, plaintext }: { readonly id: MessageId; readonly plaintext: Plaintext },
  { type, bytes }: Ciphertext,
): Node {
  const { mediatype, edit, type: what } = shapeOf(plaintext);
  return node("message", { id, to, type: what, edit }, [
    node("enc", { v: scene.profile.encVersion, type, mediatype }, bytes),
  ]);
}

function settle({ profile }: Scene, job: OutgoingJob, ack: Node): void {
  const refusal = refusalIn(ack, profile.name);
  if (refusal) job.reject(refusal);
  else job.resolve();
}

function isCertainRefusal(error: unknown): boolean {
  return error instanceof BridgeError && error.certain && error.retryAfter === undefined;
}

function heldBack(): BridgeError {
  return new BridgeError("remote-unreachable", {
    words: "An earlier message of this chat has to go first.",
    certain: true,
    retryAfter: 0,
  });
}
