import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { describe, expect, test } from "@jest/globals";
import type { HttpReply, HttpRoute } from "../../../src/core/ports/http-route.ts";
import { listen } from "../../../src/http/listener.ts";

const logged: string[] = [];
const note = (message: string): void => void logged.push(message);
const log = { error: note, warn: note, info() {}, debug() {} };
const headers = { "content-type": "application/octet-stream" };
const CHUNK = new Uint8Array(64 * 1024).fill(7);

const serve = (...routes: readonly HttpRoute[]) =>
  listen({ name: "test", listen: { host: "127.0.0.1", port: 0 }, routes, log });

const route = (path: string, reply: (path: string) => Partial<HttpReply>): HttpRoute => ({
  method: "GET",
  path,
  handle: async (request) => ({ status: 200, headers, body: "", ...reply(request.path) }),
});

/** Asks for a path and reads nothing. */
async function ask(url: string, path: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.on("error", () => undefined);
  await once(socket, "connect");
  socket.pause();
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
  return socket;
}

describe("a prefix route", () => {
  test("takes what is under it, and gives way to an exact one and to a longer one", async () => {
    await using server = await serve(
      route("/media/*", (path) => ({ body: `any ${path}` })),
      route("/media/deep/*", (path) => ({ body: `deep ${path}` })),
      route("/media/exact", () => ({ body: "exact" })),
    );
    const get = async (path: string) => {
      const answer = await fetch(`${server.url}${path}`);
      return answer.status === 200 ? answer.text() : answer.status;
    };
    expect(await get("/media/a")).toBe("any /media/a");
    expect(await get("/media/a/b?x=1")).toBe("any /media/a/b");
    expect(await get("/media/deep/c")).toBe("deep /media/deep/c");
    expect(await get("/media/exact")).toBe("exact");
    expect(await get("/media/")).toBe(404);
    expect(await get("/media")).toBe(404);
    expect(await get("/mediations")).toBe(404);
    expect((await fetch(`${server.url}/media/a`, { method: "POST" })).status).toBe(405);
  });
});

describe("a streamed answer", () => {
  const stream = async function* () {
    for (let sent = 0; sent < 50; sent += 1) yield CHUNK;
  };
  const size = 50 * CHUNK.length;

  test("arrives whole, with a length or without", async () => {
    await using server = await serve(
      route("/chunked", () => ({ body: stream() })),
      route("/sized", () => ({ body: stream(), headers: { ...headers, "content-length": `${size}` } })),
    );
    for (const path of ["/chunked", "/sized"]) {
      const bytes = new Uint8Array(await (await fetch(`${server.url}${path}`)).arrayBuffer());
      expect(bytes.length).toBe(size);
      expect(bytes.every((byte) => byte === 7)).toBe(true);
    }
    const head = await fetch(`${server.url}/sized`, { method: "HEAD" });
    expect([head.status, head.headers.get("content-length")]).toEqual([200, `${size}`]);
  });

  test("is made no faster than it is read, and ends when the reader is gone", async () => {
    const closed = Promise.withResolvers<void>();
    let made = 0;
    const endless = async function* () {
      try {
        for (;;) {
          made += 1;
          yield CHUNK;
        }
      } finally {
        closed.resolve();
      }
    };
    await using server = await serve(
      route("/endless", () => ({ body: endless() })),
      route("/other", () => ({ body: stream() })),
    );
    const socket = await ask(server.url, "/endless");
    // Others are served meanwhile, many times what may be made for this one.
    for (let turn = 0; turn < 10; turn += 1) await (await fetch(`${server.url}/other`)).arrayBuffer();
    // What the kernel and the socket hold, and no more.
    expect(made * CHUNK.length).toBeLessThan(16 * 1024 * 1024);
    socket.destroy();
    await closed.promise;
  });

  test("that fails on the way ends the connection, so that nobody takes it for whole", async () => {
    logged.length = 0;
    const failing = async function* () {
      yield CHUNK;
      throw new Error("the disk is gone");
    };
    const short = async function* () {
      yield CHUNK;
    };
    await using server = await serve(
      route("/failing", () => ({ body: failing() })),
      route("/short", () => ({ body: short(), headers: { ...headers, "content-length": "999999" } })),
    );
    for (const path of ["/failing", "/short"]) {
      await expect(fetch(`${server.url}${path}`).then((it) => it.arrayBuffer())).rejects.toThrow();
    }
    expect(logged).toHaveLength(2);
  });
});
