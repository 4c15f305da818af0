import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";

const NONCE = 12;
const TAG = 16;
const KEY = 32;

const hmac = (key: Uint8Array, text: string): Uint8Array => createHmac("sha256", key).update(text).digest();

/**
 * The keys of what an account keeps at Signal's storage service: each version of the manifest has one, and each record.
 * A `recordIkm`, from the manifest, is what records' keys are made of instead, where there is one.
 */
export class StorageKeys {
  readonly #key: Uint8Array;

  /** @param masterKey 32 bytes, of the account. */
  constructor(masterKey: Uint8Array) {
    this.#key = hmac(masterKey, "Storage Service Encryption");
  }

  manifest(version: bigint): Uint8Array {
    return hmac(this.#key, `Manifest_${version}`);
  }

  record(id: Uint8Array, recordIkm: Uint8Array | undefined): Uint8Array {
    if (recordIkm === undefined || recordIkm.length === 0)
      return hmac(this.#key, `Item_${Buffer.from(id).toString("base64")}`);
    const info = Buffer.concat([Buffer.from("20240801_SIGNAL_STORAGE_SERVICE_ITEM_"), id]);
    return new Uint8Array(hkdfSync("sha256", recordIkm, new Uint8Array(), info, KEY));
  }
}

/** AES-256-GCM: nonce, ciphertext and tag. */
export function sealStored(key: Uint8Array, plain: Uint8Array): Uint8Array<ArrayBuffer> {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const parts = [nonce, cipher.update(plain), cipher.final()];
  return new Uint8Array(Buffer.concat([...parts, cipher.getAuthTag()]));
}

/** Throws where the bytes were not sealed with this key. */
export function openStored(key: Uint8Array, sealed: Uint8Array): Uint8Array {
  if (sealed.length < NONCE + TAG) throw new Error("too short to be sealed");
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, NONCE), { authTagLength: TAG });
  decipher.setAuthTag(sealed.subarray(-TAG));
  return Buffer.concat([decipher.update(sealed.subarray(NONCE, -TAG)), decipher.final()]);
}
