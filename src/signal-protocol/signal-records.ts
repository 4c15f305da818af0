import type { LoginId } from "../core/model/ids.ts";
import type { FamilyKey } from "../core/ports/family-store.ts";

/**
 * Records of the Signal protocol as opaque bytes, one set a login. They are
 * committed together with the message they decrypted (see `Store.write`).
 */
export interface SignalReads {
  /** Our own long-term key pair, serialised, with the registration id. */
  own(login: LoginId): Promise<{ readonly keyPair: Uint8Array; readonly registrationId: number } | undefined>;
  /** The public identity key last seen from an address. */
  identity(login: LoginId, address: string): Promise<Uint8Array | undefined>;
  session(login: LoginId, address: string): Promise<Uint8Array | undefined>;
  preKey(login: LoginId, kind: PreKeyKind, id: number): Promise<Uint8Array | undefined>;
  /** Ids of a kind, ascending. */
  preKeyIds(login: LoginId, kind: PreKeyKind): Promise<readonly number[]>;
  /** The highest id ever used for a kind, 0 if none; ids are never used again. */
  lastPreKeyId(login: LoginId, kind: PreKeyKind): Promise<number>;
  /** When the newest key of a kind was made; undefined if there is none. */
  newestPreKeyAt(login: LoginId, kind: PreKeyKind): Promise<number | undefined>;
  /** Whether this base key was already used with this last-resort Kyber key and signed prekey. */
  kyberUsed(login: LoginId, use: KyberUse): Promise<boolean>;
  senderKey(login: LoginId, address: string, distribution: string): Promise<Uint8Array | undefined>;
}

export type PreKeyKind = "one-time" | "signed" | "kyber" | "kyber-last-resort";

export interface KyberUse {
  readonly kyberId: number;
  readonly signedId: number;
  readonly baseKey: Uint8Array;
}

export interface SignalWrites {
  setOwn(login: LoginId, own: { readonly keyPair: Uint8Array; readonly registrationId: number }): void;
  setIdentity(login: LoginId, address: string, key: Uint8Array): void;
  setSession(login: LoginId, address: string, record: Uint8Array): void;
  addPreKey(login: LoginId, kind: PreKeyKind, id: number, record: Uint8Array, at: number): void;
  removePreKey(login: LoginId, kind: PreKeyKind, id: number): void;
  /** Forgets keys of a kind made before `at`. */
  dropPreKeysBefore(login: LoginId, kind: PreKeyKind, at: number): void;
  markKyberUsed(login: LoginId, use: KyberUse): void;
  setSenderKey(login: LoginId, address: string, distribution: string, record: Uint8Array): void;
}

export const signalRecords: FamilyKey<SignalReads, SignalWrites> = { family: "signal-protocol" };
