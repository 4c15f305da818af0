import type { RemoteEvent } from "../../../core/model/events.ts";
import type { PersonId } from "../../../core/model/ids.ts";
import { faultOf } from "../../../core/ports/log.ts";
import type { Decrypted } from "../../../signal-protocol/decrypted.ts";
import type { CiphertextType } from "../../../signal-protocol/signal-account.ts";
import type { SignalTransaction } from "../../../signal-protocol/signal-transaction.ts";
import type { Connection } from "../connection/connection.ts";
import { type Envelope, envelopeOf } from "../convert/envelope.ts";
import { toBridge, undecryptable, unsupported } from "../convert/to-bridge.ts";
import { chatWith } from "../ids.ts";
import { usableId, wholeNumber } from "../wire/attributes.ts";
import { bytes, children, type Node, node } from "../wire/node.ts";
import { deviceOf } from "./device-address.ts";
import { identityChanged, type LoginContext } from "./login-context.ts";
import { type PreparedRetryReceipt, prepareRetryReceipt } from "./retry/retry-requester.ts";

/** The latest `t` that counts, in seconds since the epoch. */
const LATEST_T = 2 ** 33;

export interface IncomingJob {
  readonly kind: "in";
  readonly stanza: Node;
  readonly connection: Connection;
  /** Bytes of ciphertext. */
  readonly size: number;
}

/** What the jobs of one unit of work gave, to be committed at once. */
interface Batch {
  readonly work: SignalTransaction;
  readonly events: RemoteEvent[];
  readonly retries: { readonly retry: PreparedRetryReceipt; readonly connection: Connection }[];
  identityTold: boolean;
  /** Whether the list of undecryptable messages has changed. */
  undecryptableChanged: boolean;
  /** Functions that undo these changes. */
  readonly undo: (() => void)[];
}

/**
 * Decrypts messages of one sender: commits the ratchet with the events it decrypted, then acknowledges. If the commit
 * fails, nothing is acknowledged and the connection is closed, so that the gatekeeper delivers again.
 */
export async function receiveMessages(
  context: LoginContext,
  sender: PersonId,
  jobs: readonly IncomingJob[],
): Promise<void> {
  using work = await context.signal.begin(sender);
  const batch: Batch = {
    work,
    events: [],
    retries: [],
    identityTold: false,
    undecryptableChanged: false,
    undo: [],
  };
  try {
    for (const job of jobs) await receiveOne(context, batch, sender, job);
    await commit(context, batch, sender);
  } catch (error) {
    for (const undo of batch.undo.toReversed()) undo();
    context.log.warn("messages could not be stored; the network will deliver them again", {
      login: context.login,
      count: jobs.length,
      ...faultOf(error),
    });
    for (const connection of new Set(jobs.map((job) => job.connection))) connection.close(error);
    return;
  }
  for (const { stanza, connection } of jobs) {
    // A message without an id cannot be acknowledged.
    if (stanza.attrs["id"] === undefined) continue;
    connection.send(node("ack", { class: "message", id: stanza.attrs["id"], to: stanza.attrs["from"] }));
  }
  for (const { retry, connection } of batch.retries) connection.send(retry.receipt);
}

async function commit(context: LoginContext, batch: Batch, sender: PersonId): Promise<void> {
  const { work, events, retries } = batch;
  const ratchet = work.record();
  await context.sink.accept(events, (tx) => {
    ratchet(tx);
    for (const { retry } of retries) retry.record(tx);
    if (batch.undecryptableChanged) context.undecryptable.record(tx);
  });
  for (const event of events) {
    if (event.kind === "message" && event.receipt !== undefined)
      context.deliveries.remember(sender, event.id, event.receipt);
  }
  work.publish();
}

async function receiveOne(
  context: LoginContext,
  batch: Batch,
  sender: PersonId,
  { stanza, connection }: IncomingJob,
): Promise<void> {
  const envelope = envelopeOf(sender, stanza, context.clock.now());
  if (usableId(stanza.attrs["id"]) === undefined) {
    // Without a usable id no answer or receipt could name the message, so it becomes an event that says so.
    context.log.warn("a message has an id that cannot be used", {
      login: context.login,
      message: envelope.id,
    });
    batch.events.push(unsupported(envelope, "something this bridge cannot read"));
    return;
  }
  const ciphertexts = children(stanza, "enc");
  const [enc] = ciphertexts;
  const type = enc && ciphertextType(enc);
  const ciphertext = enc && bytes(enc);
  if (!type || !ciphertext || ciphertexts.length > 1) {
    batch.events.push(unsupported(envelope, "something this bridge cannot read"));
    return;
  }
  const decrypted = await context.signal.decrypt(batch.work, deviceOf(sender), { type, bytes: ciphertext });
  if (batch.work.identityChanged(sender) && !batch.identityTold) {
    batch.events.push(await identityChanged(batch.work, sender, envelope.at));
    batch.identityTold = true;
  }
  await handleDecrypted(context, batch, { envelope, stanza, connection }, decrypted);
}

async function handleDecrypted(
  context: LoginContext,
  batch: Batch,
  {
    envelope,
    stanza,
    connection,
  }: { readonly envelope: Envelope; readonly stanza: Node; readonly connection: Connection },
  decrypted: Decrypted,
): Promise<void> {
  const { sender, id } = envelope;
  const { log, login } = context;
  // The receipt must echo it unchanged.
  const sts = usableId(stanza.attrs["sts"]);
  switch (decrypted.kind) {
    case "plaintext": {
      const event = toBridge(context, decrypted.bytes, envelope);
      batch.events.push(event.kind === "message" && sts !== undefined ? { ...event, receipt: sts } : event);
      if (context.undecryptable.has({ sender, id })) {
        batch.undo.push(context.undecryptable.savepoint({ sender, id }));
        context.undecryptable.remove({ sender, id });
        batch.undecryptableChanged = true;
      }
      return;
    }
    case "duplicate":
      log.debug("a message came again", { login, message: id });
      return;
    case "undecryptable": {
      if (await context.store.networkInbox.hasTaken(login, { chat: chatWith(sender), sender, id })) {
        log.debug("a known message came again in another ciphertext", { login, message: id });
        return;
      }
      log.warn("a message could not be decrypted", { login, message: id, reason: decrypted.reason });
      batch.undecryptableChanged = true;
      batch.undo.push(context.undecryptable.savepoint({ sender, id }));
      const t = String(wholeNumber(stanza.attrs["t"], LATEST_T) ?? Math.floor(envelope.at / 1_000));
      const { at, senderName } = envelope;
      const entry = context.undecryptable.countFailure(
        { sender, id, at, t, ...(senderName !== undefined && { name: senderName }) },
        context.clock.now(),
      );
      if (entry) batch.retries.push({ retry: await prepareRetryReceipt(context, entry), connection });
      else batch.events.push(undecryptable(envelope));
    }
  }
}

function ciphertextType({ attrs }: Node): CiphertextType | undefined {
  const type = attrs["type"];
  return type === "pkmsg" || type === "msg" ? type : undefined;
}
