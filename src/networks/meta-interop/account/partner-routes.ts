import { createHash } from "node:crypto";
import type { JWTVerifyGetKey } from "jose";
import { z } from "zod";
import type { Clock } from "../../../core/ports/clock.ts";
import type { HttpReply, HttpRequest, HttpRoute } from "../../../core/ports/http-route.ts";
import { faultOf, type Log } from "../../../core/ports/log.ts";
import type { JwtKeys } from "./jwt-keys.ts";

export const JWKS_PATH = "/.well-known/jwks.json";
const PUSH_PATH = "/interop/push";
const MAX_AGE_SECONDS = 300;
const CLOCK_SKEW_SECONDS = 30;

interface PartnerRoutesParts {
  /** This bridge's public address: the `iss` of its tokens. */
  readonly issuer: string;
  readonly keys: JwtKeys;
  /** The URLs of the networks' interfaces, each with its own signing keys. */
  readonly gatekeepers: readonly string[];
  /** Called when a message waits for an account; false where the account is not ours. */
  readonly wake: (gatekeeper: string, accountId: string) => boolean;
  readonly clock: Clock;
  readonly log: Log;
}

const pushBody = z.object({ account_id: z.string().max(20), reason: z.string().max(64) });

/** The routes the gatekeeper uses: who we are (OpenID Connect Discovery), our keys, and its push. */
export function partnerRoutes(parts: PartnerRoutesParts): readonly HttpRoute[] {
  const { issuer, keys } = parts;
  return [
    {
      method: "GET",
      path: "/.well-known/openid-configuration",
      handle: async () =>
        json(200, {
          issuer,
          jwks_uri: `${issuer}${JWKS_PATH}`,
          id_token_signing_alg_values_supported: ["EdDSA"],
        }),
    },
    { method: "GET", path: JWKS_PATH, handle: async () => json(200, await keys.published()) },
    { method: "POST", path: PUSH_PATH, handle: pushHandler(parts) },
  ];
}

function pushHandler({ issuer, gatekeepers, wake, clock, log }: PartnerRoutesParts) {
  const keySets = new Map<string, JWTVerifyGetKey>();

  async function keysOf(gatekeeper: string): Promise<JWTVerifyGetKey | undefined> {
    if (!gatekeepers.includes(gatekeeper)) return undefined;
    const { createRemoteJWKSet } = await import("jose");
    const cached = keySets.get(gatekeeper);
    if (cached) return cached;
    const url = new URL(`${gatekeeper}/.well-known/jwks.json`);
    const keySet = createRemoteJWKSet(url, { timeoutDuration: 5_000 });
    keySets.set(gatekeeper, keySet);
    return keySet;
  }

  /** The gatekeeper that signed this body for us; undefined where the token is not valid. */
  async function signer(token: string, body: Uint8Array): Promise<string | undefined> {
    try {
      const { decodeJwt, jwtVerify } = await import("jose");
      const gatekeeper = decodeJwt(token).iss ?? "";
      const keySet = await keysOf(gatekeeper);
      if (!keySet) return undefined;
      const { payload } = await jwtVerify(token, keySet, {
        issuer: gatekeeper,
        audience: `${issuer}${PUSH_PATH}`,
        algorithms: ["EdDSA"],
        maxTokenAge: MAX_AGE_SECONDS,
        clockTolerance: CLOCK_SKEW_SECONDS,
        currentDate: new Date(clock.now()),
        requiredClaims: ["iat", "exp", "body_sha256"],
      });
      const lifetime = (payload.exp ?? Number.POSITIVE_INFINITY) - (payload.iat ?? 0);
      const isValid = lifetime <= MAX_AGE_SECONDS && payload["body_sha256"] === hashOf(body);
      return isValid ? gatekeeper : undefined;
    } catch (error) {
      log.debug("a push's token does not hold", faultOf(error));
      return undefined;
    }
  }

  return async ({ headers, body }: HttpRequest): Promise<HttpReply> => {
    const token = /^Bearer (\S{1,8192})$/i.exec(headers["authorization"] ?? "")?.[1];
    const gatekeeper = token === undefined ? undefined : await signer(token, body);
    if (gatekeeper === undefined) return json(401, { error: "unauthorized" });
    const read = pushBody.safeParse(parseJson(body));
    if (!read.success) return json(400, { error: "malformed" });
    return wake(gatekeeper, read.data.account_id) ? json(200, {}) : json(404, { error: "unknown account" });
  };
}

function hashOf(body: Uint8Array): string {
  return createHash("sha256").update(body).digest("base64url");
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString("utf8"));
  } catch {
    return undefined;
  }
}

function json(status: number, value: unknown): HttpReply {
  return {
    status,
    headers: { "content-type": "application/json", "cache-control": "max-age=60" },
    body: JSON.stringify(value),
  };
}
