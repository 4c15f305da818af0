import type { LoginId } from "../core/model/ids.ts";
import type { FamilyKey } from "../core/ports/family-store.ts";

/**
 * One of a login's own accounts: each has keys, prekeys and sessions of its own. In Signal's words ACI is a person's
 * account and PNI their phone number's; where a network has only one, it is the ACI.
 */
export interface AccountKey {
  readonly login: LoginId;
  readonly account: "aci" | "pni";
}

export const aciOf = (login: LoginId): AccountKey => ({ login, account: "aci" });

/** A device of a person, numbered from 1 to 127. */
export interface DeviceAddress {
  readonly name: string;
  readonly device: number;
}

/**
 * Records of the Signal protocol as opaque bytes. They are committed together with the message they decrypted (see
 * `Store.write`).
 */
export interface SignalReads {
  /** Our own long-term key pair, serialised, with the registration id. */
  own(of: AccountKey): Promise<{ readonly keyPair: Uint8Array; readonly registrationId: number } | undefined>;
  /** The public identity key last seen of a person, the same for all their devices. */
  identity(login: LoginId, name: string): Promise<Uint8Array | undefined>;
  session(of: AccountKey, address: DeviceAddress): Promise<Uint8Array | undefined>;
  /** The devices with which there are sessions, of one person, ascending. */
  devices(of: AccountKey, name: string): Promise<readonly number[]>;
  preKey(of: AccountKey, kind: PreKeyKind, id: number): Promise<Uint8Array | undefined>;
  /** Ids of a kind, ascending. */
  preKeyIds(of: AccountKey, kind: PreKeyKind): Promise<readonly number[]>;
  /** The highest id ever used for a kind, 0 if none; ids are never used again. */
  lastPreKeyId(of: AccountKey, kind: PreKeyKind): Promise<number>;
  /** When the newest key of a kind was made; undefined if there is none. */
  newestPreKeyAt(of: AccountKey, kind: PreKeyKind): Promise<number | undefined>;
  /** Whether this base key was already used with this last-resort Kyber key and signed prekey. */
  kyberUsed(of: AccountKey, use: KyberUse): Promise<boolean>;
  /** A device's sender key for a distribution; the distribution is a UUID of the sender's choice. */
  senderKey(of: AccountKey, sender: DeviceAddress, distribution: string): Promise<Uint8Array | undefined>;
}

export type PreKeyKind = "one-time" | "signed" | "kyber" | "kyber-last-resort";

export interface KyberUse {
  readonly kyberId: number;
  readonly signedId: number;
  readonly baseKey: Uint8Array;
}

export interface SignalWrites {
  setOwn(of: AccountKey, own: { readonly keyPair: Uint8Array; readonly registrationId: number }): void;
  setIdentity(login: LoginId, name: string, key: Uint8Array): void;
  setSession(of: AccountKey, address: DeviceAddress, record: Uint8Array): void;
  addPreKey(of: AccountKey, kind: PreKeyKind, id: number, record: Uint8Array, at: number): void;
  removePreKey(of: AccountKey, kind: PreKeyKind, id: number): void;
  /** Forgets keys of a kind made before `at`. */
  dropPreKeysBefore(of: AccountKey, kind: PreKeyKind, at: number): void;
  markKyberUsed(of: AccountKey, use: KyberUse): void;
  setSenderKey(of: AccountKey, sender: DeviceAddress, distribution: string, record: Uint8Array): void;
  /** Forgets the sessions and sender keys of an own account that is another device from here on. */
  dropSessions(of: AccountKey): void;
}

export const signalRecords: FamilyKey<SignalReads, SignalWrites> = { family: "signal-protocol" };
