import type { RemoteEvent } from "../../../core/model/events.ts";
import type { MessageId, PersonId } from "../../../core/model/ids.ts";
import type { SignalTransaction } from "../../../signal-protocol/signal-transaction.ts";
import { chatWith, serviceIdOf } from "../ids.ts";

/** The event that a contact's key has changed; its id makes it one event a key. */
export async function identityChanged(
  work: SignalTransaction,
  sender: PersonId,
  at: number,
): Promise<RemoteEvent> {
  const identity = await work.identity(serviceIdOf(sender));
  const key = Buffer.from(identity?.getPublicKeyBytes() ?? []).toString("hex");
  const id = `identity-${key.slice(0, 32)}` as MessageId;
  return { kind: "identity-changed", chat: chatWith(sender), sender, id, at };
}
