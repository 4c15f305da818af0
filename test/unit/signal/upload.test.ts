import { createHash, randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { stopping } from "../../../src/core/model/errors.ts";
import { fileOf } from "../../../src/core/model/media.ts";
import type { Clock } from "../../../src/core/ports/clock.ts";
import { decryptAttachment, uploadLength } from "../../../src/networks/signal/media/attachment-crypto.ts";
import { type UploadParts, upload } from "../../../src/networks/signal/media/upload.ts";
import { collected, inChunks } from "../../kit/chunks.ts";
import { SignalCdn } from "../../kit/signal-cdn.ts";
import { VirtualClock } from "../../kit/virtual-clock.ts";

const PLACE = "/upload/attachments";
const FILE = `${PLACE}/the%2Bkey`;

let host: SignalCdn;
beforeAll(async () => {
  host = await SignalCdn.start();
});
afterAll(() => host[Symbol.asyncDispose]());
beforeEach(() => {
  host.answers.clear();
  host.asked.length = 0;
});

/** What the host got so far, put together as tus says. */
class Received {
  bytes = Buffer.alloc(0);
  readonly headers: IncomingMessage["headers"][] = [];

  /** Takes at most so many bytes of a request, then does as told. */
  take(most: number, then: (response: ServerResponse, request: IncomingMessage) => void) {
    return (response: ServerResponse, request: IncomingMessage): void => {
      this.headers.push(request.headers);
      let left = most;
      request.on("data", (chunk: Buffer) => {
        this.bytes = Buffer.concat([this.bytes, chunk.subarray(0, left)]);
        left -= Math.min(left, chunk.length);
        if (left === 0) then(response, request);
      });
      request.on("end", () => left > 0 && then(response, request));
      request.on("error", () => undefined);
    };
  }
}

const cut = (_: ServerResponse, request: IncomingMessage): void => void request.socket.destroy();
const done = (response: ServerResponse): void => void response.writeHead(204).end();

/** Pauses pass at once, and nothing is ever too slow. */
const hurried: Clock = {
  now: () => Date.UTC(2026, 10, 21),
  after(ms, act) {
    const soon = ms > 5_000 ? undefined : setImmediate(act);
    return () => clearImmediate(soon);
  },
};

/** A form for the host's place; `asked` gets the lengths it is asked for. */
const formOf = ({ cdn = 3, asked = [] as number[], place = host.origin + PLACE } = {}) => ({
  async uploadForm(length: number) {
    asked.push(length);
    const headers = new Map([["x-goog-signed", "yes"]]);
    return { cdn, key: "the+key", headers, signedUploadUrl: new URL(place) };
  },
});

const uploading = (plain: Uint8Array, parts: Partial<UploadParts> = {}) =>
  upload({ cdn: host.cdn, clock: hurried, ...formOf(), ...parts }, fileOf(plain));

const opened = async (
  blob: Uint8Array,
  { key, digest, size }: { key: Uint8Array; digest: Uint8Array; size: number },
) =>
  (await collected(decryptAttachment(inChunks(blob, [10_000]), { encryptionKey: key, digest, size }))).bytes;

describe("a file goes to Signal's host", () => {
  test("in one request, as tus has it, and is what the pointer says", async () => {
    const got = new Received();
    host.answers.set(
      `POST ${PLACE}`,
      got.take(Infinity, (response) => response.writeHead(201).end()),
    );
    for (const size of [0, 1, 300_000]) {
      got.bytes = Buffer.alloc(0);
      const plain = randomBytes(size);
      const asked: number[] = [];
      const uploaded = await uploading(plain, formOf({ asked }));
      expect(asked).toEqual([uploadLength(size)]);
      expect(got.bytes).toHaveLength(uploadLength(size));
      expect((await opened(got.bytes, uploaded)).equals(plain)).toBe(true);
      expect(createHash("sha256").update(got.bytes).digest().equals(uploaded.digest)).toBe(true);
      expect(uploaded).toMatchObject({ cdn: 3, cdnKey: "the+key", size, uploadedAt: hurried.now() });
    }
    expect(got.headers[0]).toMatchObject({
      "tus-resumable": "1.0.0",
      "upload-length": `${uploadLength(0)}`,
      "content-length": `${uploadLength(0)}`,
      "upload-metadata": `filename ${Buffer.from("the+key").toString("base64")}`,
      "content-type": "application/offset+octet-stream",
      "x-goog-signed": "yes",
      "user-agent": "a bridge",
    });
    expect(host.asked).toEqual(Array(3).fill(`POST ${PLACE}`));
  });

  test("with another key and IV each time", async () => {
    const got = new Received();
    host.answers.set(
      `POST ${PLACE}`,
      got.take(Infinity, (response) => response.writeHead(201).end()),
    );
    const [one, two] = [await uploading(Buffer.from("a")), await uploading(Buffer.from("a"))];
    expect(Buffer.from(one.key).equals(two.key)).toBe(false);
    expect(got.bytes.subarray(0, 16).equals(got.bytes.subarray(uploadLength(1), uploadLength(1) + 16))).toBe(
      false,
    );
  });

  test("and from where the connection broke, again and again", async () => {
    const plain = randomBytes(400_000);
    const got = new Received();
    host.answers.set(`POST ${PLACE}`, got.take(100_001, cut));
    const state = (response: ServerResponse): void =>
      void response.writeHead(200, { "upload-offset": `${got.bytes.length}` }).end();
    const offsets: string[] = [];
    host.answers.set(`HEAD ${FILE}`, state);
    host.answers.set(`PATCH ${FILE}`, (response, request) => {
      const { headers } = request;
      offsets.push([headers["tus-resumable"], headers["upload-offset"], headers["content-length"]].join(" "));
      const answer = offsets.length === 1 ? got.take(150_000, cut) : got.take(Infinity, done);
      answer(response, request);
    });
    const uploaded = await uploading(plain);
    const length = uploadLength(400_000);
    expect(offsets).toEqual([`1.0.0 100001 ${length - 100_001}`, `1.0.0 250001 ${length - 250_001}`]);
    expect((await opened(got.bytes, uploaded)).equals(plain)).toBe(true);
  });

  test("once, where only the answer was lost", async () => {
    const plain = randomBytes(2_000);
    const got = new Received();
    host.answers.set(`POST ${PLACE}`, got.take(uploadLength(2_000), cut));
    host.answers.set(`HEAD ${FILE}`, (response) =>
      response.writeHead(200, { "upload-offset": `${got.bytes.length}` }).end(),
    );
    const uploaded = await uploading(plain);
    expect((await opened(got.bytes, uploaded)).equals(plain)).toBe(true);
    expect(host.asked).toEqual([`POST ${PLACE}`, `HEAD ${FILE}`]);
  });

  test("by the older way to host 2, which names the place for it", async () => {
    const plain = randomBytes(5_000);
    const got = new Received();
    host.answers.set(`POST ${PLACE}?s=1`, (response) =>
      response.writeHead(201, { location: "/resumable/1" }).end(),
    );
    host.answers.set("PUT /resumable/1", got.take(Infinity, done));
    const uploaded = await uploading(plain, formOf({ cdn: 2, place: `${host.origin}${PLACE}?s=1` }));
    expect(uploaded.cdn).toBe(2);
    expect((await opened(got.bytes, uploaded)).equals(plain)).toBe(true);
  });
});

describe("a file that Signal's host does not take", () => {
  const plain = randomBytes(100_000);
  const answers = (status: number, headers = {}) =>
    host.answers.set(
      `POST ${PLACE}`,
      new Received().take(Infinity, (response) => response.writeHead(status, headers).end()),
    );

  test.each([
    [413, { reason: "too-large", retryAfter: undefined, words: "The file is larger than Signal takes." }],
    [403, { reason: "remote-refused", retryAfter: 0, words: "Signal did not take the file (error 403)." }],
    [401, { reason: "remote-refused", retryAfter: 0, words: "Signal did not take the file (error 401)." }],
    [404, { reason: "remote-refused", retryAfter: 0, words: "Signal did not take the file (error 404)." }],
    [409, { reason: "remote-refused", retryAfter: 0, words: "Signal did not take the file (error 409)." }],
    [410, { reason: "remote-refused", retryAfter: 0, words: "Signal did not take the file (error 410)." }],
    [428, { reason: "remote-refused", retryAfter: 0, words: "Signal did not take the file (error 428)." }],
    [499, { reason: "remote-refused", retryAfter: 0, words: "Signal did not take the file (error 499)." }],
    [500, { reason: "remote-unreachable", outage: true, retryAfter: 2_000 }],
    [503, { reason: "remote-unreachable", outage: true, retryAfter: 2_000 }],
    [429, { reason: "remote-unreachable", outage: true, retryAfter: 2_000 }],
  ])("with status %d is told so", async (status, expected) => {
    answers(status);
    await expect(uploading(plain)).rejects.toMatchObject({ certain: true, ...expected });
  });

  test("for so many seconds is kept for so long", async () => {
    answers(429, { "retry-after": "77" });
    await expect(uploading(plain)).rejects.toMatchObject({ retryAfter: 77_000 });
  });

  test("at a host that forgot it is a failed try, and at one that is down none", async () => {
    host.answers.set(`POST ${PLACE}`, new Received().take(50_000, cut));
    await expect(uploading(plain)).rejects.toMatchObject({
      reason: "too-slow",
      outage: false,
      retryAfter: 0,
      words: "The file broke off on its way to Signal.",
    });
    expect(host.asked).toEqual([`POST ${PLACE}`, `HEAD ${FILE}`]);
    await using gone = await SignalCdn.start();
    await gone[Symbol.asyncDispose]();
    await expect(uploading(plain, formOf({ place: gone.origin }))).rejects.toMatchObject({
      reason: "remote-unreachable",
      outage: true,
      cause: { code: "ECONNREFUSED" },
    });
  });

  test.each(["-1", "1e3", "999999999", "", "x"])(
    "whose host has “%s” bytes of it is a failed try",
    async (offset) => {
      host.answers.set(`POST ${PLACE}`, new Received().take(50_000, cut));
      host.answers.set(`HEAD ${FILE}`, (response) =>
        response.writeHead(200, { "upload-offset": offset }).end(),
      );
      await expect(uploading(plain)).rejects.toMatchObject({ reason: "too-slow" });
    },
  );

  test("in time is given up", async () => {
    host.answers.set(`POST ${PLACE}`, () => undefined);
    const clock = new VirtualClock();
    const failed: unknown[] = [];
    uploading(plain, { clock }).catch((why: unknown) => failed.push(why));
    while (failed.length === 0) await clock.advance(3_000);
    expect(failed[0]).toMatchObject({
      reason: "too-slow",
      words: "The file went so slowly to Signal that it was given up.",
    });
  });

  test.each([
    ["the host does not answer", () => undefined],
    ["an upload that broke rests", cut],
  ])("ends at once when the bridge stops while %s, as nobody's try", async (_, then) => {
    host.answers.set(`POST ${PLACE}`, new Received().take(1_000, then));
    const clock = new VirtualClock();
    const stop = new AbortController();
    const failed = expect(uploading(plain, { clock, stopping: stop.signal })).rejects.toMatchObject({
      reason: "stopping",
      outage: true,
    });
    while (host.asked.length === 0) await clock.advance(1);
    stop.abort(stopping());
    await failed;
    expect(clock.timers).toBe(0);
  });

  test("because it changed meanwhile is not what the pointer says, so there is none", async () => {
    answers(201);
    const changed = { size: 5, read: () => fileOf(Buffer.from("four")).read() };
    await expect(upload({ cdn: host.cdn, clock: hurried, ...formOf() }, changed)).rejects.toThrow(
      "another length",
    );
  });
});
