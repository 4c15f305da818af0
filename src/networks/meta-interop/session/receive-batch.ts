import type { RemoteEvent } from "../../../core/model/events.ts";
import type { ChatId, PersonId } from "../../../core/model/ids.ts";
import { faultOf } from "../../../core/ports/log.ts";
import type { Writes } from "../../../core/ports/store.ts";
import type { Decrypted } from "../../../signal-protocol/decrypted.ts";
import type { CiphertextType } from "../../../signal-protocol/signal-account.ts";
import type { SignalTransaction } from "../../../signal-protocol/signal-transaction.ts";
import type { Connection } from "../connection/connection.ts";
import type { Envelope } from "../convert/envelope.ts";
import { toBridge, undecryptable } from "../convert/to-bridge.ts";
import { interopGroups } from "../group-records.ts";
import { chatWith } from "../ids.ts";
import { usableId, wholeNumber } from "../wire/attributes.ts";
import { type Node, node } from "../wire/node.ts";
import { identityChanged, type LoginContext } from "./login-context.ts";
import type { ReceivedKeys } from "./received-keys.ts";
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
export interface ReceiveBatch {
  readonly work: SignalTransaction;
  /** In a group, its members by what they call themselves. */
  readonly names: ReadonlyMap<PersonId, string | undefined> | undefined;
  readonly events: RemoteEvent[];
  readonly keys: ReceivedKeys;
  readonly retries: { readonly retry: PreparedRetryReceipt; readonly connection: Connection }[];
  /** Whose changed identity is among the events. */
  readonly identities: Set<PersonId>;
  /** Whether the list of undecryptable messages has changed. */
  undecryptableChanged: boolean;
  /** Functions that undo these changes. */
  readonly undo: (() => void)[];
}

export function receiveBatch(
  work: SignalTransaction,
  keys: ReceivedKeys,
  names?: ReadonlyMap<PersonId, string | undefined>,
): ReceiveBatch {
  const identities = new Set<PersonId>();
  return { work, names, events: [], keys, retries: [], identities, undecryptableChanged: false, undo: [] };
}

/**
 * Runs `receive` and commits what it gave with the ratchets, then acknowledges the jobs. If that fails, nothing is
 * acknowledged and the connections are closed, so that the gatekeeper delivers again.
 */
export async function receiveAll(
  context: LoginContext,
  batch: ReceiveBatch,
  jobs: readonly IncomingJob[],
  receive: () => Promise<void>,
): Promise<void> {
  try {
    await receive();
    await commit(context, batch);
  } catch (error) {
    for (const undo of batch.undo.toReversed()) undo();
    closeUnstored(context, jobs, error);
    return;
  }
  acknowledge(jobs);
  for (const { retry, connection } of batch.retries) connection.send(retry.receipt);
}

/** Closes the connections of jobs that could not be stored. */
export function closeUnstored(
  { log, login }: LoginContext,
  jobs: readonly IncomingJob[],
  error: unknown,
): void {
  log.warn("messages could not be stored; the network will deliver them again", {
    login,
    count: jobs.length,
    ...faultOf(error),
  });
  for (const connection of new Set(jobs.map((job) => job.connection))) connection.close(error);
}

export function acknowledge(jobs: readonly IncomingJob[]): void {
  for (const { stanza, connection } of jobs) {
    const { id, from, participant } = stanza.attrs;
    // A message without an id cannot be acknowledged.
    if (id !== undefined) connection.send(node("ack", { class: "message", id, to: from, participant }));
  }
}

async function commit(context: LoginContext, batch: ReceiveBatch): Promise<void> {
  const { work, events, retries, identities, keys } = batch;
  const ratchet = work.record();
  await context.sink.accept(events, (tx: Writes) => {
    ratchet(tx);
    keys.record(tx);
    for (const { retry } of retries) retry.record(tx);
    if (batch.undecryptableChanged) context.undecryptable.record(tx);
    for (const sender of identities) tx.family(interopGroups).renewKeysWith(context.login, sender);
  });
  for (const event of events) {
    const { kind, chat, sender, id } = event;
    if (kind === "message" && sender !== undefined && event.receipt !== undefined)
      context.deliveries.remember({ chat, sender, id }, event.receipt);
  }
  work.publish();
}

/** Adds the event of a sender's changed identity, where the last step changed it. */
export async function tellIdentity(batch: ReceiveBatch, { sender, at }: Envelope): Promise<void> {
  if (!batch.work.identityChanged(sender) || batch.identities.has(sender)) return;
  batch.events.push(await identityChanged(batch.work, sender, at));
  batch.identities.add(sender);
}

export interface Delivered {
  readonly envelope: Envelope;
  readonly stanza: Node;
  readonly connection: Connection;
}

/** Makes the event of a message, or asks for it again. */
export async function handleDecrypted(
  context: LoginContext,
  batch: ReceiveBatch,
  { envelope, stanza, connection }: Delivered,
  decrypted: Decrypted,
): Promise<void> {
  const { group, sender, id } = envelope;
  const chat: ChatId = group ?? chatWith(sender);
  const { log, login, undecryptable: list } = context;
  const named = { ...(group !== undefined && { group }), sender, id };
  // The receipt must echo it unchanged.
  const sts = usableId(stanza.attrs["sts"]);
  switch (decrypted.kind) {
    case "plaintext": {
      const key = await batch.keys.takeFrom(batch.work, sender, decrypted.bytes);
      if (key?.alone !== true) {
        const recipient = { ...context, ...(batch.names && { names: batch.names }) };
        const event = toBridge(recipient, decrypted.bytes, envelope);
        batch.events.push(event.kind === "message" && sts !== undefined ? { ...event, receipt: sts } : event);
      }
      if (list.has(named)) {
        batch.undo.push(list.savepoint(named));
        list.remove(named);
        batch.undecryptableChanged = true;
      }
      return;
    }
    case "duplicate":
      log.debug("a message came again", { login, message: id });
      return;
    case "undecryptable": {
      if (await context.store.networkInbox.hasTaken(login, { chat, sender, id })) {
        log.debug("a known message came again in another ciphertext", { login, message: id });
        return;
      }
      log.warn("a message could not be decrypted", { login, message: id, reason: decrypted.reason });
      batch.undecryptableChanged = true;
      batch.undo.push(list.savepoint(named));
      const t = String(wholeNumber(stanza.attrs["t"], LATEST_T) ?? Math.floor(envelope.at / 1_000));
      const { at, senderName } = envelope;
      const entry = list.countFailure(
        { ...named, at, t, ...(senderName !== undefined && { name: senderName }) },
        context.clock.now(),
      );
      if (entry) batch.retries.push({ retry: await prepareRetryReceipt(context, entry), connection });
      else batch.events.push(undecryptable(envelope));
    }
  }
}

/** The type of a ciphertext for us alone; undefined for any other `<enc>`. */
export function ciphertextType({ attrs }: Node): CiphertextType | undefined {
  const type = attrs["type"];
  return type === "pkmsg" || type === "msg" ? type : undefined;
}
