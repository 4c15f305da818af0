import { EventEmitter, once } from "node:events";
import type { Server, ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { beforeEach, describe, expect, test } from "@jest/globals";
import type { HttpRoute } from "../../../src/core/ports/http-route.ts";
import { ConnectionGuard } from "../../../src/http/connection-guard.ts";
import { GuardedServer } from "../../../src/http/guarded-server.ts";
import { listen } from "../../../src/http/listener.ts";
import { heldTimers } from "../../kit/held-timers.ts";
import { VirtualClock } from "../../kit/virtual-clock.ts";

const logged: string[] = [];
const note = (words: string): void => void logged.push(words);
const log = { error: note, warn: note, info: note, debug() {} };
beforeEach(() => {
  logged.length = 0;
});

const HALF = "GET / HTTP/1.1\r\nHost: x\r\nX-Half";
const HALF_BODY = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf";
const WHOLE = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

/** A server with room for ten, which reads bodies and answers. */
async function small(answer: (response: ServerResponse) => void = (response) => response.end("here")) {
  const server = new GuardedServer({
    name: "test",
    serve: (request, response) => void request.resume().on("end", () => answer(response)),
    log,
    requestTimeout: 60_000,
    keepAlive: 60_000,
    most: 10,
  });
  const port = await server.listen("127.0.0.1", 0);
  return { port, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** Says so much and then nothing; resolves when it is there. */
async function says(port: number, words: string): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  await once(socket, "connect");
  if (words !== "") socket.write(words);
  return socket;
}

describe("a listener", () => {
  test.each([
    ["that say nothing", ""],
    ["that stop within the head", HALF],
    ["that stop within the body", HALF_BODY],
    ["that asked once and stay", WHOLE],
  ])("is open to others among many connections %s", async (_, words) => {
    await using server = await small();
    const { port } = server;
    const crowd = await Promise.all(Array.from({ length: 30 }, () => says(port, words)));
    for (let turn = 0; turn < 15; turn += 1) {
      const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: "close" } });
      expect(await answer.text()).toBe("here");
    }
    expect(logged).toEqual([expect.stringContaining("more connections than a listener keeps")]);
    for (const socket of crowd) socket.destroy();
  });

  test("never ends an answer under way to make room", async () => {
    const asked = Promise.withResolvers<() => void>();
    await using server = await small((response) => asked.resolve(() => response.end("late")));
    const { port } = server;
    const answer = fetch(`http://127.0.0.1:${port}/`);
    const release = await asked.promise;
    const crowd = await Promise.all(Array.from({ length: 30 }, () => says(port, HALF)));
    release();
    expect(await (await answer).text()).toBe("late");
    for (const socket of crowd) socket.destroy();
  });

  test.each([
    ["says nothing", ""],
    ["stops within the head", HALF],
    ["stops within the body", HALF_BODY],
    ["asked once and stays", WHOLE],
  ])("closes at the stop, at once, a connection that %s", async (_, words) => {
    const server = await small();
    const { port } = server;
    const socket = await says(port, words);
    if (words === WHOLE) await once(socket, "data");
    else await (await fetch(`http://127.0.0.1:${port}/`)).text();
    const closed = once(socket, "close");
    socket.resume();
    // The time that it gives to answers under way does not pass.
    using timers = heldTimers();
    await server[Symbol.asyncDispose]();
    await closed;
    expect(timers.set).toBe(0);
    expect(logged).toEqual([]);
  });
});

describe("a reader", () => {
  const big = new Uint8Array(16 * 1024 * 1024);
  const stream = async function* () {
    for (;;) yield big.subarray(0, 65_536);
  };
  const routes: readonly HttpRoute[] = [
    { method: "GET", path: "/stream", handle: async () => ({ status: 200, headers: {}, body: stream() }) },
    { method: "GET", path: "/whole", handle: async () => ({ status: 200, headers: {}, body: big }) },
  ];
  const serve = async (clock: VirtualClock) =>
    listen({ name: "test", listen: { host: "127.0.0.1", port: 0 }, routes, log, clock });

  test.each(["/stream", "/whole"])(
    "of %s who takes next to nothing is given up after a minute",
    async (path) => {
      const clock = new VirtualClock();
      await using server = await serve(clock);
      const socket = await says(Number(new URL(server.url).port), `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
      const closed = once(socket, "close");
      // What fits between the two is taken at once; after that the reader stands still.
      await once(socket, "readable");
      await clock.advance(60_000);
      socket.read(1);
      await clock.advance(60_000);
      socket.resume();
      await closed;
      expect(logged).toEqual([]);
    },
  );

  test("who takes enough in each minute is served for longer than one", async () => {
    const clock = new VirtualClock();
    await using server = await serve(clock);
    const response = await fetch(`${server.url}/whole`);
    const reader = response.body?.getReader();
    let size = 0;
    for (;;) {
      const { value, done } = (await reader?.read()) ?? { value: undefined, done: true };
      if (done) break;
      size += value?.length ?? 0;
      if (size % (4 * 1024 * 1024) < 65_536) await clock.advance(30_000);
    }
    expect(size).toBe(big.length);
  });

  test.each(["/stream", "/whole"])("of %s who goes away leaves no line in the log", async (path) => {
    await using server = await serve(new VirtualClock());
    const port = Number(new URL(server.url).port);
    const socket = await says(port, `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await once(socket, "readable");
    socket.destroy();
    await once(socket, "close");
    await (await fetch(`${server.url}/nothing`)).text();
    expect(logged).toEqual([]);
  });
});

describe("one address", () => {
  class Peer extends EventEmitter {
    readonly remoteAddress: string;
    isOpen = true;
    constructor(remoteAddress: string) {
      super();
      this.remoteAddress = remoteAddress;
    }
    destroy(): void {
      this.isOpen = false;
      this.emit("close");
    }
  }

  /** How many of a dozen connections stay open where one address has three. */
  function staying(addresses: (index: number) => string, proxies: readonly string[] = []): number {
    const server = new EventEmitter();
    const guard = { name: "test", most: 1_000, mostPerAddress: 3, proxies, log };
    expect(new ConnectionGuard(server as Server, guard)).toBeDefined();
    const peers = Array.from({ length: 12 }, (_, index) => new Peer(addresses(index)));
    for (const peer of peers) server.emit("connection", peer);
    return peers.filter(({ isOpen }) => isOpen).length;
  }

  test.each([
    ["of the Internet has three", 3, () => "198.51.100.7"],
    ["in its IPv6 form has three", 3, () => "::ffff:198.51.100.7"],
    ["stands for its whole IPv6 network", 3, (index: number) => `2001:db8:1:2::${index + 1}`],
    ["has no others of other IPv6 networks", 12, (index: number) => `2001:db8:1:${index + 1}::1`],
    ["has no others of other addresses", 12, (index: number) => `198.51.100.${index}`],
    ["of this machine has as many as there are", 12, () => "127.0.0.1"],
    ["of this machine in IPv6 has as many as there are", 12, () => "::1"],
    ["of a private network has as many as there are", 12, () => "172.18.0.2"],
    ["of a link has as many as there are", 12, () => "fe80::1%eth0"],
  ])("%s", (_, count, address) => {
    expect(staying(address)).toBe(count);
  });

  test("that is a proxy's has as many as there are", () => {
    expect(staying(() => "203.0.113.7", ["203.0.113.7"])).toBe(12);
    expect(staying(() => "203.0.113.7", ["203.0.113.0/24"])).toBe(12);
    expect(staying(() => "2001:db8:5::9", ["2001:db8::/32"])).toBe(12);
    expect(staying(() => "203.0.113.7", ["203.0.113.8"])).toBe(3);
  });
});
