import type { Clock, Random } from "../../core/clock.ts";
import type { RemoteEvent } from "../../core/events.ts";
import type { LoginId, PersonId, UserId } from "../../core/ids.ts";
import type { Log } from "../../core/log.ts";
import type { RemoteSink } from "../../core/network.ts";
import type { Store } from "../../core/store.ts";
import type { Deliveries } from "./deliveries.ts";
import type { Overlay } from "./e2ee/overlay.ts";
import type { PreKeySupply } from "./e2ee/prekey-supply.ts";
import type { SignalAccount } from "./e2ee/signal-account.ts";
import { chatWith, messageId } from "./ids.ts";
import type { Profile } from "./profile.ts";
import type { RetryBook } from "./retry-book.ts";
import type { Unanswered } from "./unanswered.ts";

/** What the parts of one login's connection share. */
export interface Scene {
  readonly login: LoginId;
  /** Our person, in Matrix and as the gatekeeper and Signal know them: the JID without device. */
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
  readonly retries: RetryBook;
  readonly deliveries: Deliveries;
  readonly unanswered: Unanswered;
}

/** Tells that a contact's key is another one; told once a key. */
export async function identityChanged(work: Overlay, sender: PersonId, at: number): Promise<RemoteEvent> {
  const identity = await work.identity();
  const key = Buffer.from(identity?.getPublicKeyBytes() ?? []).toString("hex");
  return {
    kind: "identity-changed",
    chat: chatWith(sender),
    sender,
    id: messageId(`identity-${key.slice(0, 32)}`),
    at,
  };
}
