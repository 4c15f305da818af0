import type { Clock, Random } from "../../../core/ports/clock.ts";
import type { Identifier } from "./account.ts";
import type { JwtKeys } from "./jwt-keys.ts";

const LIFETIME_SECONDS = 300;

export interface TokenMaker {
  /** This bridge's public address: `iss`, and the base of the key set's URL. */
  readonly issuer: string;
  readonly keys: JwtKeys;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * A token that proves the person of `identifier` to be ours; valid once, and only with the Noise key. `audience`: the
 * enlist URL or the chat URL (interop-sandbox/1).
 */
export async function makeToken(
  { issuer, keys, clock, random }: TokenMaker,
  claims: {
    readonly identifier: Identifier;
    readonly audience: string;
    readonly noiseKey: Uint8Array;
    /** Where the person says they are, by its two letters. */
    readonly country?: string;
  },
): Promise<string> {
  const { calculateJwkThumbprint, SignJWT } = await import("jose");
  const { kid, key } = await keys.current();
  const now = Math.floor(clock.now() / 1_000);
  const x = Buffer.from(claims.noiseKey).toString("base64url");
  // RFC 7638 thumbprint of an RFC 8037 OKP key.
  const jkt = await calculateJwkThumbprint({ kty: "OKP", crv: "X25519", x });
  const country = claims.country === undefined ? {} : { country: claims.country };
  return new SignJWT({ idt: claims.identifier.type, cnf: { jkt }, ...country })
    .setProtectedHeader({ alg: "EdDSA", kid, typ: "JWT" })
    .setIssuer(issuer)
    .setSubject(claims.identifier.value)
    .setAudience(claims.audience)
    .setIssuedAt(now)
    .setExpirationTime(now + LIFETIME_SECONDS)
    .setJti(random.uuid())
    .sign(key);
}
