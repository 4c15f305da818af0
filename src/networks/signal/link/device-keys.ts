import { IdentityKeyPair, PrivateKey, PublicKey } from "@signalapp/libsignal-client";
import type { Store, Writes } from "../../../core/ports/store.ts";
import { arrayBytes } from "../../../signal-protocol/array-bytes.ts";
import {
  loadOwnKeys,
  type MadeKey,
  makeKyberPreKey,
  makeRegistrationId,
  makeSignedPreKey,
  type StoredOwnKeys,
} from "../../../signal-protocol/key-maker.ts";
import { idBefore } from "../../../signal-protocol/prekey-supply.ts";
import type { PublicSignedPreKey } from "../../../signal-protocol/public-keys.ts";
import { type AccountKey, type PreKeyKind, signalRecords } from "../../../signal-protocol/signal-records.ts";

/** An identity as a phone hands it over: 33 bytes and 32. */
interface IdentityBytes {
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
}

/** What a device has for one of the account's two identities when it registers. */
export interface DeviceKeys {
  readonly of: AccountKey;
  readonly own: StoredOwnKeys;
  readonly signed: MadeKey<PublicSignedPreKey>;
  readonly lastResort: MadeKey<PublicSignedPreKey>;
  /** Milliseconds since the epoch. */
  readonly madeAt: number;
}

/**
 * Makes the keys; {@link recordDeviceKeys} stores them. Where the login was another device before, their ids are higher
 * than all it had. Throws where the identity is malformed.
 */
export async function makeDeviceKeys(
  store: Pick<Store, "family">,
  of: AccountKey,
  { publicKey, privateKey }: IdentityBytes,
  madeAt: number,
): Promise<DeviceKeys> {
  const identity = new IdentityKeyPair(
    PublicKey.deserialize(arrayBytes(publicKey)),
    PrivateKey.deserialize(arrayBytes(privateKey)),
  );
  const own = { keyPair: identity.serialize(), registrationId: makeRegistrationId() };
  const keys = loadOwnKeys(own);
  const reads = store.family(signalRecords);
  const nextId = async (...kinds: readonly PreKeyKind[]): Promise<number> =>
    1 + idBefore(Math.max(...(await Promise.all(kinds.map((kind) => reads.lastPreKeyId(of, kind))))));
  const signed = makeSignedPreKey(keys, await nextId("signed"), madeAt);
  const lastResort = makeKyberPreKey(keys, await nextId("kyber", "kyber-last-resort"), madeAt);
  return { of, own, signed, lastResort, madeAt };
}

/** Replaces all that the login had for the identity: it was for another device. */
export function recordDeviceKeys(tx: Writes, { of, own, signed, lastResort, madeAt }: DeviceKeys): void {
  const signal = tx.family(signalRecords);
  signal.dropSessions(of);
  for (const kind of ["one-time", "signed", "kyber", "kyber-last-resort"] as const)
    signal.dropPreKeysBefore(of, kind, Number.MAX_SAFE_INTEGER);
  signal.setOwn(of, own);
  signal.addPreKey(of, "signed", signed.public.id, signed.record, madeAt);
  signal.addPreKey(of, "kyber-last-resort", lastResort.public.id, lastResort.record, madeAt);
}
