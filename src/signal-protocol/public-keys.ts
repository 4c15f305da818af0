/** What others need of somebody's keys, as it travels. Values of curve keys are 32 bytes, without a type byte. */
export interface PublicPreKey {
  readonly id: number;
  readonly value: Uint8Array;
}

/** The signature is the identity key's over the key with its type byte. */
export interface PublicSignedPreKey extends PublicPreKey {
  readonly signature: Uint8Array;
}

/** All that is needed to start a session with somebody who is away. */
export interface PublicBundle {
  readonly registrationId: number;
  readonly identity: Uint8Array;
  readonly signed: PublicSignedPreKey;
  /** Absent where the one-time supply is exhausted. */
  readonly oneTime: PublicPreKey | undefined;
  /** A one-time key, or the last-resort key; the value keeps its type byte. */
  readonly kyber: PublicSignedPreKey;
}
