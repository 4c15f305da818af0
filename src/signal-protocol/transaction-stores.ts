import {
  Direction,
  IdentityChange,
  type IdentityKeyPair,
  type IdentityKeyStore,
  KyberPreKeyRecord,
  type KyberPreKeyStore,
  PreKeyRecord,
  type PreKeyStore,
  type PrivateKey,
  type ProtocolAddress,
  type PublicKey,
  SenderKeyRecord,
  type SenderKeyStore,
  type SessionRecord,
  type SessionStore,
  SignedPreKeyRecord,
  type SignedPreKeyStore,
} from "@signalapp/libsignal-client";
import { arrayBytes } from "./array-bytes.ts";
import type { OwnKeys } from "./key-maker.ts";
import { PendingChanges } from "./pending-changes.ts";
import type { SignalPeers } from "./signal-peers.ts";
import type { AccountKey, DeviceAddress, PreKeyKind } from "./signal-records.ts";

export interface SignalBase {
  readonly peers: SignalPeers;
  readonly of: AccountKey;
  readonly own: OwnKeys;
  /** Our own device. */
  readonly local: ProtocolAddress;
}

/** libsignal's stores for one account: they read what is committed, and collect what libsignal saves. */
export class TransactionStores
  implements SessionStore, IdentityKeyStore, PreKeyStore, SignedPreKeyStore, KyberPreKeyStore, SenderKeyStore
{
  pending = new PendingChanges();
  /** Whether the running step makes a new session: only then may a person's identity be replaced. */
  newSession = false;
  /** A failure of our store during the running step, which libsignal would report as an unreadable message. */
  fault: unknown;
  readonly #base: SignalBase;

  constructor(base: SignalBase) {
    this.#base = base;
  }

  async identity(name: string): Promise<PublicKey | undefined> {
    return this.pending.identity(name)?.key ?? this.#read(this.#base.peers.identity(name));
  }

  async session(address: DeviceAddress): Promise<SessionRecord | undefined> {
    return this.pending.session(address) ?? this.#read(this.#base.peers.session(this.#base.of, address));
  }

  async getSession(address: ProtocolAddress): Promise<SessionRecord | null> {
    return (await this.session(addressOf(address))) ?? null;
  }

  async getExistingSessions(addresses: readonly ProtocolAddress[]): Promise<SessionRecord[]> {
    const sessions = await Promise.all(addresses.map((address) => this.session(addressOf(address))));
    if (sessions.includes(undefined)) throw new Error("no session with one of the devices");
    return sessions.filter((session) => session !== undefined);
  }

  async saveSession(to: ProtocolAddress, record: SessionRecord): Promise<void> {
    this.pending.setSession(addressOf(to), record);
  }

  async getIdentityKey(): Promise<PrivateKey> {
    return this.#base.own.identity.privateKey;
  }

  async getIdentityKeyPair(): Promise<IdentityKeyPair> {
    return this.#base.own.identity;
  }

  async getLocalRegistrationId(): Promise<number> {
    return this.#base.own.registrationId;
  }

  async getIdentity(address: ProtocolAddress): Promise<PublicKey | null> {
    return (await this.identity(address.name())) ?? null;
  }

  async saveIdentity(address: ProtocolAddress, key: PublicKey): Promise<IdentityChange> {
    const name = address.name();
    const current = await this.identity(name);
    if (current?.equals(key)) return IdentityChange.NewOrUnchanged;
    // Without a new session the identity stays: a late message of an archived session bears the old key, and the key in
    // its outer part is not proven.
    if (current && !this.newSession) return IdentityChange.NewOrUnchanged;
    this.pending.setIdentity({ name, key, changed: current !== undefined });
    return current ? IdentityChange.ReplacedExisting : IdentityChange.NewOrUnchanged;
  }

  async isTrustedIdentity(address: ProtocolAddress, key: PublicKey, direction: Direction): Promise<boolean> {
    const name = address.name();
    // A device under our own name is trusted only with our own key.
    if (name === this.#base.local.name()) return key.equals(this.#base.own.identity.publicKey);
    if (this.newSession || direction === Direction.Receiving) return true;
    const current = await this.identity(name);
    return current === undefined || current.equals(key);
  }

  async getPreKey(id: number): Promise<PreKeyRecord> {
    return PreKeyRecord.deserialize(await this.#preKey(id, "one-time"));
  }

  async removePreKey(id: number): Promise<void> {
    this.pending.use({ kind: "one-time", id });
  }

  async getSignedPreKey(id: number): Promise<SignedPreKeyRecord> {
    return SignedPreKeyRecord.deserialize(await this.#preKey(id, "signed"));
  }

  async getKyberPreKey(id: number): Promise<KyberPreKeyRecord> {
    const record = await this.#preKey(id, "kyber", "kyber-last-resort");
    // libsignal asks for this key only where the message belongs to no session it has.
    this.newSession = true;
    return KyberPreKeyRecord.deserialize(record);
  }

  async markKyberPreKeyUsed(kyberId: number, signedId: number, baseKey: PublicKey): Promise<void> {
    const { peers, of } = this.#base;
    if ((await this.#read(peers.reads.preKey(of, "kyber", kyberId))) !== undefined) {
      this.pending.use({ kind: "kyber", id: kyberId });
      return;
    }
    const use = { kyberId, signedId, baseKey: baseKey.serialize() };
    if (this.pending.isKyberUsed(use) || (await this.#read(peers.reads.kyberUsed(of, use)))) {
      throw new Error("base key used before with this last-resort key");
    }
    this.pending.useKyber(use);
  }

  async getSenderKey(from: ProtocolAddress, distribution: string): Promise<SenderKeyRecord | null> {
    const sender = addressOf(from);
    const pending = this.pending.senderKey(sender, distribution);
    if (pending) return pending;
    const { peers, of } = this.#base;
    const record = await this.#read(peers.reads.senderKey(of, sender, distribution));
    return record ? SenderKeyRecord.deserialize(arrayBytes(record)) : null;
  }

  async saveSenderKey(from: ProtocolAddress, distribution: string, record: SenderKeyRecord): Promise<void> {
    this.pending.setSenderKey(addressOf(from), distribution, record);
  }

  async savePreKey(): Promise<void> {
    throw new Error("prekeys are stored when they are made");
  }

  async saveSignedPreKey(): Promise<void> {
    throw new Error("prekeys are stored when they are made");
  }

  async saveKyberPreKey(): Promise<void> {
    throw new Error("prekeys are stored when they are made");
  }

  async #preKey(id: number, ...kinds: readonly PreKeyKind[]): Promise<Uint8Array<ArrayBuffer>> {
    const { peers, of } = this.#base;
    for (const kind of kinds) {
      if (this.pending.isUsed({ kind, id })) continue;
      const record = await this.#read(peers.reads.preKey(of, kind, id));
      if (record) return arrayBytes(record);
    }
    throw new Error("no such prekey");
  }

  async #read<T>(reading: Promise<T>): Promise<T> {
    try {
      return await reading;
    } catch (error) {
      this.fault = error;
      throw error;
    }
  }
}

const addressOf = (address: ProtocolAddress): DeviceAddress => ({
  name: address.name(),
  device: address.deviceId(),
});
