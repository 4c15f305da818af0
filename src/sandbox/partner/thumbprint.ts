import { createHash } from "node:crypto";

/** RFC 7638 thumbprint of an X25519 public key as an RFC 8037 OKP key, base64url. */
export function x25519Thumbprint(publicKey: Uint8Array): string {
  const x = Buffer.from(publicKey).toString("base64url");
  return createHash("sha256").update(`{"crv":"X25519","kty":"OKP","x":"${x}"}`).digest("base64url");
}
