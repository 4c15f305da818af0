import { createDecipheriv, createHmac } from "node:crypto";
import { PrivateKey, PublicKey } from "@signalapp/libsignal-client";
import { signalservice } from "../../unit/signal/wire/mock-protos.ts";

const hmac = (key: Uint8Array, data: Uint8Array | string) => createHmac("sha256", key).update(data).digest();

/**
 * A device's name as the account's other devices read it, by the account's private key (32 bytes); undefined where it is
 * not of their account.
 */
export function openDeviceName(sealed: Uint8Array, identity: Uint8Array): string | undefined {
  const { ephemeralPublic, syntheticIv, ciphertext } = signalservice.DeviceName.decode(sealed.slice());
  if (!ephemeralPublic || !syntheticIv || !ciphertext) throw new Error("not a device's name");
  const secret = PrivateKey.deserialize(identity.slice()).agree(PublicKey.deserialize(ephemeralPublic));
  const cipherKey = hmac(hmac(secret, "cipher"), syntheticIv);
  const decipher = createDecipheriv("aes-256-ctr", cipherKey, new Uint8Array(16));
  const name = Buffer.concat([decipher.update(ciphertext), decipher.final()]);
  const isTheirs = hmac(hmac(secret, "auth"), name).subarray(0, 16).equals(syntheticIv);
  return isTheirs ? name.toString() : undefined;
}
