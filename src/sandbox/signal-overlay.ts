import {
  type Direction,
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
import type { SecretKind } from "./signal-tables.ts";

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
  constructor(below: Committed, changes: Changes) {
    super();
    this.#below = below;
    this.#changes = changes;
  }
  async saveSession(name: ProtocolAddress, record: SessionRecord): Promise<void> {
    this.#changes.sessions.set(name.name(), record);
  }
  async getSession(name: ProtocolAddress): Promise<SessionRecord | null> {
    return this.#changes.sessions.get(name.name()) ?? this.#below.session(name.name());
  }
  async getExistingSessions(): Promise<SessionRecord[]> {
    throw new Error("there are no sealed senders here");
  }
}

class Identities extends IdentityKeyStore {
  readonly #below: Committed;
  readonly #changes: Changes;
  constructor(below: Committed, changes: Changes) {
    super();
    this.#below = below;
    this.#changes = changes;
  }
  async getIdentityKey(): Promise<PrivateKey> {
    return this.#below.privateKey;
  }
  async getLocalRegistrationId(): Promise<number> {
    return this.#below.registration;
  }
  async saveIdentity(name: ProtocolAddress, key: PublicKey): Promise<IdentityChange> {
    const known = await this.getIdentity(name);
    if (known?.equals(key) === true) return IdentityChange.NewOrUnchanged;
    this.#changes.identities.set(name.name(), key);
    return known === null ? IdentityChange.NewOrUnchanged : IdentityChange.ReplacedExisting;
  }
  // A phone takes a new key of its contact and goes on, as the network's own app does.
  async isTrustedIdentity(_name: ProtocolAddress, _key: PublicKey, _direction: Direction): Promise<boolean> {
    return true;
  }
  async getIdentity(name: ProtocolAddress): Promise<PublicKey | null> {
    return this.#changes.identities.get(name.name()) ?? this.#below.identity(name.name());
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

/** The five stores of libsignal for one operation, and what it will have changed. */
export function overlay(below: Committed) {
  const changes: Changes = { sessions: new Map(), identities: new Map(), spentEc: new Set(), kyberUses: [] };
  return {
    changes,
    sessions: new Sessions(below, changes),
    identities: new Identities(below, changes),
    prekeys: new Prekeys(below, changes),
    signedPrekeys: new SignedPrekeys(below),
    kyberPrekeys: new KyberPrekeys(below, changes),
  };
}
export type Overlay = ReturnType<typeof overlay>;
