import { request } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { noMetrics } from "../../src/core/ports/metrics.ts";
import { AppserviceEndpoint } from "../../src/matrix/inbound/appservice-endpoint.ts";
import { ANA, BEN } from "../kit/flow-world.ts";
import { ProvisionedWorld } from "../kit/provisioned-world.ts";

let here: ProvisionedWorld;
let endpoint: AppserviceEndpoint;
let port: number;

const BASE = "/_matrix/client/unstable/io.element.msc4512/third-party-chats";
const WHOAMI = "/_matrix/provision/v3/whoami";

beforeEach(async () => {
  here = await ProvisionedWorld.start();
  const log = { error() {}, warn() {}, info() {}, debug() {} };
  endpoint = new AppserviceEndpoint({
    hsToken: "hs-token",
    sink: here.world.bridge.intake,
    isOurs: (user) => here.world.homeserver.isOurs(user),
    exists: () => false,
    protocols: new Map(),
    proxied: { base: BASE, answer: (one) => here.api.answer({ ...one, client: one.user }) },
    log,
    metrics: noMetrics,
  });
  port = await endpoint.listen("127.0.0.1", 0);
});
afterEach(async () => {
  await endpoint[Symbol.asyncDispose]();
  await here[Symbol.asyncDispose]();
});

interface Asked {
  readonly method?: string;
  readonly user?: string | readonly string[];
  readonly token?: string;
  readonly body?: string;
}

/** Asks as the homeserver does, with the path as it stands. */
function ask(path: string, { method = "GET", user = ANA, token = "hs-token", body }: Asked = {}) {
  const headers = {
    authorization: `Bearer ${token}`,
    "x-matrix-user-identifier": typeof user === "string" ? user : [...user],
    ...(body === undefined ? {} : { "content-type": "application/json" }),
  };
  const { promise, resolve, reject } = Promise.withResolvers<{
    status: number;
    body: Record<string, unknown>;
  }>();
  const sent = request({ host: "127.0.0.1", port, path, method, headers }, (answer) => {
    const chunks: Buffer[] = [];
    answer.on("data", (chunk: Buffer) => chunks.push(chunk));
    answer.on("end", () => {
      const text = Buffer.concat(chunks).toString();
      const isJson = answer.headers["content-type"] === "application/json";
      resolve({
        status: answer.statusCode ?? 0,
        body: isJson ? (JSON.parse(text) as Record<string, unknown>) : { text },
      });
    });
  });
  sent.on("error", reject);
  sent.end(body);
  return promise;
}

describe("what the homeserver passes on for its clients", () => {
  test("is answered as on the API's own port, for the person whom the homeserver names", async () => {
    const whoami = await ask(`${BASE}/whatsapp${WHOAMI}`);
    expect([whoami.status, whoami.body]).toMatchObject([
      200,
      { network: { displayname: "WhatsApp" }, logins: [] },
    ]);
    expect(
      (await ask(`/_matrix/client/v1/third-party-chats${WHOAMI}?user_id=${encodeURIComponent(ANA)}`)).status,
    ).toBe(200);
    const set = await ask(`${BASE}/_matrix/provision/person/v1/settings/receipts`, {
      method: "PUT",
      body: JSON.stringify({ value: "off" }),
    });
    expect(set).toMatchObject({ status: 200, body: { value: "off" } });
    const bens = await ask(`${BASE}/_matrix/provision/person/v1/settings`, { user: BEN });
    expect(bens.body["settings"]).toContainEqual(expect.objectContaining({ name: "receipts", value: "on" }));
    expect((await ask(`${BASE}/.well-known/matrix/mautrix`)).body).toHaveProperty(["fi.mau.bridges"]);
    expect(here.tokens.asked).toEqual([]);
  });

  test("is nobody's without the homeserver's token, and of nobody but whom the homeserver names", async () => {
    expect((await ask(BASE + WHOAMI, { token: "nonsense" })).status).toBe(403);
    expect((await ask(BASE + WHOAMI, { token: "ana-token" })).status).toBe(403);
    expect((await ask(`${BASE}${WHOAMI}?user_id=${encodeURIComponent(BEN)}`)).status).toBe(401);
    expect((await ask(BASE + WHOAMI, { user: "@mallory:elsewhere" })).status).toBe(403);
    expect((await ask(BASE + WHOAMI, { user: here.world.homeserver.bot })).status).toBe(403);
    for (const user of ["", "ana", "@", [ANA, BEN]])
      expect((await ask(BASE + WHOAMI, { user })).status).toBe(400);
    expect((await ask(`${BASE}/_matrix/provision/admin/v1/logins`)).status).toBe(403);
  });

  test("is in its place alone", async () => {
    for (const path of [
      BASE,
      `${BASE}x${WHOAMI}`,
      `/_matrix/client/third-party-chats${WHOAMI}`,
      `/_matrix/federation/v1/third-party-chats${WHOAMI}`,
      `/_matrix/client/v1/third-party-chats/../other${WHOAMI}`,
      `${BASE}/nothing`,
    ])
      expect((await ask(path)).status).toBe(404);
    expect((await ask(BASE + WHOAMI, { method: "DELETE" })).status).toBe(405);
    expect((await ask(`${BASE}/settings/`)).body["text"]).toContain("<!doctype html>");
  });

  test("is refused in a sentence where its body is too long, not JSON, or its query is odd", async () => {
    const path = `${BASE}/_matrix/provision/person/v1/settings/receipts`;
    const put = (body: string) => ask(path, { method: "PUT", body });
    expect((await put("x".repeat(64 * 1024 + 1))).status).toBe(413);
    expect((await put("{")).body).toMatchObject({ errcode: "M_NOT_JSON" });
    expect((await ask(`${BASE}${WHOAMI}?user_id=x&user_id=y`)).status).toBe(400);
  });

  test("never ends in a fault, whatever is asked", async () => {
    const odd = fc
      .string({ unit: "binary-ascii", maxLength: 40 })
      .map((text) => encodeURI(text).replaceAll("#", ""));
    await fc.assert(
      fc.asyncProperty(
        odd,
        odd,
        fc.constantFrom("GET", "POST", "PUT", "DELETE"),
        async (path, query, method) => {
          const { status } = await ask(`${BASE}/${path}?${query}`, { method });
          expect(status).toBeGreaterThanOrEqual(200);
          expect(status).toBeLessThan(500);
        },
      ),
      { numRuns: 60 },
    );
  });
});
