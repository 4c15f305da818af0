import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { MediaFile } from "../../../src/networks/meta-interop/wire/plaintext-kinds.ts";
import { InteropPair } from "../../kit/interop-pair.ts";
import { realClock } from "../../kit/interop-world.ts";
import { MediaServer } from "../../kit/media-server.ts";

let server: MediaServer;
let pair: InteropPair;
let count = 0;
beforeAll(async () => {
  server = await MediaServer.start();
  pair = await InteropPair.start(realClock, { mediaUrl: server.url });
  await pair.peerStarts();
});
afterAll(async () => {
  await pair[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});
beforeEach(() => {
  server.asked.length = 0;
});

/** Has the peer send the file, and fetches it as the bridge does when its turn comes. */
async function fetched(media: MediaFile) {
  count += 1;
  const id = `m${count}`;
  await pair.sends(id, { kind: "document", media });
  const event = await pair.sink.until(id, () => pair.sink.events.find((one) => one.id === id));
  const part = event.kind === "message" ? event.message.parts[0] : undefined;
  if (part?.kind !== "media" || part.media.source.at !== "network" || !pair.client.openMedia)
    throw new Error(id);
  return pair.client.openMedia(part.media.source.ref);
}

const bytesOf = async (file: { read(): AsyncIterable<Uint8Array> }) => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of file.read()) chunks.push(chunk);
  return Buffer.concat(chunks);
};

const final = (words: RegExp) => ({
  certain: true,
  retryAfter: undefined,
  words: expect.stringMatching(words),
});

test("a file is fetched, decrypted, and gone from here when it is done with", async () => {
  const plain = randomBytes(300_000);
  const file = await fetched(await server.put("/v/1", plain, "document"));
  expect(file.size).toBe(300_000);
  expect((await bytesOf(file)).equals(plain)).toBe(true);
  await file[Symbol.asyncDispose]();
  expect(pair.workshop.underway()).toEqual([]);
  const empty = await fetched(await server.put("/v/2", new Uint8Array(0), "document"));
  expect(empty.size).toBe(0);
  await empty[Symbol.asyncDispose]();
});

test("a file that is not the one announced is never handed out", async () => {
  const media = await server.put("/v/3", randomBytes(5_000), "document");
  const lies: readonly MediaFile[] = [
    { ...media, fileSha256: randomBytes(32) },
    { ...media, fileEncSha256: randomBytes(32) },
    { ...media, mediaKey: randomBytes(32) },
    { ...media, fileLength: 4_990 },
    { ...media, fileLength: 50_000 },
    { ...media, fileLength: 10 },
  ];
  for (const lie of lies) {
    await expect(fetched(lie)).rejects.toMatchObject({ reason: "bad-input", ...final(/file is/) });
  }
  await expect(fetched({ ...media, fileLength: 5e9 })).rejects.toMatchObject({
    reason: "too-large",
    ...final(/5|GiB|MiB/),
  });
  expect(pair.workshop.underway()).toEqual([]);
});

test("a body without end is cut off", async () => {
  const media = await server.put("/v/4", randomBytes(1_000), "document");
  const closed = Promise.withResolvers<void>();
  server.answers.set("/v/4", (response) => {
    response.on("close", () => closed.resolve());
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536)));
    };
    response.on("drain", more);
    more();
  });
  await expect(fetched(media)).rejects.toMatchObject({ reason: "bad-input" });
  await closed.promise;
  expect(pair.workshop.underway()).toEqual([]);
});

test("only the gatekeeper's media host is asked, and no redirect followed", async () => {
  const media = await server.put("/v/5", randomBytes(10), "document");
  const { origin } = new URL(server.url);
  const elsewhere: readonly MediaFile[] = [
    { ...media, directPath: "/../admin" },
    { ...media, directPath: "/v/%2e%2e/%2e%2e/%2e%2e/admin" },
    { ...media, directPath: "@127.0.0.1/x" },
    { ...media, directPath: "", url: `${origin}/other` },
    { ...media, directPath: "", url: "http://169.254.169.254/latest" },
  ];
  for (const one of elsewhere) {
    await expect(fetched(one)).rejects.toMatchObject(final(/./));
  }
  expect(server.asked).toEqual([]);
  server.answers.set("/v/5", (response) => response.writeHead(302, { location: `${server.url}/v/1` }).end());
  await expect(fetched(media)).rejects.toMatchObject(final(/302/));
  expect(server.asked).toEqual(["/whatsapp/media/v/5"]);
});

test("what has expired is said so for good; a host that is down is asked again", async () => {
  const media = await server.put("/v/6", randomBytes(5_000), "document");
  for (const status of [404, 410]) {
    server.answers.set("/v/6", (response) => response.writeHead(status).end("gone"));
    await expect(fetched(media)).rejects.toMatchObject({ reason: "gone", ...final(/no longer has/) });
  }
  for (const down of [500, 503, 429]) {
    server.answers.set("/v/6", (response) => response.writeHead(down).end());
    await expect(fetched(media)).rejects.toMatchObject({
      reason: "remote-unreachable",
      retryAfter: expect.any(Number),
    });
  }
  server.answers.set("/v/6", (response) => {
    response.writeHead(200, { "content-length": "5018" }).write(Buffer.alloc(100), () => response.destroy());
  });
  // A failed try: a file that breaks off each time must not hold its chat for ever.
  await expect(fetched(media)).rejects.toMatchObject({
    reason: "too-slow",
    outage: false,
    retryAfter: 0,
    words: "The file broke off on its way from WhatsApp.",
  });
});
