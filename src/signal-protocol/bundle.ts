import { KEMPublicKey, PreKeyBundle, PublicKey } from "@signalapp/libsignal-client";
import { arrayBytes } from "./array-bytes.ts";
import type { PublicBundle } from "./public-keys.ts";

const CURVE25519 = 0x05;

/** Throws where a key is malformed. */
export function preKeyBundle(device: number, bundle: PublicBundle): PreKeyBundle {
  const { registrationId, identity, signed, oneTime, kyber } = bundle;
  return PreKeyBundle.new(
    registrationId,
    device,
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

/** The bundle of a device as libsignal's network calls give it. Throws where it has no Kyber key. */
export function publicBundle(bundle: PreKeyBundle): PublicBundle {
  const oneTime = bundle.preKeyPublic();
  const oneTimeId = bundle.preKeyId();
  return {
    registrationId: bundle.registrationId(),
    identity: bundle.identityKey().getPublicKeyBytes(),
    signed: {
      id: bundle.signedPreKeyId(),
      value: bundle.signedPreKeyPublic().getPublicKeyBytes(),
      signature: bundle.signedPreKeySignature(),
    },
    oneTime:
      oneTime && oneTimeId !== null ? { id: oneTimeId, value: oneTime.getPublicKeyBytes() } : undefined,
    kyber: {
      id: bundle.kyberPreKeyId(),
      value: bundle.kyberPreKeyPublic().serialize(),
      signature: bundle.kyberPreKeySignature(),
    },
  };
}
