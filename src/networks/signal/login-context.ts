import type { PublicKey } from "@signalapp/libsignal-client";
import type { LoginId, NetworkId, PersonId, UserId } from "../../core/model/ids.ts";
import type { Clock, Random } from "../../core/ports/clock.ts";
import type { Log } from "../../core/ports/log.ts";
import type { RemoteSink } from "../../core/ports/network.ts";
import type { Store } from "../../core/ports/store.ts";
import type { SignalAccount } from "../../signal-protocol/signal-account.ts";
import type { AccountKey } from "../../signal-protocol/signal-records.ts";
import type { Account } from "./account.ts";
import type { LongTexts } from "./media/long-texts.ts";
import type { Chat } from "./service/chat.ts";
import type { OwnCertificate } from "./service/own-certificate.ts";

/** Our identity that something was sent to. */
export const identityOf = (
  { aci, pni }: Pick<LoginContext, "aci" | "pni">,
  account: AccountKey["account"],
): SignalAccount => (account === "pni" && pni ? pni : aci);

/** What the modules of one login's connection share. */
export interface LoginContext {
  readonly login: LoginId;
  readonly network: NetworkId;
  readonly user: UserId;
  readonly account: Account;
  /** Our person, by account and by phone number, where the account has one. */
  readonly own: PersonId;
  readonly ownNumber: PersonId | undefined;
  readonly store: Store;
  readonly sink: RemoteSink;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Our identities, of the account and of its phone number, where it has one; they share the people. */
  readonly aci: SignalAccount;
  readonly pni: SignalAccount | undefined;
  readonly trustRoots: readonly PublicKey[];
  readonly certificate: OwnCertificate;
  readonly longTexts: LongTexts;
  /** Resolves when connected; rejects with a BridgeError where that takes too long. */
  chat(): Promise<Chat>;
}
