import { BridgeError } from "../../../core/model/errors.ts";
import type { RemoteReceipt } from "../../../core/model/events.ts";
import { faultOf } from "../../../core/ports/log.ts";
import { identityOf, type LoginContext } from "../login-context.ts";
import { newBatch } from "./batch.ts";
import type { OpenedEnvelope } from "./incoming-envelopes.ts";
import type { IncomingMessages } from "./incoming-messages.ts";

/**
 * Decrypts envelopes: commits the ratchet with the events it decrypted, then acknowledges. Rejects where that cannot be
 * stored; then nothing is acknowledged.
 */
export async function receiveBatch(
  context: LoginContext,
  messages: IncomingMessages,
  envelopes: readonly OpenedEnvelope[],
): Promise<void> {
  const opened = envelopes.map((one) => one.opened);
  const first = opened.find((one) => one.kind === "message");
  const account = identityOf(context, first?.account ?? "aci");
  const senders = opened.flatMap((one) => (one.kind === "message" ? [one.from.name] : []));
  using work = await account.begin(...senders);
  const batch = newBatch(work);
  const acknowledged: OpenedEnvelope[] = [];
  try {
    for (const one of envelopes) {
      if ((await messages.take(batch, one)) === "kept") acknowledged.push(one);
      if (batch.isLast) break;
    }
    for (const receipt of batch.receipts) await tell(context, receipt);
    const ratchet = work.record();
    await context.sink.accept(batch.events, (tx) => {
      ratchet(tx);
      for (const write of batch.writes) write(tx);
    });
  } catch (error) {
    for (const undo of batch.undo.toReversed()) undo();
    throw error;
  }
  work.publish();
  for (const { envelope } of acknowledged) envelope.acknowledge();
  for (const signal of batch.signals) context.sink.signal(signal);
  for (const act of batch.afterwards) act();
}

/** A receipt that cannot be taken for itself holds up no message. Rejects in an outage of the store. */
async function tell({ sink, log, login }: LoginContext, receipt: RemoteReceipt): Promise<void> {
  try {
    await sink.receipt(receipt);
  } catch (error) {
    if (BridgeError.from(error).outage) throw error;
    log.warn("a receipt was dropped", { login, ...faultOf(error) });
  }
}
