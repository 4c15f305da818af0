import type { LoginId } from "../../src/core/model/ids.ts";
import type { Store } from "../../src/core/ports/store.ts";
import { makeOwnKeys, type StoredOwnKeys } from "../../src/signal-protocol/key-maker.ts";
import { PreKeySupply } from "../../src/signal-protocol/prekey-supply.ts";
import type { PublicBundle } from "../../src/signal-protocol/public-keys.ts";
import { SignalAccount } from "../../src/signal-protocol/signal-account.ts";
import { SignalPeers } from "../../src/signal-protocol/signal-peers.ts";
import {
  type AccountKey,
  type DeviceAddress,
  signalRecords,
} from "../../src/signal-protocol/signal-records.ts";
import type { SignalTransaction } from "../../src/signal-protocol/signal-transaction.ts";

const now = () => 1_800_000_000_000;

/** Our own end: a login's accounts over the store, as the bridge has them. */
export class OwnSignal {
  readonly store: Store;
  readonly login: LoginId;
  /** Each account's. */
  readonly keys: Map<AccountKey["account"], StoredOwnKeys>;
  #peers: SignalPeers;

  /** `keys`: those made before, after a restart. */
  constructor(store: Store, login = "login-1" as LoginId, keys: OwnSignal["keys"] = new Map()) {
    this.keys = keys;
    this.store = store;
    this.login = login;
    this.#peers = new SignalPeers(store.family(signalRecords), login);
  }

  /** As after a restart: what was not committed is forgotten. */
  forgetAll(): void {
    this.#peers = new SignalPeers(this.store.family(signalRecords), this.login);
  }

  async account(account: AccountKey["account"], address: DeviceAddress): Promise<SignalAccount> {
    const made = this.keys.get(account);
    const own = made ?? makeOwnKeys();
    this.keys.set(account, own);
    const of = { login: this.login, account };
    if (!made) await this.store.write((tx) => tx.family(signalRecords).setOwn(of, own));
    return new SignalAccount({ peers: this.#peers, account, address, own, now });
  }

  /** A bundle of the account's, with one-time keys. */
  async bundle(account: AccountKey["account"], { own }: SignalAccount): Promise<PublicBundle> {
    const supply = new PreKeySupply({ store: this.store, of: { login: this.login, account }, own, now });
    const { oneTime, kyber, lasting } = await supply.make({ oneTime: 1, kyber: 1, lasting: true });
    if (!lasting || !kyber[0]) throw new Error("no keys");
    const identity = own.identity.publicKey.getPublicKeyBytes();
    return {
      registrationId: own.registrationId,
      identity,
      signed: lasting.signed,
      oneTime: oneTime[0],
      kyber: kyber[0],
    };
  }

  /** Does one unit of work and commits it. */
  async work<T>(
    account: SignalAccount,
    people: readonly string[],
    act: (work: SignalTransaction) => Promise<T>,
  ): Promise<T> {
    using work = await account.begin(...people);
    const done = await act(work);
    await this.store.write(work.record());
    work.publish();
    return done;
  }
}
