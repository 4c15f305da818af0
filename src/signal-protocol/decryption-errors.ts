import { CiphertextMessageType, DecryptionErrorMessage, PlaintextContent } from "@signalapp/libsignal-client";
import { arrayBytes } from "./array-bytes.ts";
import type { Ciphertext } from "./signal-account.ts";

/** What could not be decrypted: of a session, or by the sender's key. */
type Undecrypted = Pick<Ciphertext, "bytes"> & { readonly type: Ciphertext["type"] | "sender-key" };

const ORIGINALS: Readonly<Record<Undecrypted["type"], CiphertextMessageType>> = {
  pkmsg: CiphertextMessageType.PreKey,
  msg: CiphertextMessageType.Whisper,
  "sender-key": CiphertextMessageType.SenderKey,
};

/** What a device says that it could not decrypt. */
export interface DecryptionError {
  /** Of the message, as its sender named it: milliseconds since the epoch. */
  readonly timestamp: number;
  /** Which of its sender's devices sent it. */
  readonly device: number;
  /** The ratchet key by which the sender finds whether its session is still the one in use. */
  readonly ratchetKey: Uint8Array | undefined;
}

/** Undefined where the bytes are not such a message. */
export function readDecryptionError(bytes: Uint8Array): DecryptionError | undefined {
  try {
    const message = DecryptionErrorMessage.deserialize(arrayBytes(bytes));
    return {
      timestamp: message.timestamp(),
      device: message.deviceId(),
      ratchetKey: message.ratchetKey()?.serialize(),
    };
  } catch {
    return undefined;
  }
}

/**
 * The request that a message be sent again, which is sent as it is because the session may be broken. Undefined where
 * the message is so malformed that no session can be named.
 */
export function decryptionErrorFor(
  message: Undecrypted & { readonly timestamp: number; readonly device: number },
): Uint8Array | undefined {
  const { type, bytes, timestamp, device } = message;
  const original = ORIGINALS[type];
  try {
    const error = DecryptionErrorMessage.forOriginal(arrayBytes(bytes), original, timestamp, device);
    return PlaintextContent.from(error).serialize();
  } catch {
    return undefined;
  }
}

/** The content of what was sent without a ciphertext; undefined where it is malformed. */
export function plaintextBody(bytes: Uint8Array): Uint8Array | undefined {
  try {
    return PlaintextContent.deserialize(arrayBytes(bytes)).body();
  } catch {
    return undefined;
  }
}
