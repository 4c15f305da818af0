import type { SealedCiphertext } from "../../../signal-protocol/signal-account.ts";

const VERSION = 1;
const TYPES = ["msg", "pkmsg"] as const;

/** A ciphertext with its session as it is kept: version, type, length of the session's name, name, ciphertext. */
export function writeSealed({ type, session, bytes }: SealedCiphertext): Uint8Array {
  const name = Buffer.from(session, "hex");
  return Buffer.concat([Uint8Array.of(VERSION, TYPES.indexOf(type), name.length), name, bytes]);
}

/** Undefined for what this version did not write: it is encrypted anew. */
export function readSealed(stored: Uint8Array): SealedCiphertext | undefined {
  const [version, typeIndex = -1, length = 0] = stored;
  const type = TYPES[typeIndex];
  if (version !== VERSION || !type || length === 0 || stored.length <= 3 + length) return undefined;
  const session = Buffer.from(stored.subarray(3, 3 + length)).toString("hex");
  return { type, session, bytes: stored.subarray(3 + length) };
}
