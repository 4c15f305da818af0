import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { calculateJwkThumbprint, exportJWK, type JWK } from "jose";
import type { NetworkName } from "../config.ts";
import type { Route } from "../http/http-server.ts";
import type { Db } from "../state/database.ts";
import { madeOnce } from "../state/meta.ts";
import type { Endpoints } from "./endpoints.ts";

/** The gatekeeper's own Ed25519 key, which signs its pushes. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicJwk: JWK;
}

export async function signingKey(db: Db): Promise<SigningKey> {
  const der = madeOnce(db, "signing_key", () =>
    generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "der" }),
  );
  const privateKey = createPrivateKey({ key: Buffer.from(der), type: "pkcs8", format: "der" });
  const jwk = await exportJWK(createPublicKey(privateKey));
  const kid = await calculateJwkThumbprint(jwk);
  return { kid, privateKey, publicJwk: { ...jwk, kid, alg: "EdDSA", use: "sig" } };
}

/** Serves that key to partners by OpenID discovery under the network's base URL, which is the pushes' issuer. */
export function keyRoutes(
  network: NetworkName,
  endpoints: () => Endpoints,
  key: SigningKey,
): readonly Route[] {
  return [
    {
      method: "GET",
      path: `/${network}/.well-known/openid-configuration`,
      handle: () => {
        const issuer = endpoints().base;
        return { status: 200, body: { issuer, jwks_uri: `${issuer}/.well-known/jwks.json` } };
      },
    },
    {
      method: "GET",
      path: `/${network}/.well-known/jwks.json`,
      handle: () => ({ status: 200, body: { keys: [key.publicJwk] } }),
    },
  ];
}
