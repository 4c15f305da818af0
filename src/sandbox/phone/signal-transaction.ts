import {
  IdentityChange,
  IdentityKeyStore,
  KyberPreKeyRecord,
  KyberPreKeyStore,
  PreKeyRecord,
  PreKeyStore,
  type PrivateKey,
  type ProtocolAddress,
  type PublicKey,
  type SenderKeyRecord,
  SenderKeyStore,
  type SessionRecord,
  SessionStore,
  SignedPreKeyRecord,
  SignedPreKeyStore,
} from "@signalapp/libsignal-client";
import type { SecretKind } from "../state/signal-tables.ts";

/** What a transaction changed, to be committed together with the message it decrypted or encrypted. */
export interface SignalChanges {
  readonly sessions: Map<string, SessionRecord>;
  readonly identities: Map<string, PublicKey>;
  readonly spentEc: Set<number>;
  readonly kyberUses: {
    readonly kyber: number;
    readonly signed: number;
    readonly base: Uint8Array<ArrayBuffer>;
  }[];
  /** By address and distribution. */
  readonly senderKeys: Map<string, KeptSenderKey>;
}

interface KeptSenderKey {
  readonly address: string;
  readonly distribution: string;
  readonly record: SenderKeyRecord;
}

export const senderKeyName = (address: string, distribution: string): string => `${address} ${distribution}`;

export const noChanges = (): SignalChanges => ({
  sessions: new Map(),
  identities: new Map(),
  spentEc: new Set(),
  kyberUses: [],
  senderKeys: new Map(),
});

/** What a transaction reads: the person's state after all earlier transactions. */
export interface SignalReads {
  readonly privateKey: PrivateKey;
  readonly registration: number;
  session(address: string): SessionRecord | null;
  identity(address: string): PublicKey | null;
  prekey(kind: SecretKind, id: number): Uint8Array | undefined;
  kyberUsed(kyber: number, signed: number, base: Uint8Array): boolean;
  senderKey(address: string, distribution: string): SenderKeyRecord | null;
}

class Sessions extends SessionStore {
  readonly #reads: SignalReads;
  readonly #changes: SignalChanges;
  readonly #address: string;
  constructor(reads: SignalReads, changes: SignalChanges, address: string) {
    super();
    this.#reads = reads;
    this.#changes = changes;
    this.#address = address;
  }
  async saveSession(_name: ProtocolAddress, record: SessionRecord): Promise<void> {
    this.#changes.sessions.set(this.#address, record);
  }
  async getSession(): Promise<SessionRecord | null> {
    return this.#changes.sessions.get(this.#address) ?? this.#reads.session(this.#address);
  }
  async getExistingSessions(): Promise<SessionRecord[]> {
    throw new Error("there are no sealed senders here");
  }
}

class Identities extends IdentityKeyStore {
  readonly #reads: SignalReads;
  readonly #changes: SignalChanges;
  readonly #address: string;
  constructor(reads: SignalReads, changes: SignalChanges, address: string) {
    super();
    this.#reads = reads;
    this.#changes = changes;
    this.#address = address;
  }
  async getIdentityKey(): Promise<PrivateKey> {
    return this.#reads.privateKey;
  }
  async getLocalRegistrationId(): Promise<number> {
    return this.#reads.registration;
  }
  async saveIdentity(_name: ProtocolAddress, key: PublicKey): Promise<IdentityChange> {
    const stored = this.#stored();
    if (stored?.equals(key) === true) return IdentityChange.NewOrUnchanged;
    this.#changes.identities.set(this.#address, key);
    return stored === null ? IdentityChange.NewOrUnchanged : IdentityChange.ReplacedExisting;
  }
  // A phone accepts a changed identity key of its contact, as the network's own app does.
  async isTrustedIdentity(): Promise<boolean> {
    return true;
  }
  async getIdentity(): Promise<PublicKey | null> {
    return this.#stored();
  }
  #stored(): PublicKey | null {
    return this.#changes.identities.get(this.#address) ?? this.#reads.identity(this.#address);
  }
}

class Prekeys extends PreKeyStore {
  readonly #reads: SignalReads;
  readonly #changes: SignalChanges;
  constructor(reads: SignalReads, changes: SignalChanges) {
    super();
    this.#reads = reads;
    this.#changes = changes;
  }
  async savePreKey(): Promise<void> {
    throw new Error("prekeys are made elsewhere");
  }
  async getPreKey(id: number): Promise<PreKeyRecord> {
    const record = this.#changes.spentEc.has(id) ? undefined : this.#reads.prekey("ec", id);
    if (record === undefined) throw new Error("no such prekey");
    return PreKeyRecord.deserialize(Uint8Array.from(record));
  }
  async removePreKey(id: number): Promise<void> {
    this.#changes.spentEc.add(id);
  }
}

class SignedPrekeys extends SignedPreKeyStore {
  readonly #reads: SignalReads;
  constructor(reads: SignalReads) {
    super();
    this.#reads = reads;
  }
  async saveSignedPreKey(): Promise<void> {
    throw new Error("prekeys are made elsewhere");
  }
  async getSignedPreKey(id: number): Promise<SignedPreKeyRecord> {
    const record = this.#reads.prekey("signed", id);
    if (record === undefined) throw new Error("no such signed prekey");
    return SignedPreKeyRecord.deserialize(Uint8Array.from(record));
  }
}

class KyberPrekeys extends KyberPreKeyStore {
  readonly #reads: SignalReads;
  readonly #changes: SignalChanges;
  constructor(reads: SignalReads, changes: SignalChanges) {
    super();
    this.#reads = reads;
    this.#changes = changes;
  }
  async saveKyberPreKey(): Promise<void> {
    throw new Error("prekeys are made elsewhere");
  }
  async getKyberPreKey(id: number): Promise<KyberPreKeyRecord> {
    const record = this.#reads.prekey("kyber", id) ?? this.#reads.prekey("last", id);
    if (record === undefined) throw new Error("no such Kyber prekey");
    return KyberPreKeyRecord.deserialize(Uint8Array.from(record));
  }
  /** A last-resort key may serve many sessions, but each base key only one: a second use is a replay. */
  async markKyberPreKeyUsed(kyber: number, signed: number, baseKey: PublicKey): Promise<void> {
    const base = baseKey.serialize();
    if (this.#reads.kyberUsed(kyber, signed, base)) throw new Error("reused base key");
    this.#changes.kyberUses.push({ kyber, signed, base });
  }
}

class SenderKeys extends SenderKeyStore {
  readonly #reads: SignalReads;
  readonly #changes: SignalChanges;
  constructor(reads: SignalReads, changes: SignalChanges) {
    super();
    this.#reads = reads;
    this.#changes = changes;
  }
  async saveSenderKey(sender: ProtocolAddress, distribution: string, record: SenderKeyRecord): Promise<void> {
    const address = sender.name();
    this.#changes.senderKeys.set(senderKeyName(address, distribution), { address, distribution, record });
  }
  async getSenderKey(sender: ProtocolAddress, distribution: string): Promise<SenderKeyRecord | null> {
    const address = sender.name();
    const changed = this.#changes.senderKeys.get(senderKeyName(address, distribution));
    return changed?.record ?? this.#reads.senderKey(address, distribution);
  }
}

/**
 * The six stores of libsignal for one transaction with one address, and what the transaction changes. Those of sessions and
 * identities use `address` and not the one that libsignal hands in, whose name costs a call into native code each time.
 */
export function signalTransaction(reads: SignalReads, address: string) {
  const changes = noChanges();
  return {
    changes,
    sessions: new Sessions(reads, changes, address),
    identities: new Identities(reads, changes, address),
    prekeys: new Prekeys(reads, changes),
    signedPrekeys: new SignedPrekeys(reads),
    kyberPrekeys: new KyberPrekeys(reads, changes),
    senderKeys: new SenderKeys(reads, changes),
  };
}
export type SignalTransaction = ReturnType<typeof signalTransaction>;
