import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { calculateJwkThumbprint, createLocalJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import { stopping } from "../../../src/core/model/errors.ts";
import type { LoginId, NetworkId, UserId } from "../../../src/core/model/ids.ts";
import type { Login } from "../../../src/core/ports/rows.ts";
import type { Store } from "../../../src/core/ports/store.ts";
import { readAccount } from "../../../src/networks/meta-interop/account/account.ts";
import { AllowedHosts } from "../../../src/networks/meta-interop/account/allowed-hosts.ts";
import { delist, type EnlistParts, enlist } from "../../../src/networks/meta-interop/account/enlist.ts";
import { identifiersBy } from "../../../src/networks/meta-interop/account/identifiers.ts";
import { JwtKeys } from "../../../src/networks/meta-interop/account/jwt-keys.ts";
import { whatsapp } from "../../../src/networks/meta-interop/whatsapp.ts";
import { aciOf, signalRecords } from "../../../src/signal-protocol/signal-records.ts";
import { openStore } from "../../../src/store/open.ts";
import { DrippingServer, drippingBody } from "../../kit/dripping-server.ts";
import { quietLog } from "../../kit/interop-world.ts";
import { VirtualClock } from "../../kit/virtual-clock.ts";

const issuer = "https://bridge.example.org";
const login = "login-1" as LoginId;
const user = "@ana:example.org" as UserId;

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly token: string;
}

let store: Store;
let keys: JwtKeys;
let clock: VirtualClock;
let parts: EnlistParts;
let asked: Asked[];
let answer: { status: number; headers?: Record<string, string>; body?: string };
let server: ReturnType<typeof createServer>;

const enlisted = JSON.stringify({
  account_id: "105012",
  jid: "12-105012@interop",
  chat_url: "ws://127.0.0.1:1/chat",
  media_proxy: "http://127.0.0.1:1/p",
  media_url: "http://127.0.0.1:1/m",
});

beforeEach(async () => {
  clock = new VirtualClock();
  store = openStore({ path: ":memory:", log: quietLog });
  keys = new JwtKeys(store, clock);
  asked = [];
  answer = { status: 201, body: enlisted };
  server = createServer((request, response) => {
    const chunks: Uint8Array[] = [];
    request.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString("utf8");
      const token =
        request.method === "DELETE"
          ? String(request.headers.authorization).replace("Bearer ", "")
          : (JSON.parse(body) as { id_token: string }).id_token;
      asked.push({ method: request.method ?? "", url: request.url ?? "", token });
      response.writeHead(answer.status, answer.headers).end(answer.body);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  parts = {
    profile: whatsapp,
    url: `http://127.0.0.1:${port}/whatsapp`,
    store,
    tokens: { issuer, keys, clock, random: { uuid: () => crypto.randomUUID() } },
    identifierOf: identifiersBy({ type: "username", vouched: {} }),
    hosts: new AllowedHosts({
      profile: whatsapp,
      section: { url: "http://127.0.0.1/whatsapp", allowed_hosts: ["files.example.org"] },
      log: quietLog,
    }),
  };
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await store[Symbol.asyncDispose]();
});

const claimsOf = async (token: string) => {
  const set = createLocalJWKSet({ keys: [...(await keys.published()).keys] });
  const { payload } = await jwtVerify(token, set, { currentDate: new Date(clock.now()) });
  return payload;
};
const rowOf = (account: string): Login => ({
  id: login,
  user,
  network: "whatsapp" as NetworkId,
  state: "leaving",
  visibleId: user,
  account,
  consentVersion: 1,
  consentAt: 1,
});

describe("enlisting", () => {
  test("shows a token with exactly the claims of the profile, bound to the Noise key", async () => {
    const { account, visibleId } = await enlist(parts, { login, user });
    const { noise, ...rest } = readAccount(account);
    expect(visibleId).toBe("@ana:example.org");
    expect(rest).toMatchObject({
      accountId: "105012",
      jid: "12-105012@interop",
      chatUrl: "ws://127.0.0.1:1/chat",
    });
    const token = asked[0]?.token ?? "";
    const payload = await claimsOf(token);
    const x = Buffer.from(noise.publicKey).toString("base64url");
    expect(payload).toEqual({
      iss: issuer,
      sub: "@ana:example.org",
      idt: "username",
      aud: `${parts.url}/v1/enlist`,
      iat: expect.any(Number),
      exp: expect.any(Number),
      jti: expect.any(String),
      cnf: { jkt: await calculateJwkThumbprint({ kty: "OKP", crv: "X25519", x }) },
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBeLessThanOrEqual(600);
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: "EdDSA", kid: expect.any(String) });
  });

  test("keeps one Noise key when the first answer was lost, and never repeats a token", async () => {
    answer = { status: 503 };
    await expect(enlist(parts, { login, user })).rejects.toMatchObject({ reason: "remote-unreachable" });
    answer = { status: 200, body: enlisted };
    const enlistment = await enlist(parts, { login, user });
    const { account } = enlistment;
    const [first, second] = await Promise.all(asked.map(({ token }) => claimsOf(token)));
    expect(first?.["cnf"]).toEqual(second?.["cnf"]);
    expect(first?.jti).not.toBe(second?.jti);
    await store.write((tx) => {
      tx.logins.add({ ...rowOf(account), state: "active" });
      enlistment.record(tx);
    });
    expect(await store.family(signalRecords).own(aciOf(login))).toBeDefined();
    const again = await enlist(parts, { login, user });
    expect(readAccount(again.account).noise).toEqual(readAccount(account).noise);
  });

  test.each([
    [400, {}, "remote-refused", /did not understand/, undefined],
    [401, {}, "remote-refused", /proof of who you are/, undefined],
    [403, {}, "forbidden", /European Economic Area/, undefined],
    [409, {}, "remote-refused", /earlier registration/, 60_000],
    [410, {}, "gone", /no longer works/, undefined],
    [429, { "retry-after": "120" }, "remote-refused", /2 minutes/, 120_000],
    [500, {}, "remote-unreachable", /has a problem/, 0],
    [302, { location: "http://127.0.0.1/" }, "remote-refused", /302/, undefined],
  ] as const)("an answer %i is words for the person", async (status, headers, reason, words, retryAfter) => {
    answer = { status, headers };
    const failure = enlist(parts, { login, user });
    await expect(failure).rejects.toMatchObject({ reason, retryAfter });
    await expect(failure).rejects.toMatchObject({ words: expect.stringMatching(words) });
    expect(asked).toHaveLength(1);
  });

  test.each([["{}"], ["<html>"], [enlisted.replace("12-105012@interop", "x@y")], ["x".repeat(100_000)]])(
    "an answer that makes no sense is refused (%#)",
    async (body) => {
      answer = { status: 201, body };
      await expect(enlist(parts, { login, user })).rejects.toMatchObject({
        name: "BridgeError",
        certain: false,
      });
    },
  );

  test.each([
    ["chat_url", "ws://evil.example/chat"],
    ["media_proxy", "http://evil.example/p"],
    ["media_url", "http://evil.example/m"],
  ])(
    "an answer whose %s is on a host that is not allowed is refused and taken back",
    async (field, address) => {
      const body = { ...(JSON.parse(enlisted) as object), [field]: address };
      answer = { status: 201, body: JSON.stringify(body) };
      await expect(enlist(parts, { login, user })).rejects.toMatchObject({
        reason: "forbidden",
        words: expect.stringMatching(
          /evil\.example.*nothing was connected.*networks\.whatsapp\.allowed_hosts/,
        ),
      });
      expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual([
        "POST /whatsapp/v1/enlist",
        "DELETE /whatsapp/v1/enlist/105012",
      ]);
    },
  );

  test("a host that the network's section allows is taken", async () => {
    answer = { status: 201, body: enlisted.replace("http://127.0.0.1:1/m", "https://files.example.org/m") };
    const { account } = await enlist(parts, { login, user });
    expect(readAccount(account).mediaUrl).toBe("https://files.example.org/m");
  });

  test("an answer that drips ends at the stop, so that the command runs again at the next start", async () => {
    await using dripping = await DrippingServer.start(drippingBody());
    const stop = new AbortController();
    const answered = enlist({ ...parts, url: dripping.url, stopping: stop.signal }, { login, user });
    const failed = expect(answered).rejects.toMatchObject({ reason: "stopping" });
    while (dripping.asked === 0) await clock.advance(1);
    dripping.drop();
    stop.abort(stopping());
    await failed;
  });

  test("a server that is not there is said to be away", async () => {
    const away = { ...parts, url: "http://127.0.0.1:1/whatsapp" };
    await expect(enlist(away, { login, user })).rejects.toMatchObject({
      reason: "remote-unreachable",
      words: expect.stringContaining("cannot be reached"),
    });
  });

  test("an e-mail address is only what the administrator vouches for", async () => {
    const rules = { type: "email", vouched: { [user]: "ana@example.org" } } as const;
    const vouched = await identifiersBy(rules)(user);
    expect(vouched).toEqual({ type: "email", value: "ana@example.org" });
    await expect(identifiersBy(rules)("@bob:example.org" as UserId)).rejects.toMatchObject({
      reason: "forbidden",
    });
    await expect(identifiersBy(rules)("__proto__" as UserId)).rejects.toMatchObject({ reason: "forbidden" });
  });
});

describe("leaving", () => {
  test("shows a token of the same person; what is gone already is done", async () => {
    const { account } = await enlist(parts, { login, user });
    for (const status of [204, 404, 410]) {
      answer = { status };
      await delist(parts, rowOf(account));
    }
    const last = asked.at(-1);
    expect(last).toMatchObject({ method: "DELETE", url: "/whatsapp/v1/enlist/105012" });
    expect(await claimsOf(last?.token ?? "")).toMatchObject({ sub: user, aud: `${parts.url}/v1/enlist` });
    answer = { status: 500 };
    await expect(delist(parts, rowOf(account))).rejects.toMatchObject({
      reason: "remote-unreachable",
      retryAfter: 0,
    });
  });
});

describe("our signing keys", () => {
  test("survive a restart, rotate, and the old one stays until its tokens are dead", async () => {
    const first = (await keys.current()).kid;
    expect((await new JwtKeys(store, clock).current()).kid).toBe(first);
    await clock.advance(31 * 86_400_000);
    const second = (await keys.current()).kid;
    expect(second).not.toBe(first);
    expect((await keys.published()).keys.map(({ kid }) => kid)).toEqual([first, second]);
    await clock.advance(61 * 60_000);
    expect((await keys.published()).keys.map(({ kid }) => kid)).toEqual([second]);
  });

  test("are made once, and no private part is published", async () => {
    const [one, other] = await Promise.all([keys.current(), keys.current()]);
    expect(one.kid).toBe(other.kid);
    const { keys: published } = await keys.published();
    expect(published).toHaveLength(1);
    expect(published[0]).not.toHaveProperty("d");
  });

  test("a key is rotated on request", async () => {
    const first = (await keys.current()).kid;
    await keys.rotate();
    expect((await keys.current()).kid).not.toBe(first);
    expect((await keys.published()).keys).toHaveLength(2);
  });
});
