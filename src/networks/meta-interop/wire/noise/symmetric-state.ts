import { createHash, createHmac } from "node:crypto";
import { CipherState } from "./cipher-state.ts";

const empty = new Uint8Array(0);
const hmac = (key: Uint8Array, data: Uint8Array): Uint8Array =>
  createHmac("sha256", key).update(data).digest();

/** HKDF of Noise 4.3 with two outputs. */
function derive(chainingKey: Uint8Array, material: Uint8Array): [Uint8Array, Uint8Array] {
  const temporary = hmac(chainingKey, material);
  const first = hmac(temporary, Uint8Array.of(1));
  return [first, hmac(temporary, Buffer.concat([first, Uint8Array.of(2)]))];
}

/** The running hash and chaining key of a handshake (Noise 5.2) with SHA-256 and AES-256-GCM. */
export class SymmetricState {
  #hash: Uint8Array;
  #chainingKey: Uint8Array;
  #cipher: CipherState | undefined;

  constructor(protocolName: string) {
    const name = Buffer.from(protocolName, "ascii");
    const padded = Buffer.alloc(32);
    this.#hash = name.length > 32 ? createHash("sha256").update(name).digest() : (name.copy(padded), padded);
    this.#chainingKey = this.#hash;
  }

  get handshakeHash(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#hash);
  }

  mixKey(material: Uint8Array): void {
    const [chainingKey, key] = derive(this.#chainingKey, material);
    this.#chainingKey = chainingKey;
    this.#cipher = new CipherState(key);
  }

  mixHash(data: Uint8Array): void {
    this.#hash = createHash("sha256").update(this.#hash).update(data).digest();
  }

  /** Before the first key, the plaintext itself. */
  encryptAndHash(plaintext: Uint8Array): Uint8Array {
    const sealed = this.#cipher === undefined ? plaintext : this.#cipher.encrypt(plaintext, this.#hash);
    this.mixHash(sealed);
    return sealed;
  }

  /** Throws `noise` when it does not authenticate; the state is then as before. */
  decryptAndHash(sealed: Uint8Array): Uint8Array {
    const plaintext = this.#cipher === undefined ? sealed : this.#cipher.decrypt(sealed, this.#hash);
    this.mixHash(sealed);
    return plaintext;
  }

  /** The initiator's sending cipher, then the responder's. */
  split(): readonly [CipherState, CipherState] {
    const [first, second] = derive(this.#chainingKey, empty);
    return [new CipherState(first), new CipherState(second)];
  }
}
