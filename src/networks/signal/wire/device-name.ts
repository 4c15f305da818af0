import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from "node:crypto";
import { create, toBinary } from "@bufbuild/protobuf";
import { PrivateKey, PublicKey } from "@signalapp/libsignal-client";
import { malformed, WireError } from "./errors.ts";
import { DeviceNameSchema } from "./gen/provisioning_pb.js";
import { decodeProtobuf } from "./protobuf.ts";

const IV = 16;
const noCounter = new Uint8Array(IV);

/** A device's name as the server keeps it: readable by the account's devices only. `identity`: the account's, 33 bytes. */
export function sealDeviceName(name: string, identity: Uint8Array): Uint8Array<ArrayBuffer> {
  const ephemeral = PrivateKey.generate();
  const secret = ephemeral.agree(PublicKey.deserialize(identity.slice()));
  const plaintext = Buffer.from(name);
  const syntheticIv = syntheticIvOf(secret, plaintext);
  const cipher = createCipheriv("aes-256-ctr", cipherKeyOf(secret, syntheticIv), noCounter);
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  const ephemeralPublic = ephemeral.getPublicKey().serialize();
  return toBinary(DeviceNameSchema, create(DeviceNameSchema, { ephemeralPublic, syntheticIv, ciphertext }));
}

/** `identity`: the account's private key, 32 bytes. Throws `malformed`, and `unproved` for a name of another account. */
export function openDeviceName(sealed: Uint8Array, identity: Uint8Array): string {
  const { ephemeralPublic, syntheticIv, ciphertext } = decodeProtobuf(DeviceNameSchema, sealed);
  const secret = agreementOf(ephemeralPublic, identity);
  const decipher = createDecipheriv("aes-256-ctr", cipherKeyOf(secret, syntheticIv), noCounter);
  const plaintext = Buffer.concat([decipher.update(ciphertext), decipher.final()]);
  const proof = syntheticIvOf(secret, plaintext);
  if (syntheticIv.length !== IV || !timingSafeEqual(proof, syntheticIv))
    throw new WireError("unproved", "a device name of another account");
  return plaintext.toString();
}

function agreementOf(publicKey: Uint8Array, privateKey: Uint8Array): Uint8Array {
  try {
    return PrivateKey.deserialize(privateKey.slice()).agree(PublicKey.deserialize(publicKey.slice()));
  } catch (cause) {
    throw malformed("a device name's key", { cause });
  }
}

const hmac = (key: Uint8Array, data: Uint8Array | string) => createHmac("sha256", key).update(data).digest();

const syntheticIvOf = (secret: Uint8Array, plaintext: Uint8Array): Buffer =>
  hmac(hmac(secret, "auth"), plaintext).subarray(0, IV);

const cipherKeyOf = (secret: Uint8Array, syntheticIv: Uint8Array): Buffer =>
  hmac(hmac(secret, "cipher"), syntheticIv);
