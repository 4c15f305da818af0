import { randomInt } from "node:crypto";
import {
  IdentityKeyPair,
  KEMKeyPair,
  KyberPreKeyRecord,
  PreKeyRecord,
  PrivateKey,
  SignedPreKeyRecord,
} from "@signalapp/libsignal-client";
import type { PublicPrekey } from "../state/held-prekeys.ts";
import type { SecretKind } from "../state/signal-tables.ts";
import { rawKey } from "./signal-bundle.ts";

export interface NewPrekey {
  readonly kind: SecretKind;
  readonly id: number;
  readonly record: Uint8Array;
  readonly public: PublicPrekey;
}

export interface NewIdentity {
  readonly pair: IdentityKeyPair;
  readonly registration: number;
}

export function newIdentity(): NewIdentity {
  return { pair: IdentityKeyPair.generate(), registration: randomInt(1, 16_380) };
}

export function newEcPrekey(id: number): NewPrekey {
  const key = PrivateKey.generate();
  const record = PreKeyRecord.new(id, key.getPublicKey(), key).serialize();
  return {
    kind: "ec",
    id,
    record,
    public: { kind: "ec", id, value: rawKey(key.getPublicKey()), signature: null },
  };
}

export function newSignedPrekey(id: number, pair: IdentityKeyPair): NewPrekey {
  const key = PrivateKey.generate();
  const signature = pair.privateKey.sign(key.getPublicKey().serialize());
  const record = SignedPreKeyRecord.new(id, Date.now(), key.getPublicKey(), key, signature).serialize();
  return {
    kind: "signed",
    id,
    record,
    public: { kind: "signed", id, value: rawKey(key.getPublicKey()), signature },
  };
}

export function newKyberPrekey(id: number, kind: "kyber" | "last", pair: IdentityKeyPair): NewPrekey {
  const key = KEMKeyPair.generate();
  const value = key.getPublicKey().serialize();
  const signature = pair.privateKey.sign(value);
  const record = KyberPreKeyRecord.new(id, Date.now(), key, signature).serialize();
  return { kind, id, record, public: { kind, id, value, signature } };
}

/** How many one-time prekeys of each kind a person keeps at the gatekeeper. */
export const prekeyStock = 10;

/** One-time prekeys with ids from `next` on: an EC and a Kyber one under each id. */
export function oneTimePrekeys(next: number, count: number, pair: IdentityKeyPair): readonly NewPrekey[] {
  return Array.from({ length: count }, (_, i) => [
    newEcPrekey(next + i),
    newKyberPrekey(next + i, "kyber", pair),
  ]).flat();
}
