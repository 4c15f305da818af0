import { randomInt } from "node:crypto";
import {
  IdentityKeyPair,
  KEMKeyPair,
  KyberPreKeyRecord,
  PreKeyRecord,
  PrivateKey,
  SignedPreKeyRecord,
} from "@signalapp/libsignal-client";
import { arrayBytes } from "./array-bytes.ts";
import type { PublicPreKey, PublicSignedPreKey } from "./public-keys.ts";

/** A login's long-term keys. */
export interface OwnKeys {
  readonly identity: IdentityKeyPair;
  readonly registrationId: number;
}

export interface StoredOwnKeys {
  readonly keyPair: Uint8Array;
  readonly registrationId: number;
}

export interface MadeKey<Public> {
  readonly public: Public;
  readonly record: Uint8Array;
}

/** libsignal allows 1..16380. */
const LAST_REGISTRATION_ID = 16_380;

export const makeRegistrationId = (): number => randomInt(1, LAST_REGISTRATION_ID + 1);

export function makeOwnKeys(): StoredOwnKeys {
  return { keyPair: IdentityKeyPair.generate().serialize(), registrationId: makeRegistrationId() };
}

export function loadOwnKeys({ keyPair, registrationId }: StoredOwnKeys): OwnKeys {
  return { identity: IdentityKeyPair.deserialize(arrayBytes(keyPair)), registrationId };
}

export function makePreKey(id: number): MadeKey<PublicPreKey> {
  const key = PrivateKey.generate();
  const value = key.getPublicKey();
  return {
    public: { id, value: value.getPublicKeyBytes() },
    record: PreKeyRecord.new(id, value, key).serialize(),
  };
}

export function makeSignedPreKey(own: OwnKeys, id: number, at: number): MadeKey<PublicSignedPreKey> {
  const key = PrivateKey.generate();
  const value = key.getPublicKey();
  const signature = own.identity.privateKey.sign(value.serialize());
  return {
    public: { id, value: value.getPublicKeyBytes(), signature },
    record: SignedPreKeyRecord.new(id, at, value, key, signature).serialize(),
  };
}

export function makeKyberPreKey(own: OwnKeys, id: number, at: number): MadeKey<PublicSignedPreKey> {
  const key = KEMKeyPair.generate();
  const value = key.getPublicKey().serialize();
  const signature = own.identity.privateKey.sign(value);
  return {
    public: { id, value, signature },
    record: KyberPreKeyRecord.new(id, at, key, signature).serialize(),
  };
}
