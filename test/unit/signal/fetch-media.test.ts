import { createCipheriv, randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { stopping } from "../../../src/core/model/errors.ts";
import { Cdn } from "../../../src/networks/signal/media/cdn.ts";
import { fetchMedia } from "../../../src/networks/signal/media/fetch-media.ts";
import { attachmentRef, profilePictureRef } from "../../../src/networks/signal/media/media-ref.ts";
import { signalServers } from "../../../src/networks/signal/servers.ts";
import { type Act, DrippingServer, drippingBody, drippingHead, stalling } from "../../kit/dripping-server.ts";
import { MediaWorkshop } from "../../kit/media-workshop.ts";
import { SignalCdn } from "../../kit/signal-cdn.ts";
import { VirtualClock } from "../../kit/virtual-clock.ts";

const DAY = 86_400_000;

let workshop: MediaWorkshop;
let host: SignalCdn;
beforeAll(async () => {
  workshop = await MediaWorkshop.open();
  host = await SignalCdn.start();
});
afterAll(async () => {
  await host[Symbol.asyncDispose]();
  await workshop[Symbol.asyncDispose]();
});

type Pointer = Parameters<typeof attachmentRef>[0];
const fetchedBy = (cdn: Cdn, ref: string, clock = new VirtualClock(), stop?: AbortSignal) =>
  fetchMedia({ cdn, tools: workshop.tools, clock, stopping: stop }, ref);
const fetched = (pointer: Pointer, clock?: VirtualClock) =>
  fetchedBy(host.cdn, attachmentRef(pointer) ?? "", clock);

async function bytesOf(fetching: Promise<{ read(): AsyncIterable<Uint8Array> } & AsyncDisposable>) {
  await using file = await fetching;
  const chunks: Uint8Array[] = [];
  for await (const chunk of file.read()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe("a contact's file", () => {
  test("is fetched by key from each host, or by number from the oldest, and gone from here when done with", async () => {
    const plain = randomBytes(300_000);
    for (const [cdn, key] of [
      [3, "abc_-0"],
      [2, "with space+%2F"],
      [0, "4611686018427387904"],
    ] as const) {
      const pointer = { ...host.attachment(encodeURIComponent(key), plain), cdn, cdnKey: key };
      expect((await bytesOf(fetched(pointer))).equals(plain)).toBe(true);
    }
    expect(await bytesOf(fetched(host.attachment("empty", new Uint8Array(0))))).toHaveLength(0);
    expect(workshop.underway()).toEqual([]);
  });

  test("is asked for at Signal's own hosts, under its certificate alone", async () => {
    const { cdns, ca } = signalServers("production");
    await using production = new Cdn({ servers: { cdns, ca }, userAgent: "a bridge" });
    expect(production.attachment(3, "k")?.href).toBe("https://cdn3.signal.org/attachments/k");
    expect(production.attachment(0, "12")?.href).toBe("https://cdn.signal.org/attachments/12");
    expect(production.profilePicture("profiles/p")?.href).toBe("https://cdn.signal.org/profiles/p");
    await using stranger = new Cdn({
      servers: { cdns: new Map([[3, host.origin]]), ca },
      userAgent: "a bridge",
    });
    const ref = attachmentRef(host.attachment("mitm", randomBytes(10))) ?? "";
    const before = host.asked.length;
    await expect(fetchedBy(stranger, ref)).rejects.toMatchObject({ reason: "remote-unreachable" });
    expect(host.asked).toHaveLength(before);
  });

  test("that is not the one announced is never handed out", async () => {
    const pointer = host.attachment("lies", randomBytes(5_000));
    const lies: readonly Pointer[] = [
      { ...pointer, digest: randomBytes(32) },
      { ...pointer, key: randomBytes(64) },
      { ...pointer, size: 6_000 },
      { ...pointer, size: 10 },
    ];
    for (const lie of lies) {
      await expect(fetched(lie)).rejects.toMatchObject({ reason: "bad-input", certain: true });
    }
    await expect(fetched({ ...pointer, size: 4e9 })).rejects.toMatchObject({
      reason: "too-large",
      words: "The file is said to be 3815 MiB large, more than Signal lets anybody send.",
    });
    expect(workshop.underway()).toEqual([]);
  });

  test("that breaks off at any byte is not handed out", async () => {
    const pointer = host.attachment("short", randomBytes(700));
    for (const end of [0, 1, 16, 47, 48, 200, pointer.blob.length - 1]) {
      host.serve("/attachments/short", pointer.blob.subarray(0, end));
      await expect(fetched(pointer)).rejects.toMatchObject({ reason: "bad-input", retryAfter: undefined });
      host.answers.set("GET /attachments/short", (response) => {
        response.writeHead(200, { "content-length": `${pointer.blob.length}` });
        response.write(pointer.blob.subarray(0, end), () => response.destroy());
      });
      await expect(fetched(pointer)).rejects.toMatchObject({ retryAfter: expect.any(Number) });
    }
    expect(workshop.underway()).toEqual([]);
  });

  test("without an end is cut off", async () => {
    const pointer = host.attachment("endless", randomBytes(1_000));
    const closed = Promise.withResolvers<void>();
    host.answers.set("GET /attachments/endless", (response) => {
      response.on("close", () => closed.resolve());
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on("drain", more);
      more();
    });
    await expect(fetched(pointer)).rejects.toMatchObject({ reason: "bad-input" });
    await closed.promise;
    host.answers.set("GET /attachments/endless", (response) => {
      response.writeHead(200, { "content-length": "99999999" }).flushHeaders();
    });
    await expect(fetched(pointer)).rejects.toMatchObject({
      reason: "bad-input",
      words: "The file is larger than its sender said.",
    });
    expect(workshop.underway()).toEqual([]);
  });

  test.each([
    ["another place of the host", 3, "../profiles/x"],
    ["the host itself", 3, ".."],
    ["nothing", 3, "a//b"],
    ["text that is none", 3, "\ud800"],
    ["a host that is not there", 1, "k"],
  ])("whose pointer leads to %s is not fetched", async (_, cdn, cdnKey) => {
    const before = host.asked.length;
    const pointer = { ...host.attachment("real", randomBytes(10)), cdn, cdnKey };
    await expect(fetched(pointer)).rejects.toMatchObject({
      reason: "bad-input",
      words: "The file is said to be somewhere else than at Signal, so it was not fetched.",
    });
    expect(host.asked).toHaveLength(before);
  });

  test("that has expired is said so for good, with how long files are kept", async () => {
    const clock = new VirtualClock();
    const pointer = host.attachment("old", randomBytes(10));
    for (const status of [404, 410]) {
      host.answers.set("GET /attachments/old", (response) => response.writeHead(status).end("gone"));
      const lasting = { reason: "gone", retryAfter: undefined };
      await expect(fetched({ ...pointer, uploadedAt: clock.now() - 50 * DAY }, clock)).rejects.toMatchObject({
        ...lasting,
        words:
          "Signal keeps files for 45 days, and this one is older. Please ask your contact to send it again.",
      });
      await expect(fetched({ ...pointer, uploadedAt: clock.now() - DAY }, clock)).rejects.toMatchObject({
        ...lasting,
        words: "Signal no longer has the file. Please ask your contact to send it again.",
      });
    }
  });

  test("whose host is down is asked for again; a redirect is not followed", async () => {
    const pointer = host.attachment("down", randomBytes(10));
    for (const down of [500, 503, 429]) {
      host.answers.set("GET /attachments/down", (response) => response.writeHead(down).end());
      await expect(fetched(pointer)).rejects.toMatchObject({ reason: "remote-unreachable", outage: true });
    }
    host.answers.set("GET /attachments/down", (response) =>
      response.writeHead(302, { location: `${host.origin}/attachments/real` }).end(),
    );
    await expect(fetched(pointer)).rejects.toMatchObject({
      reason: "remote-refused",
      words: expect.stringContaining("(error 302)"),
    });
    expect(host.asked.at(-1)).toBe("GET /attachments/down");
  });
});

describe("a transfer", () => {
  const stored = {
    cdn: 3,
    cdnKey: "k",
    key: new Uint8Array(64),
    digest: new Uint8Array(32),
    size: 1_000,
  };
  const ref = attachmentRef(stored) ?? "";
  const slowCdn = (server: DrippingServer) =>
    new Cdn({ servers: { cdns: new Map([[3, server.url]]), ca: "" }, userAgent: "a bridge" });

  test.each([
    ["drips", drippingBody()],
    ["stands still after its first bytes", stalling],
    ["drips without saying how long it is", drippingBody("HTTP/1.1 200 OK\r\n\r\n")],
  ])("that %s is given up with words, as a failed try", async (_, act) => {
    await using server = await DrippingServer.start(act);
    await using cdn = slowCdn(server);
    const clock = new VirtualClock();
    const failed: unknown[] = [];
    fetchedBy(cdn, ref, clock).catch((why: unknown) => failed.push(why));
    while (failed.length === 0) {
      server.drop();
      await clock.advance(3_000);
    }
    expect(failed[0]).toMatchObject({
      reason: "too-slow",
      outage: false,
      words: "The file came so slowly from Signal that it was given up.",
    });
    expect(workshop.underway()).toEqual([]);
  });

  test.each([
    ["body drips", drippingBody()],
    ["head drips", drippingHead],
    ["answer never begins", () => undefined],
  ] satisfies [string, Act][])("whose %s ends when the bridge stops, as nobody's try", async (_, act) => {
    await using server = await DrippingServer.start(act);
    await using cdn = slowCdn(server);
    const stop = new AbortController();
    const clock = new VirtualClock();
    const failed = expect(fetchedBy(cdn, ref, clock, stop.signal)).rejects.toMatchObject({
      reason: "stopping",
      outage: true,
    });
    while (server.asked === 0) await clock.advance(1);
    server.drop();
    stop.abort(stopping());
    await failed;
    expect(clock.timers).toBe(0);
  });
});

describe("a profile's picture", () => {
  const key = new Uint8Array(randomBytes(32));
  const sealed = (picture: Uint8Array) => {
    const iv = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", key, iv);
    return Buffer.concat([iv, cipher.update(picture), cipher.final(), cipher.getAuthTag()]);
  };
  const picture = (path: string, by = key) => fetchedBy(host.cdn, profilePictureRef(path, by));

  test("is read by the profile key", async () => {
    const plain = randomBytes(200_000);
    host.serve("/profiles/one", sealed(plain));
    expect((await bytesOf(picture("profiles/one"))).equals(plain)).toBe(true);
  });

  test("by another key, changed or cut off is not handed out", async () => {
    const blob = sealed(randomBytes(5_000));
    host.serve("/profiles/two", blob);
    await expect(picture("profiles/two", new Uint8Array(32))).rejects.toMatchObject({ reason: "bad-input" });
    for (const changed of [
      blob.subarray(0, -1),
      blob.subarray(1),
      blob.subarray(0, 20),
      new Uint8Array(0),
      Buffer.concat([blob, blob]),
    ]) {
      host.serve("/profiles/two", changed);
      await expect(picture("profiles/two")).rejects.toMatchObject({ reason: "bad-input" });
    }
    await expect(picture("../attachments/x")).rejects.toMatchObject({ reason: "bad-input" });
    expect(workshop.underway()).toEqual([]);
  });

  test("is taken up to a size", async () => {
    host.serve("/profiles/three", sealed(new Uint8Array(11 * 1024 * 1024)));
    await expect(picture("profiles/three")).rejects.toMatchObject({ reason: "bad-input" });
    host.answers.set("GET /profiles/three", (response) => {
      response.write(sealed(new Uint8Array(11 * 1024 * 1024)));
      response.end();
    });
    await expect(picture("profiles/three")).rejects.toMatchObject({ reason: "too-large" });
    expect(workshop.underway()).toEqual([]);
  });
});
