import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from "jose";
import { z } from "zod";
import type { Integrator } from "../config.ts";
import type { CommitGroup } from "../state/commit-group.ts";
import type { Db } from "../state/database.ts";
import { type issuerKeys, KeysUnreachable } from "./issuer-keys.ts";

const maxLifetime = 600;
const skewSeconds = 10;
const maxLength = 8192;

const claims = z.object({
  iss: z.string(),
  sub: z.string().min(1).max(255),
  idt: z.enum(["email", "pn", "username"]),
  iat: z.number(),
  exp: z.number(),
  jti: z.string().min(8).max(128),
  cnf: z.object({ jkt: z.string().regex(/^[A-Za-z0-9_-]{43}$/) }),
  name: z.string().max(255).optional(),
  country: z.string().optional(),
});
export type Claims = z.infer<typeof claims>;

/** Why a token is refused; for `unreachable` its issuer's keys could not be fetched. */
type TokenFault = "malformed" | "untrusted" | "expired" | "replayed" | "unreachable";
export type TokenResult =
  | { readonly ok: true; readonly claims: Claims; readonly integrator: Integrator }
  | { readonly ok: false; readonly fault: TokenFault; readonly words: string };

const visibleId: Record<Claims["idt"], RegExp> = {
  email: /^[^\s@]+@[^\s@]+$/,
  pn: /^\+[1-9]\d{5,14}$/,
  username: /^\S+$/,
};

const refuse = (fault: TokenFault, words: string): TokenResult => ({ ok: false, fault, words });

/** Checks integrators' tokens by the profile's rules; each `jti` is accepted once, also across restarts. */
export function tokenChecker(db: Db, commits: CommitGroup, keysOf: ReturnType<typeof issuerKeys>) {
  const use = db.prepare("INSERT OR IGNORE INTO token_used (iss, jti, expires) VALUES (?, ?, ?)");
  const prune = db.prepare("DELETE FROM token_used WHERE expires < ?");

  async function verified(token: string, audience: string): Promise<{ payload: JWTPayload } | TokenResult> {
    const header = decodeProtectedHeader(token);
    const { iss } = decodeJwt(token);
    if (header.alg !== "EdDSA" || header.kid === undefined || iss === undefined) {
      return refuse("malformed", "The token must be signed with EdDSA and name its key and issuer.");
    }
    const keys = await keysOf(iss, header.kid);
    return jwtVerify(token, keys, {
      issuer: iss,
      audience,
      algorithms: ["EdDSA"],
      clockTolerance: skewSeconds,
      requiredClaims: ["iss", "sub", "idt", "aud", "iat", "exp", "jti", "cnf"],
    });
  }

  /** @param audience the enlist URL, or the chat URL of a connection. */
  return async (
    token: string,
    audience: string,
    integrators: readonly Integrator[],
  ): Promise<TokenResult> => {
    try {
      if (token.length > maxLength) return refuse("malformed", "The token is too long.");
      const iss = decodeJwt(token).iss;
      // Keys are fetched only from issuers in the configuration.
      const integrator = integrators.find((one) => one.iss === iss);
      if (integrator === undefined)
        return refuse("untrusted", "The token's issuer is no integrator of ours.");
      const result = await verified(token, audience);
      if ("ok" in result) return result;
      const read = claims.safeParse(result.payload);
      if (!read.success) return refuse("malformed", "The token's claims are not those of the profile.");
      const { sub, idt, iat, exp, jti } = read.data;
      if (exp - iat > maxLifetime) return refuse("malformed", "The token lives longer than ten minutes.");
      if (iat > Date.now() / 1000 + skewSeconds)
        return refuse("expired", "The token was issued in the future.");
      if (idt !== integrator.identifier_type || !visibleId[idt].test(sub)) {
        return refuse(
          "malformed",
          `The token's identifier is not of the integrator's type ${integrator.identifier_type}.`,
        );
      }
      const fresh = await commits.commit(() => {
        prune.run(Math.floor(Date.now() / 1000) - 3600);
        return use.run(integrator.iss, jti, Math.ceil(exp)).changes === 1;
      });
      if (!fresh) return refuse("replayed", "The token was used before.");
      return { ok: true, claims: read.data, integrator };
    } catch (cause) {
      if (cause instanceof KeysUnreachable) return refuse("unreachable", cause.message);
      if (cause instanceof errors.JWTExpired) return refuse("expired", "The token has expired.");
      if (cause instanceof errors.JOSEError || cause instanceof TypeError || cause instanceof SyntaxError) {
        return refuse("malformed", "The token does not hold: signature, audience or form.");
      }
      throw cause;
    }
  };
}
export type TokenCheck = ReturnType<typeof tokenChecker>;
