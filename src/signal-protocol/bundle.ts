import { KEMPublicKey, PreKeyBundle, PublicKey } from "@signalapp/libsignal-client";
import { arrayBytes } from "./array-bytes.ts";
import type { PublicBundle } from "./public-keys.ts";

const CURVE25519 = 0x05;
/** The one device a person has towards us; libsignal counts from 1, the wire from 0. */
export const DEVICE = 1;

/** Throws where a key is malformed. */
export function preKeyBundle(bundle: PublicBundle): PreKeyBundle {
  const { registrationId, identity, signed, oneTime, kyber } = bundle;
  return PreKeyBundle.new(
    registrationId,
    DEVICE,
    oneTime?.id ?? null,
    oneTime ? curveKey(oneTime.value) : null,
    signed.id,
    curveKey(signed.value),
    arrayBytes(signed.signature),
    curveKey(identity),
    kyber.id,
    KEMPublicKey.deserialize(arrayBytes(kyber.value)),
    arrayBytes(kyber.signature),
  );
}

function curveKey(value: Uint8Array): PublicKey {
  const typed = value.length === 33 ? value : Uint8Array.of(CURVE25519, ...value);
  return PublicKey.deserialize(arrayBytes(typed));
}
