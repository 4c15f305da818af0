import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { UserId } from "../../src/core/model/ids.ts";
import { ANA, BEN } from "../kit/flow-world.ts";
import { ProvisionedWorld, SECRET } from "../kit/provisioned-world.ts";

let here: ProvisionedWorld;

beforeEach(async () => {
  here = await ProvisionedWorld.start();
  here.tokens.access
    .set("ana-token", ANA)
    .set("ben-token", BEN)
    .set("mallory-token", "@mallory:elsewhere" as UserId);
});
afterEach(() => here[Symbol.asyncDispose]());

const V3 = "/_matrix/provision/v3";
const whoami = (user?: string): string =>
  `${V3}/whoami${user === undefined ? "" : `?user_id=${encodeURIComponent(user)}`}`;

async function outcome(path: string, asked: Parameters<ProvisionedWorld["ask"]>[2] = {}) {
  const { status, body } = await here.ask("GET", path, asked);
  return [status, body.errcode];
}

describe("who asks", () => {
  test("is known by a Matrix token, which the homeserver is asked about once a minute", async () => {
    expect(await outcome(whoami(), { token: null })).toEqual([401, "M_MISSING_TOKEN"]);
    expect(await outcome(whoami(), { token: "nonsense" })).toEqual([401, "M_UNKNOWN_TOKEN"]);
    expect(await outcome(whoami(ANA))).toEqual([200, undefined]);
    expect(await outcome(whoami(BEN))).toEqual([401, "M_UNKNOWN_TOKEN"]);
    here.tokens.asked.length = 0;
    await Promise.all([outcome(whoami()), outcome(whoami()), outcome(`${V3}/logins`)]);
    expect(here.tokens.asked).toEqual(["ana-token"]);
    here.tokens.access.clear();
    expect(await outcome(whoami())).toEqual([200, undefined]);
    await here.world.clock.advance(61_000);
    expect(await outcome(whoami())).toEqual([401, "M_UNKNOWN_TOKEN"]);
  });

  test("who is not in the permissions is refused, and so are the bridge's own users", async () => {
    expect(await outcome(whoami(), { token: "mallory-token" })).toEqual([403, "M_FORBIDDEN"]);
    here.tokens.access.set("bot-token", here.world.homeserver.bot);
    expect(await outcome(whoami(), { token: "bot-token" })).toEqual([401, "M_UNKNOWN_TOKEN"]);
    expect(await outcome(whoami(here.world.homeserver.bot), { token: SECRET })).toEqual([403, "M_FORBIDDEN"]);
  });

  test("with an OpenID token it is whom that server says, and only people who may use the bridge are asked about", async () => {
    here.tokens.openId.set("anas", ANA);
    expect(await outcome(whoami(ANA), { token: "openid:anas" })).toEqual([200, undefined]);
    expect(await outcome(whoami(), { token: "openid:anas" })).toEqual([400, "M_INVALID_PARAM"]);
    expect(await outcome(whoami(BEN), { token: "openid:anas" })).toEqual([401, "M_UNKNOWN_TOKEN"]);
    here.tokens.asked.length = 0;
    expect(await outcome(whoami("@mallory:elsewhere"), { token: "openid:any" })).toEqual([
      401,
      "M_UNKNOWN_TOKEN",
    ]);
    expect(here.tokens.asked).toEqual([]);
  });

  test("with the shared secret it is whom the query names", async () => {
    expect(await outcome(whoami(BEN), { token: SECRET })).toEqual([200, undefined]);
    expect(await outcome(whoami(), { token: SECRET })).toEqual([400, "M_INVALID_PARAM"]);
    expect(await outcome(whoami("@mallory:elsewhere"), { token: SECRET })).toEqual([403, "M_FORBIDDEN"]);
    expect(await outcome(whoami(BEN), { token: `${SECRET}x` })).toEqual([401, "M_UNKNOWN_TOKEN"]);
  });

  test("is not said to be unknown while the homeserver does not answer", async () => {
    here.tokens.fault = new BridgeError("homeserver-unreachable", {
      words: "Away.",
      certain: true,
      retryAfter: 5_000,
    });
    const { status, body, headers } = await here.ask("GET", whoami());
    expect([status, body.errcode, body.retry_after_ms]).toEqual([503, "M_UNKNOWN", 5_000]);
    expect(headers.get("retry-after")).toBe("5");
    here.tokens.fault = undefined;
    expect(await outcome(whoami())).toEqual([200, undefined]);
  });

  test("who fails again and again waits, and nobody else does", async () => {
    expect(await outcome(whoami(), { token: "ben-token" })).toEqual([200, undefined]);
    const from = (client: string) => ({ "x-forwarded-for": `198.51.100.9, ${client}` });
    const guesses = await Promise.all(
      Array.from({ length: 30 }, (_, guess) =>
        outcome(whoami(), { token: `guess-${guess}`, headers: from("203.0.113.7") }),
      ),
    );
    const limited = await here.ask("GET", whoami(), { token: "guess", headers: from("203.0.113.7") });
    expect([limited.status, limited.body.errcode]).toEqual([429, "M_LIMIT_EXCEEDED"]);
    expect(limited.body.retry_after_ms).toBeGreaterThan(0);
    expect(guesses.filter(([status]) => status === 401).length).toBeGreaterThanOrEqual(20);
    // A token that is known already is good from anywhere.
    expect(await outcome(whoami(), { token: "ben-token", headers: from("203.0.113.7") })).toEqual([
      200,
      undefined,
    ]);
    expect(await outcome(whoami(), { headers: from("203.0.113.8") })).toEqual([200, undefined]);
    await here.world.clock.advance(limited.body.retry_after_ms + 1_000);
    expect(await outcome(whoami(), { token: "guess", headers: from("203.0.113.7") })).toEqual([
      401,
      "M_UNKNOWN_TOKEN",
    ]);
  });

  test("who names servers that do not answer waits too", async () => {
    here.tokens.fault = new BridgeError("homeserver-unreachable", { words: "Away.", certain: true });
    const ask = (guess: number) => outcome(whoami(BEN), { token: `openid:${guess}` });
    for (let guess = 0; guess < 20; guess += 1) expect((await ask(guess))[0]).toBe(503);
    expect(await ask(20)).toEqual([429, "M_LIMIT_EXCEEDED"]);
  });

  test.each([
    ["a scheme that is not Bearer", { authorization: "Basic YW5hOmFuYQ==" }],
    ["two tokens", { authorization: "Bearer ana-token ana-token" }],
    ["a token of eight thousand characters", { authorization: `Bearer ${"a".repeat(8_000)}` }],
    ["a cookie", { cookie: "access_token=ana-token" }],
  ])("%s is nobody", async (_, headers) => {
    expect((await outcome(whoami(), { token: null, headers }))[0]).toBe(401);
  });

  test("who asks ever so often waits, and nobody else does, nor a program that acts for them", async () => {
    const asked = await Promise.all(Array.from({ length: 201 }, () => outcome(whoami())));
    expect(asked.filter(([status]) => status === 200)).toHaveLength(200);
    expect(asked).toContainEqual([429, "M_LIMIT_EXCEEDED"]);
    expect(await outcome(whoami(ANA), { token: SECRET })).toEqual([200, undefined]);
    expect(await outcome(whoami(), { token: "ben-token" })).toEqual([200, undefined]);
    await here.world.clock.advance(1_000);
    expect(await outcome(whoami())).toEqual([200, undefined]);
  });

  test("a token in the address is not looked at", async () => {
    expect(await outcome(`${V3}/whoami?access_token=ana-token`, { token: null })).toEqual([
      401,
      "M_MISSING_TOKEN",
    ]);
  });
});

describe("what is asked", () => {
  test.each([
    ["a name twice in the query", "GET", `${V3}/whoami?user_id=@ana:test&user_id=@ben:test`, 400],
    ["a user id that is none", "GET", `${V3}/whoami?user_id=ana`, 400],
    ["a user id with a line break", "GET", `${V3}/whoami?user_id=%40ana%0A%3Atest`, 400],
    ["a user id of a server with a path", "GET", `${V3}/whoami?user_id=%40ana%3Atest%2Fpath`, 400],
    ["a percent sign that stands for nothing", "GET", `${V3}/resolve_identifier/%E0%A4%A`, 400],
    ["an identifier of a thousand characters", "GET", `${V3}/resolve_identifier/${"1".repeat(1_000)}`, 400],
    ["an address with a part left out", "POST", `${V3}/logout/`, 404],
    ["a way out of the address", "GET", `${V3}/..%2f..%2fwhoami`, 404],
    ["an address of nothing", "GET", "/", 404],
    ["a network that is not there", "GET", `/signal${V3}/whoami`, 404],
    ["another method", "DELETE", `${V3}/whoami`, 405],
    ["a flow that is not there", "POST", `${V3}/login/start/__proto__`, 404],
    ["a process that is not there", "POST", `${V3}/login/step/x/y/display_and_wait`, 404],
    ["a step of a kind that is not there", "POST", `${V3}/login/step/x/y/cookies`, 404],
  ])("%s is refused", async (_, method, path, status) => {
    const answer = await here.ask(method, path, method === "POST" ? { body: {} } : {});
    expect(answer.status).toBe(status);
    expect(answer.body.errcode).toMatch(/^M_/);
    expect(answer.body.error).not.toBe("");
  });

  test.each([
    ["no JSON", { raw: "{" }, 400],
    ["bytes that are no text", { raw: Buffer.from([0x7b, 0xff, 0x7d]).toString("latin1") }, 400],
    ["a list", { raw: "[]" }, 400],
    ["a number", { raw: '{"query":1}' }, 400],
    [
      "another type",
      { raw: "query=Bram", headers: { "content-type": "application/x-www-form-urlencoded" } },
      415,
    ],
    ["a body that is too long", { raw: JSON.stringify({ query: "a".repeat(70_000) }) }, 413],
  ])("a body that is %s is refused", async (_, asked, status) => {
    const answer = await here.ask("POST", `${V3}/search_users`, asked);
    expect([answer.status, typeof answer.body.errcode]).toEqual([status, "string"]);
  });

  test("whatever stands in an answer to a step, it is asked again or refused", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.json(),
          fc.dictionary(fc.string(), fc.string()).map((value) => JSON.stringify(value)),
        ),
        async (raw) => {
          const step = (await here.ask("POST", `${V3}/login/start/quill.phone`, { body: {} })).body;
          const path = `${V3}/login/step/${step.login_id}/${step.step_id}/user_input`;
          const answer = await here.ask("POST", path, { raw });
          expect([200, 400]).toContain(answer.status);
          if (answer.status === 200) expect(answer.body.step_id).toBe(step.step_id);
        },
      ),
      { numRuns: 30 },
    );
  });

  test("another site's page learns nothing without a token, and may ask with one", async () => {
    const site = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
    const asked = await here.ask("POST", `${V3}/logout/all`, {
      token: null,
      raw: "{}",
      headers: { ...site, "content-type": "text/plain" },
    });
    expect([asked.status, asked.body.errcode]).toEqual([401, "M_MISSING_TOKEN"]);
    const { headers } = await here.ask("GET", whoami(), { headers: site });
    expect(headers.get("access-control-allow-origin")).toBe("*");
    expect(headers.get("access-control-allow-credentials")).toBeNull();
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect((await here.ask("OPTIONS", whoami(), { token: null, headers: site })).status).toBe(204);
  });

  test("the same asked at once is done once", async () => {
    const start = () => here.ask("POST", `${V3}/login/start/whatsapp.consent`, { body: {} });
    const started = await Promise.all([start(), start(), start()]);
    expect(started.map(({ status }) => status)).toEqual(expect.arrayContaining([200]));
    // Each takes the place of the one before.
    const { step } = (await here.ask("GET", "/_matrix/provision/person/v1/login")).body;
    const path = `${V3}/login/step/${step.login_id}/${step.step_id}/user_input`;
    const agree = () => here.ask("POST", path, { body: { agree: "yes", beside: "NL" } });
    const agreed = await Promise.all([agree(), agree(), agree()]);
    expect(agreed.filter(({ body }) => body.type === "complete").length).toBeGreaterThanOrEqual(1);
    const { body } = await here.ask("GET", `${V3}/logins`);
    expect(body.login_ids).toHaveLength(1);
    const out = () => here.ask("POST", `${V3}/logout/all`, { body: {} });
    expect((await Promise.all([out(), out()])).map(({ status }) => status)).toEqual([200, 200]);
    expect((await here.ask("GET", `${V3}/logins`)).body).toEqual({ login_ids: [] });
  });

  test("no token, name or number is logged", async () => {
    await here.ask("GET", `${V3}/resolve_identifier/${encodeURIComponent("+31699999999")}`);
    await here.ask("GET", whoami(), { token: "canary-token" });
    await here.ask("GET", whoami(ANA), { token: SECRET });
    expect(here.lines.length).toBeGreaterThan(1);
    const secrets = ["ana-token", "canary-token", SECRET, "31699999999", ANA];
    expect(here.lines.filter((line) => secrets.some((secret) => line.includes(secret)))).toEqual([]);
  });
});
