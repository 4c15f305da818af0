import {
  CiphertextMessageType,
  IdentityChange,
  IdentityKeyPair,
  KEMKeyPair,
  KEMPublicKey,
  KyberPreKeyRecord,
  PreKeyBundle,
  PreKeyRecord,
  PreKeySignalMessage,
  PrivateKey,
  ProtocolAddress,
  PublicKey,
  processPreKeyBundle,
  type SessionRecord,
  SignalMessage,
  SignedPreKeyRecord,
  signalDecrypt,
  signalDecryptPreKey,
  signalEncrypt,
} from "@signalapp/libsignal-client";
import type { PublicBundle } from "../../src/signal-protocol/public-keys.ts";

const preKey: number = CiphertextMessageType.PreKey;
const own = (bytes: Uint8Array) => Uint8Array.from(bytes);
const curve = (raw: Uint8Array) => PublicKey.deserialize(Uint8Array.of(5, ...raw));

/** A contact's end of the Signal protocol: libsignal over maps, sharing no code with the bridge. */
export class SignalPeer {
  readonly jid: string;
  #pair = IdentityKeyPair.generate();
  #sessions = new Map<string, SessionRecord>();
  readonly #preKeys = new Map<number, PreKeyRecord>();
  readonly #signed = new Map<number, SignedPreKeyRecord>();
  readonly #kyber = new Map<number, KyberPreKeyRecord>();
  #last = 0;

  constructor(jid: string) {
    this.jid = jid;
  }

  get identity(): Uint8Array {
    return this.#pair.publicKey.getPublicKeyBytes();
  }

  /** Sets up a new phone: a new identity without sessions. */
  reinstall(): void {
    this.#pair = IdentityKeyPair.generate();
    this.#sessions = new Map();
    this.#preKeys.clear();
    this.#signed.clear();
    this.#kyber.clear();
  }

  forgetSessions(): void {
    this.#sessions = new Map();
  }

  bundle({ oneTime = true } = {}): PublicBundle {
    const id = ++this.#last;
    const ec = PrivateKey.generate();
    const signed = PrivateKey.generate();
    const kem = KEMKeyPair.generate();
    const sign = (bytes: Uint8Array) => this.#pair.privateKey.sign(own(bytes));
    const signedSignature = sign(signed.getPublicKey().serialize());
    const kemSignature = sign(kem.getPublicKey().serialize());
    this.#preKeys.set(id, PreKeyRecord.new(id, ec.getPublicKey(), ec));
    this.#signed.set(id, SignedPreKeyRecord.new(id, 1, signed.getPublicKey(), signed, signedSignature));
    this.#kyber.set(id, KyberPreKeyRecord.new(id, 1, kem, kemSignature));
    return {
      registrationId: 7,
      identity: this.identity,
      signed: { id, value: signed.getPublicKey().getPublicKeyBytes(), signature: signedSignature },
      oneTime: oneTime ? { id, value: ec.getPublicKey().getPublicKeyBytes() } : undefined,
      kyber: { id, value: kem.getPublicKey().serialize(), signature: kemSignature },
    };
  }

  async start(to: string, bundle: PublicBundle): Promise<void> {
    const { registrationId, identity, signed, oneTime, kyber } = bundle;
    const preKeyBundle = PreKeyBundle.new(
      registrationId,
      1,
      oneTime?.id ?? null,
      oneTime ? curve(oneTime.value) : null,
      signed.id,
      curve(signed.value),
      own(signed.signature),
      curve(identity),
      kyber.id,
      KEMPublicKey.deserialize(own(kyber.value)),
      own(kyber.signature),
    );
    const [there, here] = this.#addresses(to);
    await processPreKeyBundle(preKeyBundle, there, here, this.#stores, this.#stores);
  }

  async encrypt(to: string, plaintext: Uint8Array) {
    const [there, here] = this.#addresses(to);
    const message = await signalEncrypt(own(plaintext), there, here, this.#stores, this.#stores);
    const type = message.type() === preKey ? "pkmsg" : "msg";
    return { type, bytes: message.serialize() } as const;
  }

  async decrypt(from: string, type: string | undefined, bytes: Uint8Array): Promise<Uint8Array> {
    const [there, here] = this.#addresses(from);
    const s = this.#stores;
    return type === "pkmsg"
      ? signalDecryptPreKey(PreKeySignalMessage.deserialize(own(bytes)), there, here, s, s, s, s, s)
      : signalDecrypt(SignalMessage.deserialize(own(bytes)), there, here, s, s);
  }

  #addresses(other: string) {
    return [ProtocolAddress.new(other, 1), ProtocolAddress.new(this.jid, 1)] as const;
  }

  readonly #stores = {
    getSession: async (address: ProtocolAddress) => this.#sessions.get(address.name()) ?? null,
    getExistingSessions: async () => [...this.#sessions.values()],
    saveSession: async (address: ProtocolAddress, record: SessionRecord) => {
      this.#sessions.set(address.name(), record);
    },
    getIdentityKey: async () => this.#pair.privateKey,
    getIdentityKeyPair: async () => this.#pair,
    getLocalRegistrationId: async () => 7,
    saveIdentity: async () => IdentityChange.NewOrUnchanged,
    isTrustedIdentity: async () => true,
    getIdentity: async () => null,
    getPreKey: async (id: number) => found(this.#preKeys.get(id)),
    removePreKey: async (id: number) => {
      this.#preKeys.delete(id);
    },
    savePreKey: async () => {},
    getSignedPreKey: async (id: number) => found(this.#signed.get(id)),
    saveSignedPreKey: async () => {},
    getKyberPreKey: async (id: number) => found(this.#kyber.get(id)),
    saveKyberPreKey: async () => {},
    markKyberPreKeyUsed: async () => {},
  };
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("no such key");
  return value;
}
