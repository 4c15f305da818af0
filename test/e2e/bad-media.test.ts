import { deflateSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { networkNames } from "../../tools/world/networks.ts";
import { fastest } from "../kit/fastest.ts";
import { anaOnSynapse } from "../kit/on-synapse.ts";
import type { OpenChat } from "../kit/open-chat.ts";
import type { ShownEvent } from "../kit/other-client.ts";
import { base64, blob, picture, sha256, wav } from "../kit/sample-files.ts";
import { movieFile, oggOpus, webm } from "../kit/sample-recordings.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const bytesOf = (text: string): Bytes => Uint8Array.from(Buffer.from(text));
const svg = bytesOf(
  '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)" width="9" height="9"/>',
);
const html = bytesOf("<!DOCTYPE html><html><script>alert(1)</script></html>");

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc(body));
  return Buffer.concat([length, body, sum]);
}

function crc(bytes: Buffer): number {
  let value = ~0;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit += 1) value = (value >>> 1) ^ (value & 1 ? 0xed_b8_83_20 : 0);
  }
  return ~value >>> 0;
}

/** A PNG of 30,000 by 30,000 pixels in a hundred kilobytes. */
function pixelBomb(): Bytes {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(30_000, 0);
  header.writeUInt32BE(30_000, 4);
  header.set([1, 0, 0, 0, 0], 8);
  const rows = deflateSync(Buffer.alloc(3751 * 30_000), { level: 9 });
  const signature = Buffer.from("89504e470d0a1a0a", "hex");
  const parts = [signature, chunk("IHDR", header), chunk("IDAT", rows), chunk("IEND", Buffer.alloc(0))];
  return Uint8Array.from(Buffer.concat(parts));
}

/** Control and bidi characters, and what leads out of a folder. */
const harmful = /[\p{Cc}\p{Bidi_Control}/\\]|^\.\./u;

// Without ffmpeg: nothing here may depend on it.
const here = anaOnSynapse({ secrets: ["Boris Bom", "canary-8f"], bridgeEnvironment: { PATH: "/nowhere" } });

describe.each(networkNames)("bad input on %s", (network) => {
  let chat: OpenChat;
  let running: number | undefined;

  beforeAll(async () => {
    chat = await here.chat(network, `Boris Bom ${network}`);
    running = here.world.world.bridge.pid;
  });

  const fileOf = (bytes: Bytes) => (event: ShownEvent) =>
    event.sender === chat.ghost && (event.content["info"] as { size?: number })?.size === bytes.length;

  test.each([
    ["an SVG as a PNG", svg, "image", "image/png"],
    ["HTML as a JPEG", html, "image", "image/jpeg"],
    ["a picture bomb", pixelBomb(), "image", "image/png"],
    ["noise as a video", blob(5000), "video", "video/mp4"],
    ["noise as a voice note", blob(5001), "voice", "audio/ogg; codecs=opus"],
    ["HTML as a file", html, "file", "text/html"],
    ["a truncated JPEG", Uint8Array.from(Buffer.from("ffd8ffe000104a464946", "hex")), "image", "image/jpeg"],
  ])("%s is shown as what it is, and the chat goes on", async (_what, bytes, as, mimetype) => {
    const shown = new Set<string>();
    const sent = async (): Promise<number> => {
      const start = performance.now();
      await chat.does("sends", { as, media: base64(bytes), mimetype, seconds: 3 });
      const event = await chat.event("the file", (one) => fileOf(bytes)(one) && !shown.has(one.id));
      shown.add(event.id);
      const info = event.content["info"] as Readonly<Record<string, unknown>>;
      expect(info["mimetype"]).not.toMatch(/svg|html/);
      if (/^(SVG|HTML|noise)/.test(_what)) expect(event.content["msgtype"]).toBe("m.file");
      const { bytes: kept, type } = await here.viewer.download(event.content["url"]);
      expect(sha256(kept)).toBe(sha256(bytes));
      expect(type).not.toMatch(/svg|html/);
      await chat.stillWorks();
      return performance.now() - start;
    };
    expect(await fastest(sent, 15_000)).toBeLessThan(15_000);
    expect(here.world.world.bridge.pid).toBe(running);
  });

  test("names with control, bidi and path characters are made harmless", async () => {
    const bytes = blob(333);
    const name = "../../etc/\u202Egnp.exe\u0000\u0007\n/canary-8f.txt";
    await chat.does("sends", { as: "file", media: base64(bytes), mimetype: "text/plain", name });
    const { content } = await chat.event("the file", fileOf(bytes));
    expect(String(content["filename"] ?? content["body"])).not.toMatch(harmful);

    const url = await here.viewer.upload(bytes, "text/plain");
    await chat.send({ msgtype: "m.file", body: name, url, info: { mimetype: "text/plain", size: 333 } });
    const item = await chat.shows("the file", ({ media }) => media?.size === 333);
    expect(item.media?.name).not.toMatch(harmful);
  });

  test("an SVG, and a file that is not there, from our side end in words or as a file", async () => {
    const url = await here.viewer.upload(svg, "image/png");
    const info = { mimetype: "image/png", size: svg.length, w: 9, h: 9 };
    const lying = await chat.send({ msgtype: "m.image", body: "evil.png", url, info });
    await chat.notice(/./, lying);
    const { items } = await chat.phone.inbox();
    expect(items.filter(({ kind }) => kind === "image")).toEqual([]);
    const nowhere = "mxc://localhost/AAAAAAAAAAAAAAAAAAAAAAAA";
    await chat.notice(/./, await chat.send({ msgtype: "m.image", body: "x.png", url: nowhere, info }));
    await chat.stillWorks();
  });

  test("a recording and a video of which nobody says the length or size have them, both ways", async () => {
    const [voice, film] = [
      oggOpus(3),
      movieFile("isom", { seconds: 6, picture: { width: 320, height: 240 } }),
    ];
    await chat.does("sends", { as: "voice", media: base64(voice), mimetype: "audio/ogg; codecs=opus" });
    const heard = await chat.event("the recording", fileOf(voice));
    expect(heard.content["info"]).toMatchObject({ duration: 3000 });
    await chat.does("sends", { as: "video", media: base64(film), mimetype: "video/mp4" });
    const seen = await chat.event("the video", fileOf(film));
    expect(seen.content["info"]).toMatchObject({ duration: 6000, w: 320, h: 240 });

    const spoken = await here.viewer.upload(voice, "audio/ogg");
    const isVoice = { "org.matrix.msc3245.voice": {} };
    await chat.send({ msgtype: "m.audio", body: "Voice message", url: spoken, ...isVoice });
    expect(await chat.shows("the recording", ({ kind }) => kind === "voice")).toMatchObject({ seconds: 3 });
    await chat.send({
      msgtype: "m.video",
      body: "film.mp4",
      url: await here.viewer.upload(film, "video/mp4"),
    });
    const shown = await chat.shows("the video", ({ kind }) => kind === "video");
    expect(shown).toMatchObject({ seconds: 6, width: 320, height: 240 });
  });

  test("a picture is sent as the picture it is, whatever a client says of it", async () => {
    const bytes = await picture("jpeg", 60, 44);
    const url = await here.viewer.upload(bytes, "application/octet-stream");
    for (const [content, type = "m.room.message"] of [
      [{ msgtype: "m.image" }],
      [{ msgtype: "m.image", info: null }],
      [{ msgtype: "m.image", info: { mimetype: "image/*" } }],
      [{ msgtype: "m.image", info: { mimetype: "text/html", size: "many" } }],
      [{ msgtype: "m.image", info: { mimetype: "IMAGE/JPEG; charset=x" } }],
      [{ msgtype: "m.video", info: [] }],
      [{ msgtype: "m.audio", info: { mimetype: "audio/mpeg" } }],
      [{}, "m.sticker"],
    ] as const) {
      await chat.send({ body: "photo", url, ...content }, type);
      const item = await chat.shows("the picture", ({ kind }) => kind === "image");
      expect(item).toMatchObject({ width: 60, height: 44, media: { mimetype: "image/jpeg" } });
      expect(item.media?.sha256).toBe(sha256(bytes));
    }
  });

  test("a film is sent as the film it is, whatever recording a client calls it", async () => {
    const film = movieFile("isom", { seconds: 6, picture: { width: 320, height: 240 } });
    const url = await here.viewer.upload(film, "audio/mp4");
    for (const voice of [{}, { "org.matrix.msc3245.voice": {} }]) {
      await chat.send({ msgtype: "m.audio", body: "film", url, info: { mimetype: "audio/mp4" }, ...voice });
      const item = await chat.shows("the film", ({ kind }) => kind === "video");
      expect(item).toMatchObject({ seconds: 6, width: 320, height: 240, media: { mimetype: "video/mp4" } });
    }
  });

  test("a gallery is taken apart, in order, and is taken back whole", async () => {
    const pictures = await Promise.all([31, 32, 33].map((side) => picture("jpeg", side, 30)));
    const urls = await Promise.all(pictures.map((bytes) => here.viewer.upload(bytes, "image/jpeg")));
    const itemtypes = [
      ...urls.map((url, index) => ({ itemtype: "m.image", body: `${index}.jpg`, url })),
      { itemtype: "m.image", body: "nothing.jpg" },
    ];
    const sent = await chat.send({ msgtype: "dm.filament.gallery", body: "three of them", itemtypes });
    await chat.notice(/Item 4 of the 4 in the gallery/, sent);
    await chat.shows("the third", ({ width }) => width === 33);
    const { items: shown } = await chat.phone.inbox();
    const items = shown.filter(({ kind, width = 0 }) => kind === "image" && width > 30 && width < 34);
    expect(items.map(({ width, caption }) => [width, caption])).toEqual([
      [31, "three of them"],
      [32, undefined],
      [33, undefined],
    ]);
    await chat.redact(sent);
    for (const { id } of items) {
      await chat.shows("that each is gone", ({ kind, target }) => kind === "delete" && target === id);
    }
  });

  test("what is no picture there is a file, and an empty one is called empty, on that very message", async () => {
    const film = webm({ told: 2, blocks: [0, 1], picture: { width: 320, height: 240 } });
    const sent = { msgtype: "m.video", body: "film.webm", url: await here.viewer.upload(film, "video/webm") };
    await chat.notice(/takes no videos of type video\/webm here.*file/, await chat.send(sent));
    const item = await chat.shows("the video", ({ media }) => media?.sha256 === sha256(film));
    expect(item).toMatchObject({ kind: "file", media: { name: "film.webm", mimetype: "video/webm" } });
    const nothing = await here.viewer.upload(new Uint8Array(0), "image/png");
    const empty = await chat.send({ msgtype: "m.image", body: "nothing.png", url: nothing });
    await chat.notice(/picture is empty.*0 bytes/, empty);
    const effect = await chat.send({ msgtype: "nic.custom.confetti", body: "hooray 8f" });
    await chat.heard("hooray 8f");
    await chat.notice(/only its text/, effect);
  });

  test("a recording where there is no converter is sent as audio, with a word about it", async () => {
    const bytes = wav();
    const url = await here.viewer.upload(bytes, "audio/wav");
    const info = { mimetype: "audio/wav", size: bytes.length, duration: 1000 };
    const voice = { "org.matrix.msc3245.voice": {}, "org.matrix.msc1767.audio": { duration: 1000 } };
    const event = await chat.send({ msgtype: "m.audio", body: "Voice message", url, info, ...voice });
    const item = await chat.shows("the recording", ({ media }) => media?.sha256 === sha256(bytes));
    expect(item.kind).not.toBe("voice");
    await chat.notice(/voice note|recording|audio/i, event);
  });

  test("a caption as long as allowed crosses, a longer one is refused with the number", async () => {
    const bytes = await picture("png", 20, 20);
    const url = await here.viewer.upload(bytes, "image/png");
    const info = { mimetype: "image/png", size: bytes.length, w: 20, h: 20 };
    const content = { msgtype: "m.image", filename: "c.png", url, info };
    await chat.send({ ...content, body: "c".repeat(1024) });
    await chat.shows("the longest caption", ({ caption }) => caption?.length === 1024);
    await chat.notice(/1025.*1024/, await chat.send({ ...content, body: "c".repeat(1025) }));
    await chat.does("sends", {
      as: "image",
      media: base64(bytes),
      mimetype: "image/png",
      caption: "y".repeat(60_000),
    });
    await chat.event("the image with a long caption", fileOf(bytes));
    await chat.stillWorks();
  });

  test("what refers to another room's event, or to what one did not write, never crosses", async () => {
    const other = await here.chat(network, `Ada Ander ${network}`);
    const { event: foreign } = await other.said("only for the other room, canary-8f");
    await chat.reply(foreign, { msgtype: "m.text", body: "an answer across" });
    expect(await chat.heard("an answer across")).not.toHaveProperty("target");
    await expect(chat.edit(foreign, "an edit across")).rejects.toThrow("400");
    await expect(chat.react(foreign, "👍")).rejects.toThrow("400");
    const { id: notice } = await chat.notice(/./);
    await chat.notice(/changed.*does not know/, await chat.edit(notice, "an edit of the bot's"));
    await chat.notice(/reacted.*does not know/, await chat.react(notice, "👍"));
    const theirs = await chat.text(`${chat.name} says hello`);
    await chat.notice(/Only who wrote a message/, await chat.edit(theirs.id, "put in their mouth"));
    await chat.edit(theirs.id, "put there once more");
    // Words that were said before are a mark from then on.
    await chat.event(
      "the mark",
      ({ id, reactions }) => id === theirs.id && Object.keys(reactions).length === 1,
    );

    const { id, event } = await chat.said("mine alone");
    await chat.does("deletes", { target: id });
    await chat.does("edits", { target: id, text: "changed by another" });
    await chat.notice(/tried to delete a message they did not write/);
    await chat.notice(/tried to change a message they did not write/);
    const { id: sealed } = await other.said("theirs alone");
    await chat.does("reacts", { target: sealed, emoji: "👻" });
    const { events } = await chat.stillWorks();
    const mine = events.find((each) => each.id === event);
    expect(mine).toMatchObject({ redacted: false, edited: false, content: { body: "mine alone" } });
    const elsewhere = await other.stillWorks();
    expect(JSON.stringify(elsewhere.events)).not.toMatch(/👻|an edit across|an answer across/);
    expect(JSON.stringify(await chat.phone.inbox())).not.toMatch(
      /canary-8f"|an edit across|put in their mouth/,
    );
  });

  test("a media host that is down is asked again until it answers", async () => {
    await here.world.control.call("POST", "/faults", { fault: "media-down", network, count: 1 });
    const bytes = blob(777);
    await chat.does("sends", { as: "file", media: base64(bytes), mimetype: "text/plain", name: "late.txt" });
    await chat.event("the file, once the host is back", fileOf(bytes));
  });
});
