import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from "node:crypto";
import { WireError } from "../errors.ts";

const algorithm = "aes-256-gcm";
const none = new Uint8Array(0);
const last = 0xffff_ffff;

/** Bytes that a sealed text is longer than its plaintext. */
export const TAG_LENGTH = 16;

/**
 * A key and the counter that makes each nonce once (Noise 5.1, AESGCM of 12.4: 4 zero bytes, then 64 bits big-endian).
 * 2^64-1 is never used. A failed decryption leaves the counter as it was.
 */
export class CipherState {
  /** An object, because a cipher made from raw bytes takes ten times as long to set up. */
  readonly #key: KeyObject;
  readonly #nonce = Buffer.alloc(12);
  #high = 0;
  #low = 0;

  /** `nonce` is what the counter starts at. */
  constructor(key: Uint8Array, nonce = 0n) {
    this.#key = createSecretKey(key);
    this.#high = Number(nonce >> 32n);
    this.#low = Number(nonce & 0xffff_ffffn);
  }

  /** Ciphertext and tag. Throws `noise` when the nonces are used up. */
  encrypt(plaintext: Uint8Array, ad: Uint8Array = none): Uint8Array<ArrayBuffer> {
    const cipher = createCipheriv(algorithm, this.#key, this.#currentNonce());
    if (ad.length > 0) cipher.setAAD(ad);
    const sealed = new Uint8Array(plaintext.length + TAG_LENGTH);
    sealed.set(cipher.update(plaintext));
    cipher.final();
    sealed.set(cipher.getAuthTag(), plaintext.length);
    this.#advance();
    return sealed;
  }

  /** Throws `noise` for any changed, repeated or reordered ciphertext, and when the nonces are used up. */
  decrypt(ciphertext: Uint8Array, ad: Uint8Array = none): Uint8Array<ArrayBuffer> {
    const size = ciphertext.length - TAG_LENGTH;
    if (size < 0) throw new WireError("noise", "a ciphertext is shorter than its tag");
    const decipher = createDecipheriv(algorithm, this.#key, this.#currentNonce(), {
      authTagLength: TAG_LENGTH,
    });
    if (ad.length > 0) decipher.setAAD(ad);
    decipher.setAuthTag(ciphertext.subarray(size));
    const plaintext = decipher.update(ciphertext.subarray(0, size));
    try {
      decipher.final();
    } catch (cause) {
      throw new WireError("noise", "a ciphertext does not authenticate", { cause });
    }
    this.#advance();
    return plaintext;
  }

  #currentNonce(): Buffer {
    if (this.#high === last && this.#low === last)
      throw new WireError("noise", "the nonces of this key are used up");
    this.#nonce.writeUInt32BE(this.#high, 4);
    this.#nonce.writeUInt32BE(this.#low, 8);
    return this.#nonce;
  }

  #advance(): void {
    if (this.#low < last) this.#low += 1;
    else {
      this.#low = 0;
      this.#high += 1;
    }
  }
}
