import { createCipheriv, createHmac } from "node:crypto";
import { create, toBinary } from "@bufbuild/protobuf";
import { PrivateKey, PublicKey } from "@signalapp/libsignal-client";
import { DeviceNameSchema } from "./gen/provisioning_pb.js";

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

const hmac = (key: Uint8Array, data: Uint8Array | string) => createHmac("sha256", key).update(data).digest();

const syntheticIvOf = (secret: Uint8Array, plaintext: Uint8Array): Buffer =>
  hmac(hmac(secret, "auth"), plaintext).subarray(0, IV);

const cipherKeyOf = (secret: Uint8Array, syntheticIv: Uint8Array): Buffer =>
  hmac(hmac(secret, "cipher"), syntheticIv);
