import type { RemoteEvent } from "../../../core/model/events.ts";
import type { LoginId, PersonId, UserId } from "../../../core/model/ids.ts";
import type { Clock, Random } from "../../../core/ports/clock.ts";
import type { Log } from "../../../core/ports/log.ts";
import type { RemoteSink } from "../../../core/ports/network.ts";
import type { Store } from "../../../core/ports/store.ts";
import type { PreKeySupply } from "../../../signal-protocol/prekey-supply.ts";
import type { SignalAccount } from "../../../signal-protocol/signal-account.ts";
import type { SignalTransaction } from "../../../signal-protocol/signal-transaction.ts";
import type { AckTracker } from "../connection/ack-tracker.ts";
import { chatWith, messageId } from "../ids.ts";
import type { Profile } from "../profile.ts";
import type { DeliveryReceipts } from "./delivery-receipts.ts";
import type { UndecryptableMessages } from "./retry/undecryptable-messages.ts";

/** What the modules of one login's connection share. */
export interface LoginContext {
  readonly login: LoginId;
  /** Our person: their Matrix id, and their JID without device, which is also their Signal address. */
  readonly user: UserId;
  readonly own: string;
  readonly profile: Profile;
  readonly store: Store;
  readonly sink: RemoteSink;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly signal: SignalAccount;
  readonly supply: PreKeySupply;
  readonly undecryptable: UndecryptableMessages;
  readonly deliveries: DeliveryReceipts;
  readonly acks: AckTracker;
}

/** The event that a contact's key has changed; its id makes it one event a key. */
export async function identityChanged(
  work: SignalTransaction,
  sender: PersonId,
  at: number,
): Promise<RemoteEvent> {
  const identity = await work.identity(sender);
  const key = Buffer.from(identity?.getPublicKeyBytes() ?? []).toString("hex");
  return {
    kind: "identity-changed",
    chat: chatWith(sender),
    sender,
    id: messageId(`identity-${key.slice(0, 32)}`),
    at,
  };
}
