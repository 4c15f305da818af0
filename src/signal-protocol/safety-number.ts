import { Fingerprint, type PublicKey } from "@signalapp/libsignal-client";
import type { SafetyNumber } from "../core/ports/network.ts";

const VERSION = 2;
/** As many as the apps of every family use. */
const ITERATIONS = 5_200;

interface Party {
  /** What the family's apps put in for the account; one other byte, and it is another number. */
  readonly identifier: Uint8Array<ArrayBuffer>;
  readonly key: PublicKey;
}

/**
 * The safety number. Both ends compute the same 60 digits; the scannable form differs by end, and each end scans the
 * other's.
 */
export function safetyNumber(own: Party, contact: Party): SafetyNumber {
  const fingerprint = Fingerprint.new(
    ITERATIONS,
    VERSION,
    own.identifier,
    own.key,
    contact.identifier,
    contact.key,
  );
  return {
    digits: fingerprint.displayableFingerprint().toString(),
    scannable: fingerprint.scannableFingerprint().toBuffer(),
  };
}
