import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { BridgeError } from "../../../src/core/model/errors.ts";
import type { HttpRoute } from "../../../src/core/ports/http-route.ts";
import type { Log } from "../../../src/core/ports/log.ts";
import { type Listener, listen } from "../../../src/http/listener.ts";

const logged: string[] = [];
const log: Log = {
  error: (message) => logged.push(`error ${message}`),
  warn: (message) => logged.push(`warn ${message}`),
  info: () => undefined,
  debug: () => undefined,
};
const json = { "content-type": "application/json" };
const routes: readonly HttpRoute[] = [
  { method: "GET", path: "/keys", handle: async () => ({ status: 200, headers: json, body: '{"keys":[]}' }) },
  {
    method: "POST",
    path: "/push",
    handle: async ({ body, headers }) => ({
      status: 202,
      headers: json,
      body: `${body.length} ${headers["x-id"]}`,
    }),
  },
  {
    method: "POST",
    path: "/refuse",
    handle: () => Promise.reject(new BridgeError("bad-input", { words: "No.", certain: true })),
  },
  { method: "POST", path: "/fault", handle: () => Promise.reject(new TypeError("secret detail")) },
];

let server: Listener;
const options = { name: "test", listen: { host: "127.0.0.1", port: 0 }, routes, log };
beforeEach(async () => {
  logged.length = 0;
  server = await listen({ ...options, maxBody: 1_000, requestTimeout: 300 });
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

/** Writes bytes to the port and answers what came back until the end. */
async function raw(bytes: string | Uint8Array): Promise<string> {
  const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
  await once(socket, "connect");
  socket.on("error", () => undefined);
  socket.write(bytes);
  return text(socket).catch(() => "");
}

describe("the listener", () => {
  test("answers its routes", async () => {
    const keys = await fetch(`${server.url}/keys?x=1`);
    expect([keys.status, await keys.text()]).toEqual([200, '{"keys":[]}']);
    const push = await fetch(`${server.url}/push`, { method: "POST", body: "abc", headers: { "X-Id": "7" } });
    expect([push.status, await push.text()]).toEqual([202, "3 7"]);
    const head = await fetch(`${server.url}/keys`, { method: "HEAD" });
    expect([head.status, head.headers.get("content-length")]).toEqual([200, "11"]);
  });

  test("says what it has not and what it does not take", async () => {
    expect((await fetch(`${server.url}/other`)).status).toBe(404);
    expect((await fetch(`${server.url}/push`)).status).toBe(405);
    expect((await fetch(`${server.url}/keys`, { method: "POST", body: "x".repeat(100_000) })).status).toBe(
      405,
    );
  });

  test("refuses a body over the limit, announced or not, and goes on", async () => {
    const announced = await raw("POST /push HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n");
    expect(announced).toMatch(/^HTTP\/1\.1 413 /);
    const chunked = await raw(
      `POST /push HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${"400\r\n".concat("x".repeat(1024), "\r\n")}`,
    );
    expect(chunked).toMatch(/^HTTP\/1\.1 413 /);
    expect((await fetch(`${server.url}/keys`)).status).toBe(200);
  });

  test("a handler's refusal is 400 in its words; its fault is 503, logged, and tells nothing", async () => {
    const refused = await fetch(`${server.url}/refuse`, { method: "POST" });
    expect([refused.status, await refused.json()]).toEqual([400, { error: "No." }]);
    const fault = await fetch(`${server.url}/fault`, { method: "POST" });
    expect(fault.status).toBe(503);
    expect(await fault.text()).not.toContain("secret detail");
    expect(logged).toEqual(["warn A request was refused", "error A request failed"]);
  });

  test("garbage gets 400, over-long headers 431, a request that never ends 408, each with a sentence", async () => {
    expect(await raw("\u0016\u0003\u0001 hello\r\n\r\n")).toMatch(
      /^HTTP\/1\.1 400 [^{]*\{"error":"This is not HTTP\."\}$/,
    );
    expect(await raw(`GET /keys HTTP/1.1\r\nX: ${"y".repeat(20_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431 [^{]*\{"error":"The header is too large\."\}$/,
    );
    expect(await raw("POST /push HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")).toMatch(
      /^HTTP\/1\.1 408 /,
    );
  });

  test("no bytes end it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
        const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
        socket.on("error", () => undefined);
        await once(socket, "connect");
        const closed = once(socket, "close");
        socket.resume().end(bytes);
        await closed;
      }),
      { numRuns: 50 },
    );
    expect((await fetch(`${server.url}/keys`)).status).toBe(200);
  });

  test("a taken port is refused with words", async () => {
    const port = Number(new URL(server.url).port);
    const second = listen({ ...options, listen: { host: "127.0.0.1", port } });
    await expect(second).rejects.toThrow(/The test cannot listen on 127\.0\.0\.1:\d+: another program/);
  });

  test("disposing lets a request under way finish", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const entered = Promise.withResolvers<void>();
    const slow: HttpRoute = {
      method: "GET",
      path: "/slow",
      async handle() {
        entered.resolve();
        await promise;
        return { status: 200, headers: {}, body: "done" };
      },
    };
    const other = await listen({ ...options, routes: [slow] });
    const answer = fetch(`${other.url}/slow`);
    await entered.promise;
    const disposed = other[Symbol.asyncDispose]();
    resolve();
    expect(await (await answer).text()).toBe("done");
    await disposed;
  });
});
