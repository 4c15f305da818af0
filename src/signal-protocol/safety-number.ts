import { Fingerprint, type PublicKey } from "@signalapp/libsignal-client";
import type { SafetyNumber } from "../core/ports/network.ts";

const VERSION = 2;
/** As many as the phones of the profile use. */
const ITERATIONS = 5_200;

interface Party {
  /** JID without device: the Signal address. */
  readonly address: string;
  readonly key: PublicKey;
}

/**
 * The safety number. Both ends compute the same 60 digits; the scannable form differs by end, and each end scans the
 * other's.
 */
export function safetyNumber(own: Party, contact: Party): SafetyNumber {
  const name = ({ address }: Party) => Uint8Array.from(Buffer.from(address, "utf8"));
  const fingerprint = Fingerprint.new(ITERATIONS, VERSION, name(own), own.key, name(contact), contact.key);
  return {
    digits: fingerprint.displayableFingerprint().toString(),
    scannable: fingerprint.scannableFingerprint().toBuffer(),
  };
}
