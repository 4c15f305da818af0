import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { afterEach, expect, test } from "@jest/globals";
import sharp from "sharp";
import type { Outgoing } from "../../../src/core/model/events.ts";
import type { Media } from "../../../src/core/model/media.ts";
import { hostedFiles } from "../../../src/networks/meta-interop/hosted-files.ts";
import { hostedScope } from "../../../src/networks/meta-interop/record-scopes.ts";
import { decryptMedia, type MediaUse } from "../../../src/networks/meta-interop/wire/media-crypto.ts";
import { node } from "../../../src/networks/meta-interop/wire/node.ts";
import type { MediaFile } from "../../../src/networks/meta-interop/wire/plaintext-kinds.ts";
import { InteropPair } from "../../kit/interop-pair.ts";
import { realClock } from "../../kit/interop-world.ts";
import { hasFfmpeg, voiceNote, wav } from "../../kit/sample-files.ts";

const uri = "mxc://example.org/1";
const DAY = 86_400_000;
const media: Media = { kind: "image", source: { at: "homeserver", uri }, mimetype: "image/png" };
const sent = (more: Partial<Media> = {}): Outgoing => ({
  kind: "message",
  message: { parts: [{ kind: "media", media: { ...media, ...more } }] },
});
const kinds = (bytes: string) => {
  const of = (kind: string, mimetypes: string) => node("media", { kind, size: bytes, mimetypes });
  return [
    of("image", "image/jpeg image/png"),
    of("voice", "audio/ogg audio/mp4"),
    of("video", "video/mp4"),
    of("file", "*/*"),
  ];
};
const greeting = (bytes = "1000000") =>
  node("success", {}, [
    node("features", {}, [node("limits", { text: "5000", caption: "10" }, kinds(bytes))]),
  ]);
const png = () =>
  sharp({
    create: { width: 640, height: 480, channels: 3, noise: { type: "gaussian", mean: 128, sigma: 30 } },
  } as never)
    .png()
    .toBuffer();

let pair: InteropPair;
let skew = 0;
const clock = { ...realClock, now: () => Date.now() + skew };
afterEach(async () => {
  await pair[Symbol.asyncDispose]();
  skew = 0;
});
const start = async (options: Parameters<typeof InteropPair.start>[1] = {}, bytes = "1000000") => {
  pair = await InteropPair.start(clock, { ...options, greeting: greeting(bytes) });
};

/** As the gatekeeper's proxy asks for it. */
async function served(url: string): Promise<{ status: number; bytes: Buffer; headers: object }> {
  const { status, body, headers } = await pair.host.route.handle({
    method: "GET",
    path: new URL(url).pathname,
    headers: {},
    body: new Uint8Array(0),
  });
  const chunks: Uint8Array[] = [];
  if (typeof body !== "string" && Symbol.asyncIterator in body)
    for await (const chunk of body) chunks.push(chunk);
  return { status, bytes: Buffer.concat(chunks), headers };
}

async function opened(file: MediaFile, use: MediaUse): Promise<Buffer> {
  const { status, bytes } = await served(file.url ?? "");
  expect(status).toBe(200);
  const chunks: Uint8Array[] = [];
  async function* source() {
    yield bytes;
  }
  for await (const chunk of decryptMedia(source(), file.mediaKey, use, file)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test("a picture is hosted as ciphertext, and the message tells how to read it", async () => {
  await start();
  const file = await png();
  await pair.sendsOut("X1", sent({ name: "p.png" }), new Map([[uri, file]]));
  const stanza = await pair.sentMessage("X1");
  expect(stanza).toMatchObject({ attrs: { type: "media" }, content: [{ attrs: { mediatype: "image" } }] });
  const message = await pair.opens(stanza);
  if (message.kind !== "image") throw new Error(message.kind);
  expect(message).toMatchObject({
    width: 640,
    height: 480,
    media: { mimetype: "image/png", fileLength: file.length },
  });
  expect(message.thumbnail?.length).toBeLessThanOrEqual(10_000);
  expect(
    Buffer.from(message.thumbnail ?? [])
      .subarray(0, 2)
      .toString("hex"),
  ).toBe("ffd8");
  expect((await opened(message.media, "image")).equals(file)).toBe(true);
  expect(message.media.url).toMatch(/\/media\/[\w-]{43}$/);
  expect(pair.workshop.underway()).toEqual([]);
});

test("a retry names the same hosted file, also after a restart, and so does what is asked for again", async () => {
  await start();
  const files = new Map([[uri, await png()]]);
  pair.gatekeeper.ack = () => undefined;
  const first = pair.sendsOut("X1", sent(), files);
  first.catch(() => undefined);
  const before = await pair.opens(await pair.sentMessage("X1"));
  await pair.restart();
  await expect(first).rejects.toMatchObject({ reason: "remote-unreachable" });
  pair.gatekeeper.ack = ({ attrs: { id, to } }) => node("ack", { class: "message", id, from: to, t: "1" });
  await pair.sendsOut("X1", sent(), new Map());
  expect(readdirSync(pair.workshop.hosted)).toHaveLength(1);
  const since = pair.gatekeeper.stanzas.length;
  const keys = node("retry", { count: "2", id: "X1", t: "1", v: "1" });
  pair.gatekeeper.send(node("receipt", { type: "retry", id: "X1", from: pair.chat }, [keys]));
  expect(await pair.opens(await pair.sentMessage("X1", since))).toEqual(before);
  const later = pair.gatekeeper.stanzas.length;
  pair.gatekeeper.send(node("receipt", { id: "X1", from: pair.chat }));
  await pair.acked("X1", "receipt", later);
  const id = readdirSync(pair.workshop.hosted)[0] ?? "";
  expect(await pair.store.records.get(`login/${pair.login.id}/hosted`, id)).toBeUndefined();
});

const withFfmpeg = hasFfmpeg ? test : test.skip;
withFfmpeg(
  "recordings become voice notes; without a converter they go as audio, with a word about it",
  async () => {
    await start();
    const files = (bytes: Uint8Array) => new Map([[uri, bytes]]);
    const opus = voiceNote();
    await pair.sendsOut("V1", sent({ kind: "voice", mimetype: "audio/ogg" }), files(opus));
    const note = await pair.opens(await pair.sentMessage("V1"));
    expect(note).toMatchObject({
      kind: "audio",
      voice: true,
      seconds: 2,
      media: { mimetype: "audio/ogg; codecs=opus" },
    });
    if (note.kind !== "audio") throw new Error(note.kind);
    expect(note.waveform).toHaveLength(64);
    expect((await opened(note.media, "audio")).equals(opus)).toBe(true);
    const wave = wav();
    await pair.sendsOut("V2", sent({ kind: "voice", mimetype: "audio/wav" }), files(wave));
    const converted = await pair.opens(await pair.sentMessage("V2"));
    expect(converted).toMatchObject({
      kind: "audio",
      voice: true,
      media: { mimetype: "audio/ogg; codecs=opus" },
    });
    expect(pair.sink.notes).toEqual([]);

    await pair[Symbol.asyncDispose]();
    await start({ searchPath: "" });
    await pair.sendsOut("V3", sent({ kind: "voice", mimetype: "audio/wav" }), files(wave));
    expect(await pair.opens(await pair.sentMessage("V3"))).toMatchObject({ kind: "document" });
    expect(pair.sink.notes).toEqual([expect.stringContaining("ffmpeg")]);
  },
);

test("what the network does not take is refused by what the file is, with the number", async () => {
  await start({}, "1000");
  const file = await png();
  const refused = (outgoing: Outgoing, bytes: Uint8Array = file) =>
    expect(pair.sendsOut("X1", outgoing, new Map([[uri, bytes]]))).rejects;
  await refused(sent()).toMatchObject({
    reason: "too-large",
    certain: true,
    words: expect.stringContaining("1000 bytes"),
  });
  await refused(sent({ kind: "gif" })).toMatchObject({
    reason: "too-large",
    words: expect.stringContaining("images of up to 1000 bytes"),
  });
  expect(pair.gatekeeper.stanzas.filter(({ tag }) => tag === "message")).toEqual([]);
  expect(pair.workshop.underway()).toEqual([]);
});

test("files are served by their id alone, until they expire, and not for a login that is gone", async () => {
  await start();
  const files = new Map([[uri, await png()]]);
  await pair.sendsOut("X1", sent({ kind: "file" }), files);
  const message = await pair.opens(await pair.sentMessage("X1"));
  const url = message.kind === "document" ? (message.media.url ?? "") : "";
  const { status, bytes, headers } = await served(url);
  expect({ status, headers }).toMatchObject({
    status: 200,
    headers: { "content-length": String(bytes.length) },
  });
  const encrypted = message.kind === "document" ? message.media.fileEncSha256 : new Uint8Array(0);
  expect(createHash("sha256").update(bytes).digest().equals(encrypted)).toBe(true);
  const { origin } = new URL(url);
  for (const path of [
    "/media/",
    "/media/x",
    `/media/${"a".repeat(43)}`,
    "/media/../x",
    `${new URL(url).pathname}.part`,
  ]) {
    expect((await served(`${origin}${path}`)).status).toBe(404);
  }
  await pair.host.sweep();
  expect((await served(url)).status).toBe(200);
  skew = 31 * DAY;
  expect((await served(url)).status).toBe(404);
  await pair.host.sweep();
  skew = 0;
  await pair.host.sweep();
  expect((await served(url)).status).toBe(200);
  skew = 31 * DAY;
  await pair.host.sweep();
  await pair.host.sweep();
  expect(readdirSync(pair.workshop.hosted)).toEqual([]);
  expect(await pair.store.family(hostedFiles).all()).toEqual([]);

  skew = 0;
  await pair.sendsOut("X2", sent({ kind: "file" }), files);
  const [id] = readdirSync(pair.workshop.hosted);
  await pair.store.write((tx) => tx.logins.remove(pair.login.id));
  expect((await served(`${origin}/media/${id}`)).status).toBe(404);
  await pair.host.sweep();
  expect(readdirSync(pair.workshop.hosted)).toEqual([]);
});

test("what a file's message said is kept for a week, in which it may be asked for again", async () => {
  await start();
  await pair.sendsOut("X1", sent({ kind: "file" }), new Map([[uri, await png()]]));
  const [id = ""] = readdirSync(pair.workshop.hosted);
  const isKept = async (days: number): Promise<boolean> => {
    // Twice, as a clock that jumps is not believed.
    for (const _ of "12") await pair.store.write((tx) => tx.records.sweep(Date.now() + days * DAY));
    return (await pair.store.records.get(hostedScope(pair.login.id), id)) !== undefined;
  };
  expect(await isKept(6)).toBe(true);
  expect(await isKept(8)).toBe(false);
});

test("a file whose message could not be sent is swept, but not while it is on its way", async () => {
  await start();
  pair.gatekeeper.answers.set("encrypt get", ({ attrs: { id } }) =>
    node("iq", { id, type: "error" }, [node("error", { code: "404" })]),
  );
  await expect(pair.sendsOut("X1", sent(), new Map([[uri, await png()]]))).rejects.toMatchObject({
    reason: "gone",
  });
  expect(readdirSync(pair.workshop.hosted)).toHaveLength(1);
  const [id = ""] = readdirSync(pair.workshop.hosted);
  {
    using _ = pair.host.hold(id);
    await pair.host.sweep();
    expect(readdirSync(pair.workshop.hosted)).toEqual([id]);
  }
  await pair.host.sweep();
  expect(readdirSync(pair.workshop.hosted)).toEqual([]);
});

test("a file is not brought while the network is away", async () => {
  await start();
  await pair.client[Symbol.asyncDispose]();
  let brought = 0;
  const files = new Map([[uri, await png()]]);
  const counting = { get: (key: string) => (brought++, files.get(key)) } as unknown as typeof files;
  await expect(pair.sendsOut("X1", sent(), counting)).rejects.toMatchObject({ certain: true });
  expect(brought).toBe(0);
});
