import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import type { HttpRoute } from "../../../src/core/ports/http-route.ts";
import type { Store } from "../../../src/core/ports/store.ts";
import { JwtKeys } from "../../../src/networks/meta-interop/account/jwt-keys.ts";
import { partnerRoutes } from "../../../src/networks/meta-interop/account/partner-routes.ts";
import { openStore } from "../../../src/store/open.ts";
import { quietLog, realClock } from "../../kit/interop-world.ts";

const issuer = "https://bridge.example.org";
const body = JSON.stringify({ account_id: "105012", reason: "message" });

let store: Store;
let server: Server;
let gatekeeper: string;
let routes: readonly HttpRoute[];
let privateKey: Awaited<ReturnType<typeof generateKeyPair>>["privateKey"];
const woken: string[] = [];

beforeAll(async () => {
  store = openStore({ path: ":memory:", log: quietLog });
  const pair = await generateKeyPair("EdDSA", { extractable: true });
  privateKey = pair.privateKey;
  const jwk = { ...(await exportJWK(pair.publicKey)), kid: "k1", alg: "EdDSA" };
  server = createServer((request, response) => {
    response.setHeader("content-type", "application/json");
    if (request.url === "/whatsapp/.well-known/jwks.json") response.end(JSON.stringify({ keys: [jwk] }));
    else response.writeHead(404).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  gatekeeper = `http://127.0.0.1:${(server.address() as AddressInfo).port}/whatsapp`;
  routes = partnerRoutes({
    issuer,
    keys: new JwtKeys(store, realClock),
    gatekeepers: [gatekeeper],
    wake: (from, account) => {
      woken.push(`${from} ${account}`);
      return account === "105012";
    },
    clock: realClock,
    log: quietLog,
  });
});
beforeEach(() => {
  woken.length = 0;
});
afterAll(async () => {
  server.close();
  await store[Symbol.asyncDispose]();
});

async function ask(path: string, headers: Record<string, string> = {}, content = "") {
  const route = routes.find((one) => one.path === path);
  if (!route) throw new Error(`no route ${path}`);
  const reply = await route.handle({ method: route.method, path, headers, body: Buffer.from(content) });
  return { ...reply, body: typeof reply.body === "string" ? reply.body : "" };
}

const hash = (content: string) => createHash("sha256").update(content).digest("base64url");

async function token(
  claims: { iss?: string; aud?: string; seconds?: number; hash?: string; ago?: number } = {},
) {
  const iat = Math.floor(Date.now() / 1_000) - (claims.ago ?? 0);
  return new SignJWT({ body_sha256: claims.hash ?? hash(body) })
    .setProtectedHeader({ alg: "EdDSA", kid: "k1" })
    .setIssuer(claims.iss ?? gatekeeper)
    .setAudience(claims.aud ?? `${issuer}/interop/push`)
    .setIssuedAt(iat)
    .setExpirationTime(iat + (claims.seconds ?? 120))
    .sign(privateKey);
}

test("the key set is found by OpenID discovery", async () => {
  const configuration = JSON.parse((await ask("/.well-known/openid-configuration")).body) as {
    issuer: string;
    jwks_uri: string;
  };
  expect(configuration).toMatchObject({ issuer, jwks_uri: `${issuer}/.well-known/jwks.json` });
  const { status, body: keys } = await ask(new URL(configuration.jwks_uri).pathname);
  expect({ status, ...(JSON.parse(keys) as object) }).toMatchObject({
    status: 200,
    keys: [{ kty: "OKP", crv: "Ed25519", alg: "EdDSA" }],
  });
});

describe("a push", () => {
  const push = async (bearer: string, content = body) =>
    ask("/interop/push", { authorization: `Bearer ${bearer}` }, content);

  test("of the gatekeeper wakes the account", async () => {
    expect(await push(await token())).toMatchObject({ status: 200 });
    expect(woken).toEqual([`${gatekeeper} 105012`]);
  });

  test("for an account that is not ours is 404", async () => {
    const other = JSON.stringify({ account_id: "1", reason: "message" });
    expect(await push(await token({ hash: hash(other) }), other)).toMatchObject({ status: 404 });
  });

  test.each([
    ["another audience", { aud: "https://elsewhere.example" }],
    ["another issuer", { iss: "https://elsewhere.example" }],
    ["another body", { hash: hash("{}") }],
    ["a life of more than five minutes", { seconds: 600 }],
    ["an end that has passed", { ago: 400, seconds: 120 }],
  ])("whose token has %s is refused and wakes nobody", async (_, claims) => {
    expect(await push(await token(claims))).toMatchObject({ status: 401 });
    expect(woken).toEqual([]);
  });

  test.each(["", "x", "a.b.c", "x".repeat(9_000)])(
    "with garbage for a token is refused (%#)",
    async (garbage) => {
      expect(await push(garbage)).toMatchObject({ status: 401 });
    },
  );

  test("without a token, or with a body that is none, is refused", async () => {
    expect(await ask("/interop/push", {}, body)).toMatchObject({ status: 401 });
    for (const odd of ["", "[]", "{", '{"account_id":5}']) {
      expect(await push(await token({ hash: hash(odd) }), odd)).toMatchObject({ status: 400 });
    }
  });
});
