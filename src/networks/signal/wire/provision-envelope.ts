import { createDecipheriv, createHmac, timingSafeEqual } from "node:crypto";
import { hkdf, PrivateKey, PublicKey } from "@signalapp/libsignal-client";
import { malformed, WireError } from "./errors.ts";

const INFO = Buffer.from("TextSecure Provisioning Message");
const VERSION = 1;
const IV = 16;
const KEY = 32;
const MAC = 32;

/**
 * Version byte, IV, AES-256-CBC, and an HMAC over all of these, by keys of the agreement between the two. `privateKey`: 32
 * bytes, of the one it is for; `publicKey`: 33 bytes, of the other. Throws `malformed`, and `unproved` for another's.
 */
export function openProvisionBody(
  body: Uint8Array,
  publicKey: Uint8Array,
  privateKey: Uint8Array,
): Uint8Array {
  if (body[0] !== VERSION || body.length < 1 + IV + MAC) throw malformed("not a provisioning message");
  const { cipherKey, macKey } = keysOf(publicKey, privateKey);
  const signed = body.subarray(0, body.length - MAC);
  const mac = createHmac("sha256", macKey).update(signed).digest();
  if (!timingSafeEqual(mac, body.subarray(body.length - MAC)))
    throw new WireError("unproved", "a provisioning message for another key");
  const decipher = createDecipheriv("aes-256-cbc", cipherKey, signed.subarray(1, 1 + IV));
  try {
    return Buffer.concat([decipher.update(signed.subarray(1 + IV)), decipher.final()]);
  } catch (cause) {
    throw malformed("a provisioning message's padding", { cause });
  }
}

function keysOf(publicKey: Uint8Array, privateKey: Uint8Array) {
  const keys = hkdf(KEY + MAC, agreementOf(publicKey, privateKey), INFO, null);
  return { cipherKey: keys.subarray(0, KEY), macKey: keys.subarray(KEY) };
}

function agreementOf(publicKey: Uint8Array, privateKey: Uint8Array): Uint8Array<ArrayBuffer> {
  try {
    return PrivateKey.deserialize(privateKey.slice()).agree(PublicKey.deserialize(publicKey.slice()));
  } catch (cause) {
    throw malformed("a provisioning message's key", { cause });
  }
}
