import {
  CiphertextMessageType,
  groupDecrypt,
  groupEncrypt,
  KEMPublicKey,
  PreKeyBundle,
  PreKeySignalMessage,
  ProtocolAddress,
  PublicKey,
  processPreKeyBundle,
  processSenderKeyDistributionMessage,
  SenderKeyDistributionMessage,
  SignalMessage,
  signalDecrypt,
  signalDecryptPreKey,
  signalEncrypt,
} from "@signalapp/libsignal-client";
import { type NewIdentity, newIdentity } from "../../src/sandbox/phone/person-keys.ts";
import type { PublicBundle } from "../../src/signal-protocol/public-keys.ts";
import type { Ciphertext } from "../../src/signal-protocol/signal-account.ts";
import type { DeviceAddress } from "../../src/signal-protocol/signal-records.ts";
import { memoryDevice } from "./signal-memory.ts";

const preKey: number = CiphertextMessageType.PreKey;
const own = (bytes: Uint8Array) => Uint8Array.from(bytes);
const curve = (raw: Uint8Array) => PublicKey.deserialize(Uint8Array.of(5, ...raw));
const libsignal = ({ name, device }: DeviceAddress) => ProtocolAddress.new(name, device);

/** One device of somebody's: libsignal over its stores in memory, sharing nothing with ours. */
export class SignalDevice {
  readonly address: DeviceAddress;
  readonly #local: ProtocolAddress;
  readonly #device: ReturnType<typeof memoryDevice>;

  /** `identity`: the person's, shared by their devices. */
  constructor(address: DeviceAddress, identity: NewIdentity = newIdentity()) {
    this.address = address;
    this.#local = libsignal(address);
    this.#device = memoryDevice(0, identity);
  }

  get identity(): Uint8Array {
    return this.#device.pair.publicKey.getPublicKeyBytes();
  }

  /** Each with one-time keys of its own, of which the curve key may be left out. */
  bundle({ oneTime: withCurve = true } = {}): PublicBundle {
    const { upload, more, registration } = this.#device;
    const made = more(1);
    const key = (kind: string) => {
      const found = [...made, ...upload].find((each) => each.kind === kind)?.public;
      if (!found) throw new Error("no such key");
      return { id: found.id, value: found.value, signature: found.signature ?? new Uint8Array() };
    };
    const { id, value } = key("ec");
    return {
      registrationId: registration,
      identity: this.identity,
      signed: key("signed"),
      oneTime: withCurve ? { id, value } : undefined,
      kyber: key("kyber"),
    };
  }

  async start(to: DeviceAddress, bundle: PublicBundle): Promise<void> {
    const { registrationId, identity, signed, oneTime, kyber } = bundle;
    const taken = PreKeyBundle.new(
      registrationId,
      to.device,
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
    const { sessions, identities } = this.#device;
    await processPreKeyBundle(taken, libsignal(to), this.#local, sessions, identities);
  }

  async encrypt(to: DeviceAddress, text: string): Promise<Ciphertext> {
    return this.seal(to, Buffer.from(text));
  }

  /** Rejects as libsignal does. */
  async decrypt(from: DeviceAddress, ciphertext: Ciphertext): Promise<string> {
    return Buffer.from(await this.open(from, ciphertext)).toString();
  }

  async seal(to: DeviceAddress, plaintext: Uint8Array): Promise<Ciphertext> {
    const { sessions, identities } = this.#device;
    const message = await signalEncrypt(own(plaintext), libsignal(to), this.#local, sessions, identities);
    return { type: message.type() === preKey ? "pkmsg" : "msg", bytes: message.serialize() };
  }

  async open(from: DeviceAddress, { type, bytes }: Ciphertext): Promise<Uint8Array> {
    const { sessions, identities, prekeys, signedPrekeys, kyberPrekeys } = this.#device;
    const there = libsignal(from);
    if (type === "msg")
      return signalDecrypt(SignalMessage.deserialize(own(bytes)), there, this.#local, sessions, identities);
    return signalDecryptPreKey(
      PreKeySignalMessage.deserialize(own(bytes)),
      there,
      this.#local,
      sessions,
      identities,
      prekeys,
      signedPrekeys,
      kyberPrekeys,
    );
  }

  forgetSessions(): void {
    this.#device.sessions.kept.clear();
  }

  async distributeSenderKey(distribution: string): Promise<Uint8Array> {
    const { senderKeys } = this.#device;
    return (await SenderKeyDistributionMessage.create(this.#local, distribution, senderKeys)).serialize();
  }

  async takeSenderKey(from: DeviceAddress, bytes: Uint8Array): Promise<void> {
    const message = SenderKeyDistributionMessage.deserialize(own(bytes));
    await processSenderKeyDistributionMessage(libsignal(from), message, this.#device.senderKeys);
  }

  async encryptForAll(distribution: string, text: string): Promise<Uint8Array> {
    return this.sealForAll(distribution, Buffer.from(text));
  }

  async decryptFromOne(from: DeviceAddress, bytes: Uint8Array): Promise<string> {
    return Buffer.from(await this.openFromOne(from, bytes)).toString();
  }

  async sealForAll(distribution: string, plaintext: Uint8Array): Promise<Uint8Array> {
    return (
      await groupEncrypt(this.#local, distribution, this.#device.senderKeys, own(plaintext))
    ).serialize();
  }

  async openFromOne(from: DeviceAddress, bytes: Uint8Array): Promise<Uint8Array> {
    return groupDecrypt(libsignal(from), this.#device.senderKeys, own(bytes));
  }
}
