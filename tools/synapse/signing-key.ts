import { randomBytes } from "node:crypto";

/** A new Ed25519 seed in the file form of Synapse's signing key (signedjson: algorithm, version, unpadded base64). */
export function signingKey(): string {
  const seed = randomBytes(32).toString("base64").replace(/=+$/, "");
  return `ed25519 a_${randomBytes(3).toString("hex")} ${seed}\n`;
}
