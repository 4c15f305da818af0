import { IdentityKeyPair, KEMPublicKey, PreKeyBundle, PublicKey } from "@signalapp/libsignal-client";
import { keyType } from "../state/bundle-stanza.ts";
import type { Bundle, PublicPrekey } from "../state/held-prekeys.ts";

/** The id that libsignal uses for the one device of an address; the wire says 0. */
export const onlyDevice = 1;

export const publicKey = (raw: Uint8Array): PublicKey =>
  PublicKey.deserialize(Uint8Array.from([keyType, ...raw]));
export const rawKey = (key: PublicKey): Uint8Array => key.getPublicKeyBytes();

/** The bundle for libsignal, which checks its signatures when it makes a session; throws when a key is malformed. */
export function signalBundle(bundle: Bundle): PreKeyBundle {
  const { registration, identity, signed, kyber, ec } = bundle;
  return PreKeyBundle.new(
    registration,
    onlyDevice,
    ec?.id ?? null,
    ec === undefined ? null : publicKey(ec.value),
    signed.id,
    publicKey(signed.value),
    Uint8Array.from(signed.signature ?? []),
    publicKey(identity),
    kyber.id,
    KEMPublicKey.deserialize(Uint8Array.from(kyber.value)),
    Uint8Array.from(kyber.signature ?? []),
  );
}

/** Whether a signed prekey carries its owner's signature. */
export function signedBy(identity: Uint8Array, key: PublicPrekey): boolean {
  if (key.signature === null) return false;
  const curve = key.kind === "signed";
  const signed = curve ? Uint8Array.from([keyType, ...key.value]) : Uint8Array.from(key.value);
  try {
    return publicKey(identity).verify(signed, Uint8Array.from(key.signature));
  } catch {
    return false;
  }
}

export const identityOf = (serialized: Uint8Array): IdentityKeyPair =>
  IdentityKeyPair.deserialize(Uint8Array.from(serialized));
