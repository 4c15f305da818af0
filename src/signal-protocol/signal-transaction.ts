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
  type SessionRecord,
  type SessionStore,
  SignedPreKeyRecord,
  type SignedPreKeyStore,
} from "@signalapp/libsignal-client";
import type { LoginId } from "../core/model/ids.ts";
import type { Writes } from "../core/ports/store.ts";
import { arrayBytes } from "./array-bytes.ts";
import type { OwnKeys } from "./key-maker.ts";
import { sessionId } from "./session-id.ts";
import type { Peer, SignalCache } from "./signal-cache.ts";
import { type KyberUse, type PreKeyKind, type SignalReads, signalRecords } from "./signal-records.ts";

/** What a unit of work has changed so far; replaced, never changed, so that keeping one is a savepoint. */
interface Pending {
  readonly session?: SessionRecord;
  readonly identity?: PublicKey;
  /** Whether `identity` took another one's place. */
  readonly identityChanged: boolean;
  readonly used: readonly { readonly kind: PreKeyKind; readonly id: number }[];
  readonly kyberUses: readonly KyberUse[];
}

export interface SignalBase {
  readonly reads: SignalReads;
  readonly login: LoginId;
  readonly own: OwnKeys;
  readonly cache: SignalCache;
}

/**
 * libsignal's stores for one address and one unit of work. It reads through to what is committed and collects
 * what it is told to save, so that a ratchet step can be committed together with what it decrypted.
 */
export class SignalTransaction
  implements SessionStore, IdentityKeyStore, PreKeyStore, SignedPreKeyStore, KyberPreKeyStore
{
  readonly address: string;
  /** Whether the step at hand makes a new session: only then may another identity take the known one's place. */
  newSession = false;
  /** A failure of the store, which libsignal would report as an unreadable message. */
  fault: unknown;
  readonly #base: SignalBase;
  #peer: Promise<Peer> | undefined;
  #bytes: { readonly session: SessionRecord; readonly bytes: Uint8Array } | undefined;
  #pending: Pending = { identityChanged: false, used: [], kyberUses: [] };

  constructor(base: SignalBase, address: string) {
    this.#base = base;
    this.address = address;
  }

  get identityChanged(): boolean {
    return this.#pending.identityChanged;
  }

  /** The identity in force after this work. */
  async identity(): Promise<PublicKey | undefined> {
    return this.#pending.identity ?? (await this.#committed()).identity;
  }

  async session(): Promise<SessionRecord | undefined> {
    return this.#pending.session ?? (await this.#committed()).session;
  }

  /** Which session encrypts now, see session-id.ts; undefined where there is none. */
  async sessionId(): Promise<string | undefined> {
    const session = await this.session();
    return session && sessionId(this.#serialized(session));
  }

  /** Returns a function that undoes what is done after this call. */
  savepoint(): () => void {
    const before = this.#pending;
    return () => {
      this.#pending = before;
    };
  }

  /** What to store for the work done so far. */
  record(): (tx: Writes) => void {
    const { session, identity, used, kyberUses } = this.#pending;
    const { login } = this.#base;
    const bytes = session && this.#serialized(session);
    return (tx) => {
      const signal = tx.family(signalRecords);
      if (bytes) signal.setSession(login, this.address, bytes);
      if (identity) signal.setIdentity(login, this.address, identity.serialize());
      for (const { kind, id } of used) signal.removePreKey(login, kind, id);
      for (const use of kyberUses) signal.markKyberUsed(login, use);
    };
  }

  /** To be called once the record is on disk. */
  async publish(): Promise<void> {
    const committed = await this.#committed();
    const { session = committed.session, identity = committed.identity } = this.#pending;
    const peer = { session, identity };
    this.#base.cache.put(this.address, peer);
    this.#peer = Promise.resolve(peer);
  }

  /** To be called where the record may not be on disk. */
  discard(): void {
    this.#base.cache.forget(this.address);
  }

  async getSession(): Promise<SessionRecord | null> {
    return (await this.session()) ?? null;
  }

  async getExistingSessions(): Promise<SessionRecord[]> {
    const session = await this.session();
    return session ? [session] : [];
  }

  async saveSession(_: ProtocolAddress, session: SessionRecord): Promise<void> {
    this.#pending = { ...this.#pending, session };
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

  async getIdentity(): Promise<PublicKey | null> {
    return (await this.identity()) ?? null;
  }

  async saveIdentity(_: ProtocolAddress, identity: PublicKey): Promise<IdentityChange> {
    const known = await this.identity();
    if (known?.equals(identity)) return IdentityChange.NewOrUnchanged;
    // A late message of an archived session must not bring the old key back, nor the unproven one around it.
    if (known && !this.newSession) return IdentityChange.NewOrUnchanged;
    this.#pending = { ...this.#pending, identity, identityChanged: known !== undefined };
    return known ? IdentityChange.ReplacedExisting : IdentityChange.NewOrUnchanged;
  }

  async isTrustedIdentity(_: ProtocolAddress, key: PublicKey, direction: Direction): Promise<boolean> {
    if (this.newSession || direction === Direction.Receiving) return true;
    const known = await this.identity();
    return known === undefined || known.equals(key);
  }

  async getPreKey(id: number): Promise<PreKeyRecord> {
    return PreKeyRecord.deserialize(await this.#preKey(id, "one-time"));
  }

  async removePreKey(id: number): Promise<void> {
    this.#use("one-time", id);
  }

  async getSignedPreKey(id: number): Promise<SignedPreKeyRecord> {
    return SignedPreKeyRecord.deserialize(await this.#preKey(id, "signed"));
  }

  async getKyberPreKey(id: number): Promise<KyberPreKeyRecord> {
    const record = await this.#preKey(id, "kyber", "kyber-last-resort");
    // libsignal asks for it only where the message does not belong to a session it knows.
    this.newSession = true;
    return KyberPreKeyRecord.deserialize(record);
  }

  async markKyberPreKeyUsed(kyberId: number, signedId: number, baseKey: PublicKey): Promise<void> {
    if ((await this.#read(this.#base.reads.preKey(this.#base.login, "kyber", kyberId))) !== undefined) {
      this.#use("kyber", kyberId);
      return;
    }
    const use = { kyberId, signedId, baseKey: baseKey.serialize() };
    if (await this.#read(this.#base.reads.kyberUsed(this.#base.login, use))) {
      throw new Error("base key used before with this last-resort key");
    }
    this.#pending = { ...this.#pending, kyberUses: [...this.#pending.kyberUses, use] };
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

  #use(kind: PreKeyKind, id: number): void {
    this.#pending = { ...this.#pending, used: [...this.#pending.used, { kind, id }] };
  }

  async #preKey(id: number, ...kinds: readonly PreKeyKind[]): Promise<Uint8Array<ArrayBuffer>> {
    for (const kind of kinds) {
      if (this.#pending.used.some((used) => used.kind === kind && used.id === id)) continue;
      const record = await this.#read(this.#base.reads.preKey(this.#base.login, kind, id));
      if (record) return arrayBytes(record);
    }
    throw new Error("no such prekey");
  }

  /** Serialising costs as much as half a ratchet step, so each record is serialised once. */
  #serialized(session: SessionRecord): Uint8Array {
    if (this.#bytes?.session !== session) this.#bytes = { session, bytes: session.serialize() };
    return this.#bytes.bytes;
  }

  #committed(): Promise<Peer> {
    this.#peer ??= this.#read(this.#base.cache.get(this.address));
    return this.#peer;
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
