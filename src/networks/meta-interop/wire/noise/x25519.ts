import {
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
} from "node:crypto";
import { WireError } from "../errors.ts";

/** X25519 keys as raw 32 bytes each (RFC 7748). */
export interface KeyPair {
  readonly publicKey: Uint8Array<ArrayBuffer>;
  readonly privateKey: Uint8Array<ArrayBuffer>;
}

export const KEY_LENGTH = 32;

/** What DER puts before the raw key (RFC 8410): PKCS#8 for private keys, SubjectPublicKeyInfo for public ones. */
const privatePrefix = Buffer.from("302e020100300506032b656e04220420", "hex");
const publicPrefix = Buffer.from("302a300506032b656e032100", "hex");

const privateObject = (raw: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([privatePrefix, raw]), format: "der", type: "pkcs8" });

const rawPublic = (key: KeyObject): Uint8Array<ArrayBuffer> =>
  new Uint8Array(key.export({ format: "der", type: "spki" }).subarray(publicPrefix.length));

export function generateKeyPair(): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync("x25519");
  const raw = privateKey.export({ format: "der", type: "pkcs8" }).subarray(privatePrefix.length);
  return { publicKey: rawPublic(publicKey), privateKey: new Uint8Array(raw) };
}

/** The pair that belongs to a private key of 32 bytes. */
export function keyPairOf(privateKey: Uint8Array): KeyPair {
  if (privateKey.length !== KEY_LENGTH) throw new WireError("noise", "a private key is not 32 bytes");
  return {
    publicKey: rawPublic(createPublicKey(privateObject(privateKey))),
    privateKey: new Uint8Array(privateKey),
  };
}

/**
 * The shared secret, 32 bytes. Throws `noise` for a key of another length and for an all-zero result, which a public key of
 * low order would force whatever our own key is (Noise 9.1 lets us refuse it; RFC 7748 6.1).
 */
export function agree(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
  if (publicKey.length !== KEY_LENGTH) throw new WireError("noise", "a public key is not 32 bytes");
  let secret: Buffer;
  try {
    secret = diffieHellman({
      privateKey: privateObject(privateKey),
      publicKey: createPublicKey({
        key: Buffer.concat([publicPrefix, publicKey]),
        format: "der",
        type: "spki",
      }),
    });
  } catch (cause) {
    throw new WireError("noise", "the keys do not agree on a secret", { cause });
  }
  if (secret.every((byte) => byte === 0))
    throw new WireError("noise", "the keys agree on an all-zero secret");
  return secret;
}
