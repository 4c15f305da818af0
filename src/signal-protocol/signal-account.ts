import {
  type CiphertextMessage,
  CiphertextMessageType,
  PreKeySignalMessage,
  ProtocolAddress,
  PublicKey,
  processPreKeyBundle,
  SessionRecord,
  SignalMessage,
  signalDecrypt,
  signalDecryptPreKey,
  signalEncrypt,
} from "@signalapp/libsignal-client";
import { arrayBytes } from "./array-bytes.ts";
import { preKeyBundle } from "./bundle.ts";
import { type Decrypted, outcomeOf } from "./decrypted.ts";
import { loadOwnKeys, type StoredOwnKeys } from "./key-maker.ts";
import { isUntrusted } from "./libsignal-errors.ts";
import { sessionBytes } from "./pending-changes.ts";
import type { PublicBundle } from "./public-keys.ts";
import type { SignalPeers } from "./signal-peers.ts";
import type { AccountKey, DeviceAddress } from "./signal-records.ts";
import { SignalTransaction } from "./signal-transaction.ts";
import type { SignalBase } from "./transaction-stores.ts";

/** A `pkmsg` starts a session, a `msg` belongs to one. */
export type CiphertextType = "pkmsg" | "msg";

export interface Ciphertext {
  readonly type: CiphertextType;
  readonly bytes: Uint8Array;
}

export interface SealedCiphertext extends Ciphertext {
  /** The session it belongs to, see {@link SignalAccount.currentSession}. */
  readonly session: string;
}

export interface EncryptedMessage extends SealedCiphertext {
  /** As libsignal's network calls take it, which make none of bytes. */
  readonly message: CiphertextMessage;
}

/** Thrown for a bundle from which no session can be made. */
export class BadBundle extends Error {}

/** libsignal's ciphertext types are bare numbers. */
const PRE_KEY: number = CiphertextMessageType.PreKey;

/** One of a login's own accounts of the Signal protocol, see {@link AccountKey}. */
export class SignalAccount {
  readonly #base: SignalBase;
  readonly #now: () => number;

  constructor(options: {
    /** Shared by the accounts of the login. */
    readonly peers: SignalPeers;
    readonly account: AccountKey["account"];
    /** Our own device, as others address it. */
    readonly address: DeviceAddress;
    readonly own: StoredOwnKeys;
    readonly now: () => number;
  }) {
    const { peers, account, address, own, now } = options;
    const of = { login: peers.login, account };
    this.#base = { peers, of, own: loadOwnKeys(own), local: toLibsignal(address) };
    this.#now = now;
  }

  get own() {
    return this.#base.own;
  }

  /** The committed identity of a person, even while a unit of work holds them. */
  async identityOf(name: string): Promise<PublicKey | undefined> {
    return this.#base.peers.storedIdentity(name);
  }

  /**
   * Begins a unit of work when no other one holds any of these people. Our own name must be among them to encrypt with
   * our own sender key, or for our own other devices.
   */
  async begin(...people: readonly string[]): Promise<SignalTransaction> {
    const names = new Set(people);
    return new SignalTransaction(this.#base, names, await this.#base.peers.hold(names));
  }

  /**
   * Decrypts a message. Rejects only where the store fails. A message that cannot be decrypted changes nothing in the
   * work.
   */
  async decrypt(
    work: SignalTransaction,
    sender: DeviceAddress,
    { type, bytes }: Ciphertext,
  ): Promise<Decrypted> {
    const from = toLibsignal(sender);
    const { local } = this.#base;
    return outcomeOf(
      await work.step(sender.name, async (stores) =>
        type === "pkmsg"
          ? signalDecryptPreKey(
              PreKeySignalMessage.deserialize(arrayBytes(bytes)),
              from,
              local,
              stores,
              stores,
              stores,
              stores,
              stores,
            )
          : signalDecrypt(SignalMessage.deserialize(arrayBytes(bytes)), from, local, stores, stores),
      ),
    );
  }

  /** Encrypts a message; undefined where there is no session: {@link start} one. */
  async encrypt(
    work: SignalTransaction,
    recipient: DeviceAddress,
    plaintext: Uint8Array,
  ): Promise<EncryptedMessage | undefined> {
    const now = new Date(this.#now());
    const session = await work.session(recipient);
    if (!session?.hasCurrentState(now)) return undefined;
    const to = toLibsignal(recipient);
    const step = await work.step(recipient.name, (stores) =>
      signalEncrypt(arrayBytes(plaintext), to, this.#base.local, stores, stores, now),
    );
    if (step.kind === "failed") {
      // The current session belongs to an identity that the person has replaced.
      if (isUntrusted(step.error)) return undefined;
      throw step.error;
    }
    return {
      message: step.value,
      type: step.value.type() === PRE_KEY ? "pkmsg" : "msg",
      bytes: step.value.serialize(),
      session: (await work.sessionId(recipient)) ?? "",
    };
  }

  /** Makes a new current session; an older one is kept, archived. Throws {@link BadBundle}. */
  async start(work: SignalTransaction, peer: DeviceAddress, bundle: PublicBundle): Promise<void> {
    const to = toLibsignal(peer);
    const step = await work.step(
      peer.name,
      async (stores) =>
        processPreKeyBundle(
          preKeyBundle(peer.device, bundle),
          to,
          this.#base.local,
          stores,
          stores,
          new Date(this.#now()),
        ),
      { newSession: true },
    );
    if (step.kind === "failed")
      throw new BadBundle("no session can be made from this", { cause: step.error });
  }

  /** The id of the session that encrypts now; undefined where there is none. */
  async currentSession(work: SignalTransaction, address: DeviceAddress): Promise<string | undefined> {
    const session = await work.session(address);
    if (!session?.hasCurrentState(new Date(this.#now()))) return undefined;
    return work.sessionId(address);
  }

  /** The devices of a person that have a current session, ascending; the network may know of others. */
  async devices(work: SignalTransaction, name: string): Promise<readonly number[]> {
    const devices = await work.devices(name);
    const current = await Promise.all(devices.map((device) => this.currentSession(work, { name, device })));
    return devices.filter((_, index) => current[index] !== undefined);
  }

  /** The registration of a device as its session knows it; undefined where there is no session. */
  async registration(work: SignalTransaction, address: DeviceAddress): Promise<number | undefined> {
    return (await work.session(address))?.remoteRegistrationId();
  }

  /** Whether a device of ours or theirs named the session that encrypts now, by its ratchet key. */
  async isCurrentRatchet(
    work: SignalTransaction,
    address: DeviceAddress,
    ratchetKey: Uint8Array,
  ): Promise<boolean> {
    const session = await work.session(address);
    try {
      return session?.currentRatchetKeyMatches(PublicKey.deserialize(arrayBytes(ratchetKey))) ?? false;
    } catch {
      return false;
    }
  }

  /**
   * Archives the session of a removed device: nothing is encrypted for it any more, and its earlier messages can still
   * be decrypted.
   */
  async archive(work: SignalTransaction, address: DeviceAddress): Promise<void> {
    await work.step(address.name, async (stores) => {
      const session = await stores.session(address);
      if (!session) return;
      const archived = SessionRecord.deserialize(arrayBytes(sessionBytes(session)));
      archived.archiveCurrentState();
      stores.pending.setSession(address, archived);
    });
  }
}

const toLibsignal = ({ name, device }: DeviceAddress): ProtocolAddress => ProtocolAddress.new(name, device);
