import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import sharp from "sharp";
import type { Part } from "../../../src/core/model/content.ts";
import { BridgeError } from "../../../src/core/model/errors.ts";
import type { Media, MediaKind } from "../../../src/core/model/media.ts";
import { plainText } from "../../../src/core/model/rich-text.ts";
import type { Person } from "../../../tools/signal-mock/person.ts";
import { MediaWorkshop } from "../../kit/media-workshop.ts";
import { memoryFile } from "../../kit/memory-file.ts";
import { hasFfmpeg, movie, picture, voiceNote, wav } from "../../kit/sample-files.ts";
import { LinkingWorld } from "../../kit/signal/linking.ts";
import { SignalSession } from "../../kit/signal/signal-session.ts";

const stack = new AsyncDisposableStack();
let workshop: MediaWorkshop;
let world: LinkingWorld;
let session: SignalSession;
let wim: Person;
beforeAll(async () => {
  workshop = stack.use(await MediaWorkshop.open());
  world = stack.use(await LinkingWorld.start());
  session = stack.use(await SignalSession.start(world, "Ana", workshop.tools));
  wim = await world.mock.person("Wim");
}, 30_000);
afterAll(() => stack.disposeAsync());

const bytesOf = async (file: { read(): AsyncIterable<Uint8Array> }) => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of file.read()) chunks.push(chunk);
  return Buffer.concat(chunks);
};

describe("a contact's files", () => {
  const messageOf = async (timestamp: number) => {
    const event = await session.sink.until("the message", () =>
      session.sink.events.find(({ id }) => id.endsWith(`/${timestamp}`)),
    );
    if (event.kind !== "message") throw new Error(event.kind);
    return event.message.parts;
  };

  test("are fetched by their references, each as what its sender sent it as", async () => {
    const contents = [randomBytes(1_000), randomBytes(200_000), randomBytes(30)];
    const [image, voice, bill] = contents as [Buffer, Buffer, Buffer];
    const files = [
      { bytes: image, contentType: "image/png", pointer: { width: 3, height: 4 } },
      { bytes: voice, contentType: "audio/aac", pointer: { flags: 1 } },
      { bytes: bill, contentType: "application/pdf", pointer: { fileName: "bill.pdf" } },
    ];
    const { timestamp } = await wim.sendsFiles(session.phone, files, { data: { body: "three" } });
    const media = (await messageOf(timestamp)).flatMap((part) => (part.kind === "media" ? [part.media] : []));
    expect(media).toMatchObject([
      { kind: "image", mimetype: "image/png", size: 1_000, width: 3, height: 4 },
      { kind: "voice", mimetype: "audio/aac", size: 200_000 },
      { kind: "file", mimetype: "application/pdf", size: 30, name: "bill.pdf" },
    ]);
    for (const [index, { source }] of media.entries()) {
      if (source.at !== "network") throw new Error(source.at);
      await using file = await session.client.openMedia(source.ref);
      expect((await bytesOf(file)).equals(contents[index] ?? Buffer.alloc(0))).toBe(true);
    }
    expect(workshop.underway()).toEqual([]);
  });

  const LONG = `${"Wörter ".repeat(1_500)}Ende.`;
  const longText = (pointer = {}) =>
    wim.sendsFiles(
      session.phone,
      [{ bytes: Buffer.from(LONG), contentType: "text/x-signal-plain", pointer }],
      { data: { body: LONG.slice(0, 1_000) } },
    );

  test("with the rest of a long text is read before it is shown", async () => {
    const { timestamp } = await longText();
    expect(await messageOf(timestamp)).toMatchObject([{ kind: "text", body: { text: LONG } }]);
  });

  test("with the rest of a long text that cannot be had follow its beginning", async () => {
    const { timestamp } = await longText({ digest: randomBytes(32) });
    const [text, file] = await messageOf(timestamp);
    expect(text?.kind === "text" && text.body.text.startsWith(LONG.slice(0, 1_000))).toBe(true);
    expect(file).toMatchObject({ kind: "media", media: { kind: "file", name: "Message.txt" } });
  });
});

describe("our person's files", () => {
  /** Puts a file on the homeserver; answers the part that names it. */
  async function part(kind: MediaKind, bytes: Uint8Array, more: Partial<Media> = {}) {
    const uri = `mxc://example.org/${session.files.size}`;
    session.files.set(uri, await workshop.file(bytes));
    const media: Media = { kind, source: { at: "homeserver", uri }, mimetype: "a/b", ...more };
    return { kind: "media", media } as const;
  }
  const sent = (parts: readonly Part[], ...rest: SendRest) =>
    session.sends(wim, { kind: "message", message: { parts } }, ...rest);
  type SendRest = Parameters<typeof session.sends> extends [unknown, unknown, ...infer Rest] ? Rest : never;
  /** What Wim's phone got under that id. */
  async function got(id: string) {
    const timestamp = BigInt(id.split("/")[1] ?? "0");
    const heard = await wim.journal.find(
      "the message",
      ({ content }) => content?.content?.dataMessage?.timestamp === timestamp,
    );
    const data = heard.content?.content?.dataMessage;
    return { body: data?.body, attachments: data?.attachments ?? [], previews: data?.preview ?? [] };
  }
  const opened = async (pointer: Parameters<Person["file"]>[0]) => Buffer.from(await wim.file(pointer));
  /** How many files were brought to the host. */
  function uploads(): () => number {
    let count = 0;
    const ask = world.mock.server.getAttachmentUploadForm.bind(world.mock.server);
    world.mock.server.getAttachmentUploadForm = (...asked) => {
      count += 1;
      return ask(...asked);
    };
    return () => count;
  }

  test("go encrypted to Signal's host, several in one message, and are read by a phone", async () => {
    const image = await picture("png");
    const bill = Buffer.from(`%PDF-1.4 ${"x".repeat(10_000)}`);
    const id = session.nextId();
    const parts = [
      { ...(await part("image", image, { name: "IMG_2026.png" })), caption: plainText("look") },
      await part("file", bill, { name: "bill.pdf" }),
    ];
    await sent(parts, id);
    const { body, attachments } = await got(id);
    expect(body).toBe("look");
    expect(attachments).toMatchObject([
      { contentType: "image/png", width: 64, height: 48, fileName: null, flags: null, size: image.length },
      { contentType: "application/pdf", fileName: "bill.pdf", size: bill.length },
    ]);
    const [first, second] = attachments;
    expect(first?.blurHash).toMatch(/^.{6,}$/);
    expect(first?.clientUuid).toHaveLength(16);
    expect(Number(first?.uploadTimestamp)).toBeGreaterThan(Date.now() - 60_000);
    if (!first || !second) throw new Error("a file is missing");
    expect((await opened(first)).equals(image)).toBe(true);
    expect((await opened(second)).equals(bill)).toBe(true);
  });

  test("that show where a link leads go with its text, which goes without one that cannot be had", async () => {
    const url = "https://example.org/";
    const image = await part("image", await picture("png"));
    const lost = { ...image.media, source: { at: "homeserver", uri: "mxc://home/lost" } } as const;
    const preview = async (...pictures: readonly Media[]) => {
      const id = session.nextId();
      const previews = pictures.map((it) => ({ url, title: "Example", image: it }));
      await sent([{ kind: "text", style: "text", body: plainText(url), previews }], id);
      return got(id);
    };
    const { body, attachments, previews } = await preview(lost, image.media);
    expect([body, attachments]).toEqual([url, []]);
    expect(previews).toMatchObject([
      { url, title: "Example", image: null },
      { url, image: { contentType: "image/png", width: 64, height: 48 } },
    ]);
    const pointer = previews[1]?.image;
    expect(pointer && (await opened(pointer)).length).toBeGreaterThan(0);
  });

  (hasFfmpeg ? test : test.skip)("that are recordings are voice notes that an iPhone plays", async () => {
    for (const recording of [voiceNote(), wav()]) {
      const id = session.nextId();
      await sent([await part("voice", recording)], id);
      const { attachments } = await got(id);
      expect(attachments).toMatchObject([{ contentType: "audio/aac", flags: 1 }]);
      const [pointer] = attachments;
      const bytes = pointer && (await opened(pointer));
      expect((bytes?.readUInt16BE(0) ?? 0) >> 4).toBe(0xfff);
    }
  });

  (hasFfmpeg ? test : test.skip)("that loop are silent videos with the mark of a GIF", async () => {
    const id = session.nextId();
    await sent([await part("gif", movie())], id);
    expect((await got(id)).attachments).toMatchObject([
      { contentType: "video/mp4", flags: 8, width: expect.any(Number), height: expect.any(Number) },
    ]);
  });

  test("that are photographs go without what the camera noted", async () => {
    const plain = await picture("jpeg");
    const photo = await sharp(plain)
      .withExif({ IFD0: { Artist: "canary" } })
      .jpeg()
      .toBuffer();
    expect(photo.includes("canary")).toBe(true);
    const id = session.nextId();
    await sent([await part("image", photo)], id);
    const [pointer] = (await got(id)).attachments;
    expect(pointer).toMatchObject({ contentType: "image/jpeg", width: 64, height: 48 });
    expect(pointer && (await opened(pointer)).includes("canary")).toBe(false);
  });

  test("are brought once, however often their message is tried, and under the same pointer", async () => {
    const count = uploads();
    const id = session.nextId();
    const parts = [await part("file", randomBytes(100)), await part("file", randomBytes(200))];
    const before = count();
    const crash = { ...session.sink.journal(id), seal: () => Promise.reject(new Error("the power went")) };
    await expect(sent(parts, id, crash)).rejects.toThrow();
    expect(count() - before).toBe(2);
    await session.disconnect();
    await session.connect();
    await sent(parts, id);
    expect(count() - before).toBe(2);
    expect((await got(id)).attachments.map(({ size }) => size)).toEqual([100, 200]);
  });

  test("of one message are brought on from the one that failed, and what is told of one is told at last", async () => {
    const count = uploads();
    const before = count();
    const id = session.nextId();
    const first = await part("image", Buffer.from("no picture"));
    const later = await part("file", randomBytes(200));
    const { uri } = later.media.source as { readonly uri: string };
    const file = session.files.get(uri);
    session.files.delete(uri);
    await expect(sent([first, later], id)).rejects.toThrow("no file was sent");
    expect(count() - before).toBe(1);
    if (file) session.files.set(uri, file);
    await sent([first, later], id);
    expect(count() - before).toBe(2);
    expect((await got(id)).attachments).toMatchObject([{ size: 10 }, { size: 200 }]);
    expect(session.sink.notes).toEqual([expect.stringContaining("so it was sent as a file")]);
  });

  test("with words that change stay the same file, which is not brought again", async () => {
    const count = uploads();
    const before = count();
    const target = session.nextId();
    const image = await part("image", await picture("png"));
    await sent([{ ...image, caption: plainText("look") }], target);
    const { attachments } = await got(target);
    const id = session.nextId();
    const long = `${"Viel zu sehen. ".repeat(200)}Ende.`;
    const message = { parts: [{ ...image, caption: plainText(long) }] };
    await session.sends(wim, { kind: "edit", target, message }, id);
    const edit = await wim.journal.find(
      "the edit",
      ({ content }) =>
        content?.content?.editMessage?.targetSentTimestamp === BigInt(target.split("/")[1] ?? 0),
    );
    const data = edit.content?.content?.editMessage?.dataMessage;
    expect(attachments).toHaveLength(1);
    expect(data?.attachments).toEqual([
      ...attachments,
      expect.objectContaining({ contentType: "text/x-signal-plain" }),
    ]);
    expect(count() - before).toBe(2);
  });

  test("that are too large are refused with the limit, and nothing is brought", async () => {
    const count = uploads();
    const before = count();
    const large = await part("file", randomBytes(10));
    const { uri } = large.media.source as { readonly uri: string };
    const small = memoryFile(Buffer.alloc(10));
    const size = 101 * 1024 * 1024;
    session.files.set(uri, { ...small, size, [Symbol.asyncDispose]: async () => undefined });
    await expect(sent([large])).rejects.toMatchObject({
      reason: "too-large",
      words: expect.stringContaining("100 MiB"),
    });
    expect(count() - before).toBe(0);
  });

  test("whose upload the server puts off are tried again by themselves", async () => {
    world.mock.server.getAttachmentUploadForm = () => Promise.reject(new Error("busy"));
    const failed = sent([await part("file", randomBytes(10))]);
    await expect(failed).rejects.toBeInstanceOf(BridgeError);
    await expect(failed).rejects.toMatchObject({ retryAfter: expect.any(Number) });
    Reflect.deleteProperty(world.mock.server, "getAttachmentUploadForm");
  });

  test("a long text goes as a file beside its beginning", async () => {
    const id = session.nextId();
    const text = `${"Viel zu sagen. ".repeat(400)}Ende.`;
    await session.says(wim, text, id);
    const { body, attachments } = await got(id);
    expect(Buffer.byteLength(body ?? "")).toBeLessThanOrEqual(2_048);
    expect(text.startsWith(body ?? "-")).toBe(true);
    expect(attachments).toMatchObject([{ contentType: "text/x-signal-plain" }]);
    const [pointer] = attachments;
    expect(pointer && (await opened(pointer)).toString()).toBe(text);
  });
});
