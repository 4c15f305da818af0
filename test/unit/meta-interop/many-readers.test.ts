import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { Readable } from "node:stream";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { fileOf } from "../../../src/core/model/media.ts";
import { startPartner } from "../../../src/http/partner.ts";
import { hostedFiles } from "../../../src/networks/meta-interop/hosted-files.ts";
import { heldTimers } from "../../kit/held-timers.ts";
import { InteropPair } from "../../kit/interop-pair.ts";

const logged: string[] = [];
const note = (words: string): void => void logged.push(words);
const log = { error: note, warn: note, info: note, debug() {} };
/** More than what fits into the sockets between the two. */
const SIZE = 8 * 1024 * 1024;

let pair: InteropPair;
let partner: Awaited<ReturnType<typeof startPartner>>;
let path: string;
beforeEach(async () => {
  logged.length = 0;
  pair = await InteropPair.start();
  partner = await startPartner({ listen: { host: "127.0.0.1", port: 0 }, routes: [pair.host.route], log });
  const id = randomBytes(32).toString("base64url");
  const mediaKey = new Uint8Array(32);
  const placed = await pair.host.put(id, fileOf(new Uint8Array(SIZE)), { mediaKey, use: "document" });
  await pair.store.write((tx) =>
    tx.family(hostedFiles).add({ id, login: pair.login.id, size: placed.encryptedLength, at: Date.now() }),
  );
  path = `/media/${id}`;
});
afterEach(async () => {
  await partner[Symbol.asyncDispose]();
  await pair[Symbol.asyncDispose]();
});

const ask = async (method = "GET"): Promise<Socket> => {
  const socket = connect(Number(new URL(partner.url).port), "127.0.0.1");
  socket.on("error", () => undefined);
  await once(socket, "connect");
  socket.write(`${method} ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
  return socket;
};
/** What it is answered, of which it reads no more. */
const statusOf = async (socket: Socket): Promise<number> => {
  await once(socket, "readable");
  return Number(String(socket.read(12)).slice(9));
};

test("of 300 who read one file slowly 64 are served, the rest are asked to come back, and none is in the log", async () => {
  const readers = await Promise.all(Array.from({ length: 300 }, () => ask()));
  const statuses = await Promise.all(readers.map(statusOf));
  expect(statuses.filter((status) => status === 200)).toHaveLength(64);
  expect(statuses.filter((status) => status === 503)).toHaveLength(236);
  const closed = Promise.all(readers.map((socket) => once(socket, "close")));
  for (const socket of readers) socket.destroy();
  await closed;
  await (await fetch(`${partner.url}/media/${"a".repeat(43)}`)).text();
  expect(logged).toEqual([]);
});

test("each place is free again when its reader is gone", async () => {
  const request = { method: "GET", path, headers: {}, body: new Uint8Array(0) };
  const many = () => Promise.all(Array.from({ length: 300 }, () => pair.host.route.handle(request)));
  for (let turn = 0; turn < 3; turn += 1) {
    const bodies = (await many()).map(({ body }) => body).filter((body) => body instanceof Readable);
    expect(bodies).toHaveLength(64);
    const closed = bodies.map((body) => once(body, "close"));
    for (const body of bodies) body.destroy();
    await Promise.all(closed);
  }
});

test("questions that get no file, or want only its head, take no place for long", async () => {
  for (let turn = 0; turn < 100; turn += 1) {
    expect((await fetch(`${partner.url}${path}`, { method: "HEAD" })).status).toBe(200);
    expect((await fetch(`${partner.url}/media/${"a".repeat(43)}`)).status).toBe(404);
  }
  const whole = await (await fetch(`${partner.url}${path}`)).arrayBuffer();
  expect(whole.byteLength).toBeGreaterThan(SIZE);
});

test("a stop waits a second for a slow reader, and no longer", async () => {
  const socket = await ask();
  expect(await statusOf(socket)).toBe(200);
  const closed = once(socket, "close");
  using timers = heldTimers();
  const stopped = partner[Symbol.asyncDispose]();
  timers.pass(1_000);
  await stopped;
  socket.resume();
  await closed;
  expect(logged).toEqual([]);
});
