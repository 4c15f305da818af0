import type { PublicPreKey, PublicSignedPreKey } from "../../../signal-protocol/public-keys.ts";

/** The byte that Signal's servers want before a curve key. */
const CURVE25519 = 0x05;
const CURVE_BYTES = 32;

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

const typed = (key: Uint8Array): Uint8Array =>
  key.length === CURVE_BYTES ? Uint8Array.of(CURVE25519, ...key) : key;

/** A prekey in the JSON of the service. */
export const preKeyJson = ({ id, value }: PublicPreKey) => ({ keyId: id, publicKey: base64(typed(value)) });

export const signedPreKeyJson = (key: PublicSignedPreKey) => ({
  ...preKeyJson(key),
  signature: base64(key.signature),
});
