import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer as createPlain } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { UserId } from "../../../src/core/model/ids.ts";
import { HomeserverTokens } from "../../../src/matrix/identity/homeserver-tokens.ts";
import { OtherServers } from "../../../src/matrix/identity/other-servers.ts";
import { type Names, publicNames } from "../../../src/matrix/identity/public-names.ts";
import { parseServerName } from "../../../src/matrix/identity/server-name.ts";
import { selfSigned } from "../../kit/self-signed.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const stopping = new AbortController().signal;
let answer: Answer;
let asked: string[];
let stack: AsyncDisposableStack;
let port: number;

const json = (status: number, body: unknown) => (_request: IncomingMessage, response: ServerResponse) =>
  void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));

async function serving(server: ReturnType<typeof createPlain>): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  stack.defer(async () => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  asked = [];
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    asked.push(`${request.headers.host} ${request.url}`);
    answer(request, response);
  };
  port = await serving(createServer(selfSigned, serve));
});
afterEach(() => stack.disposeAsync());

/** Names of which all lead here, as if that were public. */
const here = (services: Awaited<ReturnType<Names["services"]>> = []): Names => ({
  addresses: async () => ["127.0.0.1"],
  services: async () => services,
  isPublic: () => true,
});

const others = (names: Names, ca: string | undefined = selfSigned.cert) =>
  new OtherServers({ names, stopping, ...(ca === undefined ? {} : { ca }), wellKnownPort: port });

const zoe = (server: string) => `@zoe:${server}` as UserId;

describe("another server's person", () => {
  test("is whom that server says, by the port in its name", async () => {
    const user = zoe(`localhost:${port}`);
    answer = json(200, { sub: user });
    expect(await others(here()).ofOpenId("t/o&k", user)).toBe(user);
    expect(asked).toEqual([
      `localhost:${port} /_matrix/federation/v1/openid/userinfo?access_token=t%2Fo%26k`,
    ]);
  });

  test.each([
    ["another person of it", "@ana:localhost"],
    ["a person of another server", "@ana:example.org"],
    ["no id", 1],
  ])("is nobody where its answer is %s", async (_, sub) => {
    answer = json(200, { sub });
    expect(await others(here()).ofOpenId("token", zoe(`localhost:${port}`))).toBeUndefined();
  });

  test("is found by the well-known file, by a service record, and by neither", async () => {
    const user = zoe("localhost");
    answer = (request, response) =>
      request.url?.startsWith("/.well-known") === true
        ? json(200, { "m.server": `localhost:${port}` })(request, response)
        : json(200, { sub: user })(request, response);
    expect(await others(here()).ofOpenId("token", user)).toBe(user);
    answer = (request, response) =>
      json(request.url?.startsWith("/.well-known") === true ? 404 : 200, { sub: user })(request, response);
    expect(await others(here([{ host: "matrix.localhost", port }])).ofOpenId("token", user)).toBe(user);
    expect(asked.at(-1)).toMatch(/^localhost \/_matrix/);
  });

  test("of a private address, by name, delegation or as such, is not asked about", async () => {
    answer = json(200, { sub: zoe("localhost") });
    const real = { ...here(), isPublic: (address: string) => publicNames.isPublic(address) };
    for (const server of ["localhost", `localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`])
      await expect(others(real).ofOpenId("token", zoe(server))).rejects.toMatchObject({
        reason: "homeserver-unreachable",
      });
    const some = { ...real, addresses: async () => ["93.184.216.34", "10.0.0.1"] };
    await expect(others(some).ofOpenId("token", zoe("localhost"))).rejects.toMatchObject({
      reason: "homeserver-unreachable",
    });
    expect(asked).toEqual([]);
  });

  test("is not asked about where a redirect leads, nor at a server that cannot prove its name", async () => {
    const user = zoe(`localhost:${port}`);
    answer = (_request, response) => void response.writeHead(302, { location: "https://localhost/" }).end();
    await expect(others(here()).ofOpenId("token", user)).rejects.toMatchObject({
      reason: "homeserver-unreachable",
    });
    asked.length = 0;
    answer = json(200, { sub: user });
    const untrusted = new OtherServers({ names: here(), stopping });
    await expect(untrusted.ofOpenId("token", user)).rejects.toMatchObject({
      reason: "homeserver-unreachable",
    });
    const misnamed = zoe(`example.org:${port}`);
    await expect(others(here()).ofOpenId("token", misnamed)).rejects.toMatchObject({
      reason: "homeserver-unreachable",
    });
    expect(asked).toEqual([]);
  });

  test("is waited for no longer than the bridge runs, whatever a resolver does", async () => {
    const stop = new AbortController();
    const silent: Names = { ...here(), addresses: () => new Promise(() => undefined) };
    const servers = new OtherServers({ names: silent, stopping: stop.signal });
    const asking = servers.ofOpenId("token", zoe("localhost:1"));
    stop.abort(new Error("stopping"));
    await expect(asking).rejects.toThrow("stopping");
  });

  test("whose token is not known is nobody, and an answer without end is none", async () => {
    const user = zoe(`localhost:${port}`);
    answer = json(401, { errcode: "M_UNKNOWN_TOKEN" });
    expect(await others(here()).ofOpenId("token", user)).toBeUndefined();
    answer = (_request, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write("x".repeat(16_384)));
      };
      response.writeHead(200).on("drain", more);
      more();
    };
    await expect(others(here()).ofOpenId("token", user)).rejects.toMatchObject({
      reason: "homeserver-unreachable",
    });
  });
});

describe("our own homeserver's person", () => {
  const own = async (): Promise<HomeserverTokens> => {
    const plain = await serving(createPlain((request, response) => answer(request, response)));
    const nobody = { ofOpenId: async () => zoe("from.others") };
    return new HomeserverTokens({
      homeserverUrl: `http://127.0.0.1:${plain}`,
      serverName: "example.org",
      others: nobody,
      stopping,
    });
  };

  test.each<[string, number, unknown, UserId | undefined]>([
    ["the one of its token", 200, { user_id: "@ana:example.org" }, "@ana:example.org" as UserId],
    ["nobody where it is a guest's", 200, { user_id: "@ana:example.org", is_guest: true }, undefined],
    ["nobody where it is not known", 401, { errcode: "M_UNKNOWN_TOKEN" }, undefined],
    ["nobody where their account is locked", 401, { errcode: "M_USER_LOCKED" }, undefined],
  ])("is %s", async (_, status, body, user) => {
    answer = json(status, body);
    expect(await (await own()).ofAccessToken("token")).toBe(user);
  });

  test.each<[string, Answer]>([
    ["fails", json(500, {})],
    ["asks for patience", json(429, { errcode: "M_LIMIT_EXCEEDED", retry_after_ms: 2_000 })],
    ["is a proxy's page", (_request, response) => void response.writeHead(401).end("<html>")],
    [
      "redirects",
      (_request, response) => void response.writeHead(302, { location: "http://127.0.0.1/" }).end(),
    ],
    ["hangs up", (_request, response) => void response.destroy()],
  ])("is not known where it %s, which is no word against them", async (_, does) => {
    answer = does;
    await expect((await own()).ofAccessToken("token")).rejects.toMatchObject({
      reason: "homeserver-unreachable",
    });
  });

  test("with an OpenID token is asked of it, and found as others' are where it has that elsewhere", async () => {
    const ana = "@ana:example.org" as UserId;
    const tokens = await own();
    answer = json(200, { sub: ana });
    expect(await tokens.ofOpenId("token", ana)).toBe(ana);
    answer = json(200, { sub: "@ben:example.org" });
    expect(await tokens.ofOpenId("token", ana)).toBeUndefined();
    answer = json(404, { errcode: "M_UNRECOGNIZED" });
    expect(await tokens.ofOpenId("token", ana)).toBe("@zoe:from.others");
  });
});

describe("where nobody's server is", () => {
  const near =
    "127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 255.255.255.255 ::1 :: " +
    "fe80::1 fc00::1 ::ffff:127.0.0.1 64:ff9b::a00:1 2002:7f00:1:: 2001:db8::1 ff02::1";

  test.each(near.split(" "))("%s is no public address", (address) => {
    expect(publicNames.isPublic(address)).toBe(false);
  });

  test.each(["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])("%s is one", (address) => {
    expect(publicNames.isPublic(address)).toBe(true);
  });

  test.each([
    "127.1",
    "0x7f.1",
    "2130706433",
    "a..b",
    "a/b",
    "a@b",
    "[::1",
    "::1",
    "a:0",
    "a:65536",
    "",
    "-a",
    "a:b",
  ])("“%s” is no server name", (text) => {
    expect(parseServerName(text)).toBeUndefined();
  });

  test("whatever is written, its name leads to no other host than it says", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webAuthority({ withPort: true, withIPv6: true })), (text) => {
        const name = parseServerName(text);
        if (!name) return;
        const url = new URL(`https://${text}/path`);
        expect(url.hostname.replace(/^\[|\]$/g, "").length).toBeGreaterThan(0);
        expect([url.username, url.pathname, url.search]).toEqual(["", "/path", ""]);
      }),
    );
  });
});
