import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { BridgeError } from "../../../src/core/model/errors.ts";
import { Requests, route } from "../../../src/matrix/http/requests.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let answer: Answer;
let server: Server;
let stack: AsyncDisposableStack;
let requests: Requests;
const path = route`/_matrix/client/versions`;
const givenUp = { name: "AbortError" };

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stack.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const homeserverUrl = `http://127.0.0.1:${port}/behind/a/proxy/`;
  requests = stack.use(new Requests({ homeserverUrl, asToken: "secret", connections: 1, maxResponse: 1000 }));
});
afterEach(async () => stack.disposeAsync());

const reason = (asked: Promise<unknown>): Promise<unknown> =>
  asked.then(
    () => "no error",
    (error: unknown) => (error instanceof BridgeError ? error.cause : error),
  );

test("half a character leaves neither in an address nor in a body, whoever put it there", async () => {
  let seen = "";
  answer = (request, response) => {
    request.setEncoding("utf8");
    seen = `${request.url} `;
    request.on("data", (chunk: string) => {
      seen += chunk;
    });
    request.on("end", () => response.end('{"told":"\\ud83d"}'));
  };
  const half = "\ud83d";
  const body = { [half]: `x${half}`, whole: "😀" };
  const reply = await requests.ask({ method: "PUT", path: route`/rooms/${half}`, query: { q: half }, body });
  expect(seen).toBe('/behind/a/proxy/rooms/%EF%BF%BD?q=%EF%BF%BD {"\\ufffd":"x\\ufffd","whole":"😀"}');
  expect(reply.body).toEqual({ told: "\ufffd" });
});

test("a request carries the token, the person it is made for and its body", async () => {
  let seen: unknown;
  answer = (request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => {
      body += chunk;
    });
    request.on("end", () => {
      const { url, method, headers } = request;
      seen = { url, method, body, token: headers.authorization, type: headers["content-type"] };
      response.end("{}");
    });
  };
  await requests.ask({
    method: "PUT",
    path: route`/rooms/${"!a/b"}`,
    as: "@ghost:here" as never,
    device: "D",
    query: { limit: "1 0" },
    body: { body: "grüße" },
  });
  expect(seen).toEqual({
    url: "/behind/a/proxy/rooms/!a%2Fb?user_id=%40ghost%3Ahere&device_id=D&limit=1%200",
    method: "PUT",
    body: '{"body":"grüße"}',
    token: "Bearer secret",
    type: "application/json",
  });
});

test("an answer whose letters are cut by its packets is read whole", async () => {
  const bytes = Buffer.from('{"words":"grüße 🎉"}');
  const cut = bytes.indexOf(0xf0) + 2;
  answer = (_, response) => {
    response.writeHead(429, { "retry-after": "7" });
    response.write(bytes.subarray(0, cut), () => setImmediate(() => response.end(bytes.subarray(cut))));
  };
  expect(await requests.ask({ method: "GET", path })).toEqual({
    status: 429,
    retryAfter: "7",
    body: { words: "grüße 🎉" },
  });
});

test("an answer that breaks off, or is larger than allowed, is none", async () => {
  answer = (_, response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("{", () => response.destroy());
  };
  expect(await reason(requests.ask({ method: "GET", path }))).toMatchObject({ code: "UND_ERR_SOCKET" });
  answer = (_, response) => response.end(`"${"x".repeat(2000)}"`);
  expect(await reason(requests.ask({ method: "GET", path }))).toMatchObject({
    code: "UND_ERR_RES_EXCEEDED_MAX_SIZE",
  });
  answer = (_, response) => response.end("{}");
  expect(await requests.ask({ method: "GET", path })).toMatchObject({ status: 200 });
});

test("a request is given up before it starts, while it waits for a socket, and while it is answered", async () => {
  const before = AbortSignal.abort();
  expect(await reason(requests.ask({ method: "GET", path, signal: before }))).toMatchObject(givenUp);

  const underWay = new AbortController();
  const waiting = new AbortController();
  let asked = 0;
  const arrived = new Promise<void>((resolve) => {
    answer = (_, response) => {
      asked += 1;
      response.write("{");
      resolve();
    };
  });
  const first = reason(requests.ask({ method: "GET", path, signal: underWay.signal }));
  const second = reason(requests.ask({ method: "GET", path, signal: waiting.signal }));
  await arrived;
  waiting.abort();
  expect(await second).toMatchObject(givenUp);
  underWay.abort();
  expect(await first).toMatchObject(givenUp);
  answer = (_, response) => response.end("{}");
  expect(await requests.ask({ method: "GET", path })).toMatchObject({ status: 200 });
  expect(asked).toBe(1);
});
