import {
  type CiphertextMessage,
  CiphertextMessageType,
  ErrorCode,
  PreKeySignalMessage,
  ProtocolAddress,
  processPreKeyBundle,
  SignalMessage,
  signalDecrypt,
  signalDecryptPreKey,
  signalEncrypt,
} from "@signalapp/libsignal-client";
import type { LoginId } from "../core/model/ids.ts";
import { arrayBytes } from "./array-bytes.ts";
import { DEVICE, preKeyBundle } from "./bundle.ts";
import { loadOwnKeys, type StoredOwnKeys } from "./key-maker.ts";
import type { PublicBundle } from "./public-keys.ts";
import { SignalCache } from "./signal-cache.ts";
import type { SignalReads } from "./signal-records.ts";
import { type SignalBase, SignalTransaction } from "./signal-transaction.ts";

/** `pkmsg` carries what starts a session, `msg` belongs to one. */
export type CiphertextType = "pkmsg" | "msg";

export interface Ciphertext {
  readonly type: CiphertextType;
  readonly bytes: Uint8Array;
}

export interface SealedCiphertext extends Ciphertext {
  /** The session it belongs to, see {@link SignalAccount.currentSession}. */
  readonly session: string;
}

export type Decrypted =
  | { readonly kind: "plaintext"; readonly bytes: Uint8Array }
  /** Decrypted and committed before. */
  | { readonly kind: "duplicate" }
  | { readonly kind: "undecryptable"; readonly reason: string };

/** libsignal gives the types of ciphertexts, and its errors' codes, as bare numbers. */
const PRE_KEY: number = CiphertextMessageType.PreKey;
const DUPLICATED: number = ErrorCode.DuplicatedMessage;
const UNTRUSTED: number = ErrorCode.UntrustedIdentity;

/** One login's end of the Signal protocol. Work on one address must be done one piece at a time. */
export class SignalAccount {
  readonly #base: SignalBase;
  readonly #local: ProtocolAddress;
  readonly #now: () => number;
  readonly #addresses = new Map<string, ProtocolAddress>();

  constructor(options: {
    readonly reads: SignalReads;
    readonly login: LoginId;
    /** Our own JID without device. */
    readonly address: string;
    readonly own: StoredOwnKeys;
    readonly now: () => number;
  }) {
    const { reads, login, address, own, now } = options;
    this.#base = { reads, login, own: loadOwnKeys(own), cache: new SignalCache(reads, login) };
    this.#local = ProtocolAddress.new(address, DEVICE);
    this.#now = now;
  }

  get own() {
    return this.#base.own;
  }

  /** Begins a unit of work on an address. */
  begin(address: string): SignalTransaction {
    return new SignalTransaction(this.#base, address);
  }

  /** Rejects only where the store fails. What cannot be decrypted leaves no trace in the work. */
  async decrypt(work: SignalTransaction, { type, bytes }: Ciphertext): Promise<Decrypted> {
    const undo = work.savepoint();
    work.newSession = false;
    const from = this.#address(work.address);
    try {
      const plaintext =
        type === "pkmsg"
          ? await signalDecryptPreKey(
              PreKeySignalMessage.deserialize(arrayBytes(bytes)),
              from,
              this.#local,
              work,
              work,
              work,
              work,
              work,
            )
          : await signalDecrypt(SignalMessage.deserialize(arrayBytes(bytes)), from, this.#local, work, work);
      return { kind: "plaintext", bytes: plaintext };
    } catch (error) {
      undo();
      if (work.fault !== undefined) throw work.fault;
      if (codeOf(error) === DUPLICATED) return { kind: "duplicate" };
      return { kind: "undecryptable", reason: reasonOf(error) };
    }
  }

  /** Undefined where there is no session to encrypt in: {@link start} one. */
  async encrypt(work: SignalTransaction, plaintext: Uint8Array): Promise<SealedCiphertext | undefined> {
    const session = await work.session();
    const now = new Date(this.#now());
    if (!session?.hasCurrentState(now)) return undefined;
    const undo = work.savepoint();
    work.newSession = false;
    const to = this.#address(work.address);
    let message: CiphertextMessage;
    try {
      message = await signalEncrypt(arrayBytes(plaintext), to, this.#local, work, work, now);
    } catch (error) {
      undo();
      // The current session is of an identity that is no longer this address's.
      if (codeOf(error) === UNTRUSTED) return undefined;
      throw error;
    }
    return {
      type: message.type() === PRE_KEY ? "pkmsg" : "msg",
      bytes: message.serialize(),
      session: (await work.sessionId()) ?? "",
    };
  }

  /** Makes a new current session; an older one is kept, archived. Throws where the bundle is not good. */
  async start(work: SignalTransaction, bundle: PublicBundle): Promise<void> {
    const undo = work.savepoint();
    work.newSession = true;
    const to = this.#address(work.address);
    try {
      await processPreKeyBundle(preKeyBundle(bundle), to, this.#local, work, work, new Date(this.#now()));
    } catch (error) {
      undo();
      throw error;
    }
  }

  /** Which session encrypts now; undefined where there is none. */
  async currentSession(work: SignalTransaction): Promise<string | undefined> {
    const session = await work.session();
    if (!session?.hasCurrentState(new Date(this.#now()))) return undefined;
    return work.sessionId();
  }

  #address(name: string): ProtocolAddress {
    const known = this.#addresses.get(name);
    if (known) return known;
    if (this.#addresses.size >= 2_000) this.#addresses.clear();
    const made = ProtocolAddress.new(name, DEVICE);
    this.#addresses.set(name, made);
    return made;
  }
}

/** By its shape: the native part makes errors of the class it was first given, which need not be this module's. */
function codeOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("operation" in error) || !("code" in error))
    return undefined;
  return typeof error.code === "number" ? error.code : undefined;
}

/** Only the name of the error's code: texts of libsignal may hold addresses. */
function reasonOf(error: unknown): string {
  const code = codeOf(error);
  return code === undefined ? "malformed" : (ErrorCode[code] ?? "unknown");
}
