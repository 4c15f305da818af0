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
  type SessionRecord,
  SessionStore,
  SignedPreKeyRecord,
  SignedPreKeyStore,
} from "@signalapp/libsignal-client";
import type { SecretKind } from "../state/signal-tables.ts";

/** What an operation changed, to be committed together with what it decrypted or made. */
export interface Changes {
  readonly sessions: Map<string, SessionRecord>;
  readonly identities: Map<string, PublicKey>;
  readonly spentEc: Set<number>;
  readonly kyberUses: {
    readonly kyber: number;
    readonly signed: number;
    readonly base: Uint8Array<ArrayBuffer>;
  }[];
}

/** What an operation reads: the person's state as of all operations before it. */
export interface Committed {
  readonly privateKey: PrivateKey;
  readonly registration: number;
  session(address: string): SessionRecord | null;
  identity(address: string): PublicKey | null;
  prekey(kind: SecretKind, id: number): Uint8Array | undefined;
  kyberUsed(kyber: number, signed: number, base: Uint8Array): boolean;
}

class Sessions extends SessionStore {
  readonly #below: Committed;
  readonly #changes: Changes;
  readonly #address: string;
  constructor(below: Committed, changes: Changes, address: string) {
    super();
    this.#below = below;
    this.#changes = changes;
    this.#address = address;
  }
  async saveSession(_name: ProtocolAddress, record: SessionRecord): Promise<void> {
    this.#changes.sessions.set(this.#address, record);
  }
  async getSession(): Promise<SessionRecord | null> {
    return this.#changes.sessions.get(this.#address) ?? this.#below.session(this.#address);
  }
  async getExistingSessions(): Promise<SessionRecord[]> {
    throw new Error("there are no sealed senders here");
  }
}

class Identities extends IdentityKeyStore {
  readonly #below: Committed;
  readonly #changes: Changes;
  readonly #address: string;
  constructor(below: Committed, changes: Changes, address: string) {
    super();
    this.#below = below;
    this.#changes = changes;
    this.#address = address;
  }
  async getIdentityKey(): Promise<PrivateKey> {
    return this.#below.privateKey;
  }
  async getLocalRegistrationId(): Promise<number> {
    return this.#below.registration;
  }
  async saveIdentity(_name: ProtocolAddress, key: PublicKey): Promise<IdentityChange> {
    const known = this.#known();
    if (known?.equals(key) === true) return IdentityChange.NewOrUnchanged;
    this.#changes.identities.set(this.#address, key);
    return known === null ? IdentityChange.NewOrUnchanged : IdentityChange.ReplacedExisting;
  }
  // A phone takes a new key of its contact and goes on, as the network's own app does.
  async isTrustedIdentity(): Promise<boolean> {
    return true;
  }
  async getIdentity(): Promise<PublicKey | null> {
    return this.#known();
  }
  #known(): PublicKey | null {
    return this.#changes.identities.get(this.#address) ?? this.#below.identity(this.#address);
  }
}

class Prekeys extends PreKeyStore {
  readonly #below: Committed;
  readonly #changes: Changes;
  constructor(below: Committed, changes: Changes) {
    super();
    this.#below = below;
    this.#changes = changes;
  }
  async savePreKey(): Promise<void> {
    throw new Error("prekeys are made elsewhere");
  }
  async getPreKey(id: number): Promise<PreKeyRecord> {
    const record = this.#changes.spentEc.has(id) ? undefined : this.#below.prekey("ec", id);
    if (record === undefined) throw new Error("no such prekey");
    return PreKeyRecord.deserialize(Uint8Array.from(record));
  }
  async removePreKey(id: number): Promise<void> {
    this.#changes.spentEc.add(id);
  }
}

class SignedPrekeys extends SignedPreKeyStore {
  readonly #below: Committed;
  constructor(below: Committed) {
    super();
    this.#below = below;
  }
  async saveSignedPreKey(): Promise<void> {
    throw new Error("prekeys are made elsewhere");
  }
  async getSignedPreKey(id: number): Promise<SignedPreKeyRecord> {
    const record = this.#below.prekey("signed", id);
    if (record === undefined) throw new Error("no such signed prekey");
    return SignedPreKeyRecord.deserialize(Uint8Array.from(record));
  }
}

class KyberPrekeys extends KyberPreKeyStore {
  readonly #below: Committed;
  readonly #changes: Changes;
  constructor(below: Committed, changes: Changes) {
    super();
    this.#below = below;
    this.#changes = changes;
  }
  async saveKyberPreKey(): Promise<void> {
    throw new Error("prekeys are made elsewhere");
  }
  async getKyberPreKey(id: number): Promise<KyberPreKeyRecord> {
    const record = this.#below.prekey("kyber", id) ?? this.#below.prekey("last", id);
    if (record === undefined) throw new Error("no such Kyber prekey");
    return KyberPreKeyRecord.deserialize(Uint8Array.from(record));
  }
  /** A last-resort key may serve many sessions, but each base key once: a repeat is a replay. */
  async markKyberPreKeyUsed(kyber: number, signed: number, baseKey: PublicKey): Promise<void> {
    const base = baseKey.serialize();
    if (this.#below.kyberUsed(kyber, signed, base)) throw new Error("reused base key");
    this.#changes.kyberUses.push({ kyber, signed, base });
  }
}

/**
 * The five stores of libsignal for one operation with one other party, and what it will have changed. They go by
 * `address` and not by what libsignal hands in: to ask that for its name costs a call into native code each time.
 */
export function overlay(below: Committed, address: string) {
  const changes: Changes = { sessions: new Map(), identities: new Map(), spentEc: new Set(), kyberUses: [] };
  return {
    changes,
    sessions: new Sessions(below, changes, address),
    identities: new Identities(below, changes, address),
    prekeys: new Prekeys(below, changes),
    signedPrekeys: new SignedPrekeys(below),
    kyberPrekeys: new KyberPrekeys(below, changes),
  };
}
export type SignalTransaction = ReturnType<typeof overlay>;
