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
import { identityChanged, type Scene } from "./login-context.ts";
import { type PreparedRetry, prepareRetry } from "./retry/retry-requester.ts";

/** Seconds. */
const LATEST = 2 ** 33;

export interface IncomingJob {
  readonly kind: "in";
  readonly stanza: Node;
  readonly connection: Connection;
  /** Bytes of ciphertext. */
  readonly size: number;
}

/** What one turn on an address found, to be committed at once. */
interface Turn {
  readonly work: SignalTransaction;
  readonly events: RemoteEvent[];
  readonly retries: { readonly retry: PreparedRetry; readonly connection: Connection }[];
  toldIdentity: boolean;
  /** Whether the list of messages that are waited for has changed. */
  retriesChanged: boolean;
  /** Take those changes back. */
  readonly undo: (() => void)[];
}

/**
 * Decrypts messages of one sender and hands them over: what was decrypted and the ratchet that decrypted it in one
 * commit, then the acknowledgements. Where the commit fails nothing is acknowledged and the connection is closed, so
 * that the gatekeeper delivers again.
 */
export async function takeMessages(
  scene: Scene,
  sender: PersonId,
  jobs: readonly IncomingJob[],
): Promise<void> {
  using work = await scene.signal.begin(sender);
  const turn: Turn = {
    work,
    events: [],
    retries: [],
    toldIdentity: false,
    retriesChanged: false,
    undo: [],
  };
  try {
    for (const job of jobs) await takeOne(scene, turn, sender, job);
    await commit(scene, turn, sender);
  } catch (error) {
    for (const undo of turn.undo.toReversed()) undo();
    scene.log.warn("messages could not be stored; the network will deliver them again", {
      login: scene.login,
      count: jobs.length,
      ...faultOf(error),
    });
    for (const connection of new Set(jobs.map((job) => job.connection))) connection.close(error);
    return;
  }
  for (const { stanza, connection } of jobs) {
    // Without an id there is nothing to acknowledge it by.
    if (stanza.attrs["id"] === undefined) continue;
    connection.send(node("ack", { class: "message", id: stanza.attrs["id"], to: stanza.attrs["from"] }));
  }
  for (const { retry, connection } of turn.retries) connection.send(retry.receipt);
}

async function commit(scene: Scene, turn: Turn, sender: PersonId): Promise<void> {
  const { work, events, retries } = turn;
  const ratchet = work.record();
  await scene.sink.accept(events, (tx) => {
    ratchet(tx);
    for (const { retry } of retries) retry.record(tx);
    if (turn.retriesChanged) scene.retries.record(tx);
  });
  for (const event of events) {
    if (event.kind === "message" && event.receipt !== undefined)
      scene.deliveries.taken(sender, event.id, event.receipt);
  }
  work.publish();
}

async function takeOne(
  scene: Scene,
  turn: Turn,
  sender: PersonId,
  { stanza, connection }: IncomingJob,
): Promise<void> {
  const envelope = envelopeOf(sender, stanza, scene.clock.now());
  if (usableId(stanza.attrs["id"]) === undefined) {
    // Answers and receipts name a message by its id, so there is nothing to be done with one that cannot be kept.
    scene.log.warn("a message has an id that cannot be used", { login: scene.login, message: envelope.id });
    turn.events.push(unsupported(envelope, "something this bridge cannot read"));
    return;
  }
  const ciphertexts = children(stanza, "enc");
  const [enc] = ciphertexts;
  const type = enc && ciphertextType(enc);
  const ciphertext = enc && bytes(enc);
  if (!type || !ciphertext || ciphertexts.length > 1) {
    turn.events.push(unsupported(envelope, "something this bridge cannot read"));
    return;
  }
  const decrypted = await scene.signal.decrypt(turn.work, deviceOf(sender), { type, bytes: ciphertext });
  if (turn.work.identityChanged(sender) && !turn.toldIdentity) {
    turn.events.push(await identityChanged(turn.work, sender, envelope.at));
    turn.toldIdentity = true;
  }
  await record(scene, turn, { envelope, stanza, connection }, decrypted);
}

async function record(
  scene: Scene,
  turn: Turn,
  {
    envelope,
    stanza,
    connection,
  }: { readonly envelope: Envelope; readonly stanza: Node; readonly connection: Connection },
  decrypted: Decrypted,
): Promise<void> {
  const { sender, id } = envelope;
  const { log, login } = scene;
  // It is given back as it came.
  const sts = usableId(stanza.attrs["sts"]);
  switch (decrypted.kind) {
    case "plaintext": {
      const event = toBridge(scene, decrypted.bytes, envelope);
      turn.events.push(event.kind === "message" && sts !== undefined ? { ...event, receipt: sts } : event);
      if (scene.retries.has(sender, id)) {
        turn.undo.push(scene.retries.keep(sender, id));
        scene.retries.forget(sender, id);
        turn.retriesChanged = true;
      }
      return;
    }
    case "duplicate":
      log.debug("a message came again", { login, message: id });
      return;
    case "undecryptable": {
      if (await scene.store.networkInbox.known(login, { chat: chatWith(sender), sender, id })) {
        log.debug("a known message came again in another ciphertext", { login, message: id });
        return;
      }
      log.warn("a message could not be decrypted", { login, message: id, reason: decrypted.reason });
      turn.retriesChanged = true;
      turn.undo.push(scene.retries.keep(sender, id));
      const t = String(wholeNumber(stanza.attrs["t"], LATEST) ?? Math.floor(envelope.at / 1_000));
      const { at, senderName } = envelope;
      const entry = scene.retries.failed(
        { sender, id, at, t, ...(senderName !== undefined && { name: senderName }) },
        scene.clock.now(),
      );
      if (entry) turn.retries.push({ retry: await prepareRetry(scene, entry), connection });
      else turn.events.push(undecryptable(envelope));
    }
  }
}

function ciphertextType({ attrs }: Node): CiphertextType | undefined {
  const type = attrs["type"];
  return type === "pkmsg" || type === "msg" ? type : undefined;
}
