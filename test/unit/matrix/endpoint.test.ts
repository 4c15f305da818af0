import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../../src/core/model/errors.ts";
import { noMetrics } from "../../../src/core/ports/metrics.ts";
import { AppserviceEndpoint } from "../../../src/matrix/inbound/appservice-endpoint.ts";
import { FakeHomeserverWorld } from "../../kit/fake-homeserver-world.ts";

let world: FakeHomeserverWorld;
beforeAll(async () => {
  world = await FakeHomeserverWorld.start();
});
afterAll(async () => world[Symbol.asyncDispose]());
beforeEach(() => {
  world.sink.taken.length = 0;
  world.signals.length = 0;
});

const app = "/_matrix/app/v1";
const bearer = { authorization: "Bearer hs-token" };

async function ask(
  method: string,
  path: string,
  body?: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = bearer,
) {
  const response = await fetch(world.endpointUrl + path, {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const said = (id: string): object => ({
  event_id: id,
  room_id: "!r",
  sender: "@alice:fake.test",
  type: "m.room.message",
  origin_server_ts: 1,
  content: { msgtype: "m.text", body: "hello" },
});
const txn = (events: readonly unknown[], more = {}): string => JSON.stringify({ events, ...more });

describe("a transaction", () => {
  test("is kept before it is answered, its unreadable events left out", async () => {
    const answer = await ask("PUT", `${app}/transactions/1`, txn([said("$1"), 7, null, {}, said("$2")]));
    expect(answer).toEqual({ status: 200, body: {} });
    expect(world.sink.by("push").map(({ id }) => id)).toEqual(["$1", "$2"]);
  });

  test("comes by the old path as well", async () => {
    expect(await ask("PUT", "/transactions/2", txn([said("$3")]))).toMatchObject({ status: 200 });
    expect(world.sink.taken).toHaveLength(1);
  });

  test("that cannot be kept is not taken", async () => {
    world.sink.fault = new BridgeError("storage", { words: "The disk is full.", certain: true });
    expect(await ask("PUT", `${app}/transactions/3`, txn([said("$4")]))).toMatchObject({
      status: 503,
      body: { errcode: "M_UNKNOWN" },
    });
    expect(world.log.lines.at(-1)).toMatchObject({ level: "error", fields: { txn: "3" } });
  });

  const typing = {
    type: "m.typing",
    room_id: "!r",
    content: { user_ids: ["@alice:fake.test", "@_tpc_a:fake.test"] },
  };
  const receipt = {
    type: "m.receipt",
    room_id: "!r",
    content: { $e: { "m.read": { "@alice:fake.test": { ts: 1 } } } },
  };
  test.each(["ephemeral", "de.sorunome.msc2409.ephemeral"])(
    "hands on typing and receipts under %s",
    async (key) => {
      await ask(
        "PUT",
        `${app}/transactions/4`,
        txn([], { [key]: [typing, receipt, 3, { type: "m.typing" }] }),
      );
      expect(world.signals).toEqual([
        { kind: "typing", room: "!r", users: ["@alice:fake.test"] },
        { kind: "receipt", room: "!r", event: "$e", user: "@alice:fake.test" },
      ]);
    },
  );

  test("hands on no receipt that is private, or of one thread alone", async () => {
    const by = (thread_id?: string) => ({ "@alice:fake.test": { ts: 1, thread_id } });
    const content = {
      $private: { "m.read.private": by() },
      $thread: { "m.read": by("$root") },
      $main: { "m.read": by("main"), "m.read.private": by() },
      $odd: { "m.read": { "@alice:fake.test": null } },
    };
    await ask("PUT", `${app}/transactions/6`, txn([], { ephemeral: [{ ...receipt, content }] }));
    const events = world.signals.map((signal) => signal.kind === "receipt" && signal.event);
    expect(events).toEqual(["$main", "$odd"]);
  });

  test("with both keys is read once", async () => {
    const both = { ephemeral: [typing], "de.sorunome.msc2409.ephemeral": [typing] };
    await ask("PUT", `${app}/transactions/5`, txn([], both));
    expect(world.signals).toHaveLength(1);
  });

  test.each([
    ["nothing", ""],
    ["no JSON", "{"],
    ["a list", "[]"],
    ["no events", "{}"],
    ["events that are no list", '{"events":{}}'],
    ["bytes", "\u0000\u0001\ufffd"],
    ["a number nested without end", "[".repeat(200_000)],
  ])("of %s is refused with an errcode", async (_name, body) => {
    expect(await ask("PUT", `${app}/transactions/6`, body)).toMatchObject({
      status: 400,
      body: { errcode: "M_BAD_JSON" },
    });
  });

  test("of more than 32 MB is refused, and the next one is served", async () => {
    const large = new Uint8Array(33 * 1024 * 1024);
    const refused = await ask("PUT", `${app}/transactions/7`, large).then(
      ({ status }) => status,
      () => "cut",
    );
    expect([413, "cut"]).toContain(refused);
    expect(await ask("PUT", `${app}/transactions/8`, txn([]))).toMatchObject({ status: 200 });
  });
});

describe("who may ask", () => {
  test.each([
    ["nobody", {}, "", 401, "M_MISSING_TOKEN"],
    ["a wrong token", { authorization: "Bearer wrong" }, "", 403, "M_FORBIDDEN"],
    ["another scheme", { authorization: "Basic hs-token" }, "", 403, "M_FORBIDDEN"],
    ["a wrong token in the address", {}, "?access_token=wrong", 403, "M_FORBIDDEN"],
    ["one right and one wrong", bearer, "?access_token=wrong", 403, "M_FORBIDDEN"],
    ["one wrong and one right", { authorization: "Bearer x" }, "?access_token=hs-token", 403, "M_FORBIDDEN"],
  ])("%s is refused", async (_name, headers, query, status, errcode) => {
    const answer = await ask("PUT", `${app}/transactions/9${query}`, txn([said("$9")]), headers);
    expect(answer).toMatchObject({ status, body: { errcode } });
    expect(world.sink.taken).toEqual([]);
  });

  test("the token may be in the address, or in both places", async () => {
    const path = `${app}/transactions/10?access_token=hs-token`;
    expect(await ask("PUT", path, txn([]), {})).toMatchObject({ status: 200 });
    expect(await ask("PUT", path, txn([]))).toMatchObject({ status: 200 });
  });
});

describe("questions", () => {
  test.each([
    ["POST", `${app}/ping`, 200, {}],
    ["GET", `${app}/users/%40thirdparty%3Afake.test`, 200, {}],
    ["GET", `/users/@thirdparty:fake.test`, 200, {}],
    ["GET", `${app}/users/%40_tpc_nobody%3Afake.test`, 404, { errcode: "M_NOT_FOUND" }],
    ["GET", `${app}/rooms/%23_tpc_x%3Afake.test`, 404, { errcode: "M_NOT_FOUND" }],
    ["GET", `${app}/thirdparty/protocol/whatsapp`, 200, { instances: [{ network_id: "whatsapp" }] }],
    ["GET", `${app}/thirdparty/protocol/irc`, 404, { errcode: "M_NOT_FOUND" }],
    ["GET", `${app}/thirdparty/user/whatsapp?phone=1`, 200, []],
    ["GET", `${app}/thirdparty/location?alias=a`, 200, []],
    ["GET", `/_matrix/app/unstable/thirdparty/user?userid=a`, 200, []],
    ["GET", `${app}/nonsense`, 404, { errcode: "M_UNRECOGNIZED" }],
    ["GET", `/`, 404, { errcode: "M_UNRECOGNIZED" }],
    ["GET", `${app}/transactions/1`, 405, { errcode: "M_UNRECOGNIZED" }],
    ["DELETE", `${app}/users/a`, 405, { errcode: "M_UNRECOGNIZED" }],
    ["GET", `${app}/users/%ff`, 400, { errcode: "M_INVALID_PARAM" }],
  ])("%s %s is answered %i", async (method, path, status, body) => {
    expect(await ask(method, path)).toMatchObject({ status, body });
  });
});

test("what is no request is answered as what it is, and nothing breaks", async () => {
  const { sink, log } = world;
  const options = { hsToken: "x", sink, isOurs: () => false, exists: () => false, protocols: new Map() };
  await using slow = new AppserviceEndpoint({ ...options, log, metrics: noMetrics, requestTimeout: 50 });
  const port = await slow.listen("127.0.0.1", 0);
  for (const [bytes, status, errcode] of [
    ["\u0016\u0003\u0001garbage\r\n\r\n", 400, "M_UNRECOGNIZED"],
    ["PUT /\r\nno headers\r\n\r\n", 400, "M_UNRECOGNIZED"],
    [`GET /${"a".repeat(100_000)} HTTP/1.1\r\n\r\n`, 431, "M_TOO_LARGE"],
    [
      `PUT ${app}/transactions/1?access_token=x HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{`,
      408,
      "M_UNKNOWN",
    ],
  ] as const) {
    const socket = connect(port, "127.0.0.1");
    const ended = once(socket, "close");
    socket.on("error", () => undefined);
    let answer = "";
    socket.on("data", (chunk) => (answer += String(chunk)));
    socket.write(bytes);
    await ended;
    const [head, body = "{}"] = answer.split("\r\n\r\n");
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(JSON.parse(body)).toMatchObject({ errcode });
  }
  expect(await ask("POST", `${app}/ping`)).toMatchObject({ status: 200 });
});

test("a sender that goes away in the middle leaves nothing behind", async () => {
  const socket = connect(Number(new URL(world.endpointUrl).port), "127.0.0.1");
  await once(socket, "connect");
  const head = `PUT ${app}/transactions/1 HTTP/1.1\r\nhost: x\r\nauthorization: Bearer hs-token\r\ncontent-length: 100\r\n\r\n`;
  socket.write(`${head}{"events":[`);
  const closed = once(socket, "close");
  setImmediate(() => socket.resetAndDestroy());
  await closed;
  expect(await ask("POST", `${app}/ping`)).toMatchObject({ status: 200 });
  expect(world.sink.taken).toEqual([]);
});

test("a port that is taken is named, with what to do", async () => {
  const { hostname, port } = new URL(world.endpointUrl);
  const { sink, log } = world;
  const options = { hsToken: "x", sink, isOurs: () => false, exists: () => false, protocols: new Map() };
  await using second = new AppserviceEndpoint({ ...options, log, metrics: noMetrics });
  await expect(second.listen(hostname, Number(port))).rejects.toMatchObject({
    reason: "bad-input",
    words: expect.stringContaining(`cannot listen on 127.0.0.1:${port}: another program`) as unknown,
  });
});
