import type { SealedCiphertext } from "../../../signal-protocol/signal-account.ts";

const VERSION = 1;
const TYPES = ["msg", "pkmsg"] as const;

/** The stored form of a ciphertext with its session: version, type, length of the session's name, name, ciphertext. */
export function writeSealed({ type, session, bytes }: SealedCiphertext): Uint8Array {
  const name = Buffer.from(session, "hex");
  return Buffer.concat([Uint8Array.of(VERSION, TYPES.indexOf(type), name.length), name, bytes]);
}

/** Reads the stored form; undefined for another version's, whose message is encrypted anew. */
export function readSealed(sealed: Uint8Array): SealedCiphertext | undefined {
  const [version, typeIndex = -1, length = 0] = sealed;
  const type = TYPES[typeIndex];
  if (version !== VERSION || !type || length === 0 || sealed.length <= 3 + length) return undefined;
  const session = Buffer.from(sealed.subarray(3, 3 + length)).toString("hex");
  return { type, session, bytes: sealed.subarray(3 + length) };
}
