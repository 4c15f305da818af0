/** A public prekey in wire form. Values of curve keys are 32 bytes, without a type byte. */
export interface PublicPreKey {
  readonly id: number;
  readonly value: Uint8Array;
}

/** The signature was made by the identity key over the prekey with its type byte. */
export interface PublicSignedPreKey extends PublicPreKey {
  readonly signature: Uint8Array;
}

/** What is needed to start a session with somebody who is offline. */
export interface PublicBundle {
  readonly registrationId: number;
  readonly identity: Uint8Array;
  readonly signed: PublicSignedPreKey;
  /** Undefined where the one-time keys are used up. */
  readonly oneTime: PublicPreKey | undefined;
  /** A one-time or the last-resort key; its value has its type byte. */
  readonly kyber: PublicSignedPreKey;
}
