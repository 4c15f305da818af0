import { beforeAll, describe, expect, test } from "@jest/globals";
import { networkNames } from "../../tools/world/networks.ts";
import { anaOnSynapse } from "../kit/on-synapse.ts";
import type { OpenChat } from "../kit/open-chat.ts";
import type { ShownEvent } from "../kit/other-client.ts";
import {
  base64,
  blob,
  hasFfmpeg,
  movie,
  picture,
  sha256,
  voiceNote,
  wav,
  webmRecording,
} from "../kit/sample-files.ts";

const where = hasFfmpeg ? test : test.skip;
const infoOf = ({ content }: ShownEvent) => content["info"] as Readonly<Record<string, unknown>>;

const here = anaOnSynapse({
  secrets: ["Iris Beeld", "canary-7c", "canary-7c.bin"],
  synapseExtra: { max_upload_size: "3M" },
});

describe.each(networkNames)("files on %s", (network) => {
  let chat: OpenChat;

  beforeAll(async () => {
    chat = await here.chat(network, `Iris Beeld ${network}`);
  });

  const shown = (caption: string): Promise<ShownEvent> =>
    chat.event(`a file with “${caption}”`, ({ content }) => content["body"] === caption);

  test("an image arrives with its caption, size, blurhash and thumbnail, byte for byte", async () => {
    const bytes = await picture("jpeg", 1200, 900);
    const media = { as: "image", media: base64(bytes), mimetype: "image/jpeg" };
    await chat.does("sends", { ...media, caption: "*Bold* canary-7c" });
    const event = await chat.event("the image", ({ content }) => content["msgtype"] === "m.image");
    expect(event.content).toMatchObject({ body: "Bold canary-7c", filename: expect.any(String) });
    expect(String(event.content["formatted_body"])).toMatch(/<(strong|b)>Bold<\/\1> canary-7c/);
    expect(infoOf(event)).toMatchObject({
      mimetype: "image/jpeg",
      size: bytes.length,
      w: 1200,
      h: 900,
      "xyz.amorgan.blurhash": expect.any(String),
      thumbnail_info: { mimetype: "image/jpeg", w: 800, h: 600 },
    });
    const file = await here.viewer.download(event.content["url"]);
    expect(sha256(file.bytes)).toBe(sha256(bytes));
    expect(file.type).toMatch(/^image\/jpeg/);
    const thumbnail = await here.viewer.download(infoOf(event)["thumbnail_url"]);
    expect(thumbnail.bytes.subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
  });

  test("an image with a caption reaches the phone through the gatekeeper's proxy, byte for byte", async () => {
    const bytes = await picture("png");
    const url = await here.viewer.upload(bytes, "image/png");
    const info = { mimetype: "image/png", size: bytes.length, w: 64, h: 48 };
    await chat.send({ msgtype: "m.image", body: "a caption", filename: "sea.png", url, info });
    const item = await chat.shows("the image", ({ kind }) => kind === "image");
    expect(item).toMatchObject({ caption: "a caption", width: 64, height: 48 });
    expect(item.media).toMatchObject({ sha256: sha256(bytes), size: bytes.length, mimetype: "image/png" });
    expect(sha256(await chat.phone.media(item.id))).toBe(sha256(bytes));
  });

  test("a file keeps its name and caption both ways", async () => {
    const bytes = blob(100_000);
    const media = { as: "file", media: base64(bytes), mimetype: "application/octet-stream" };
    await chat.does("sends", { ...media, name: "canary-7c.bin", caption: "look at this" });
    const event = await shown("look at this");
    expect(event.content).toMatchObject({ msgtype: "m.file", filename: "canary-7c.bin" });
    expect(sha256((await here.viewer.download(event.content["url"])).bytes)).toBe(sha256(bytes));

    const url = await here.viewer.upload(bytes, "application/pdf");
    const info = { mimetype: "application/pdf", size: bytes.length };
    await chat.send({ msgtype: "m.file", body: "read this", filename: "report.pdf", url, info });
    const item = await chat.shows("the file", ({ kind }) => kind === "file");
    expect(item).toMatchObject({ caption: "read this", media: { name: "report.pdf", size: bytes.length } });
    expect(sha256(await chat.phone.media(item.id))).toBe(sha256(bytes));
  });

  where("a voice note arrives as one, with its length and waveform", async () => {
    const bytes = voiceNote();
    const waveform = Array.from({ length: 64 }, (_, at) => at);
    const media = { as: "voice", media: base64(bytes), mimetype: "audio/ogg; codecs=opus" };
    await chat.does("sends", { ...media, seconds: 2, waveform });
    const event = await chat.event("the voice note", ({ content }) => content["msgtype"] === "m.audio");
    expect(event.content).toHaveProperty(["org.matrix.msc3245.voice"]);
    expect(infoOf(event)).toMatchObject({ mimetype: "audio/ogg", duration: expect.any(Number) });
    const audio = event.content["org.matrix.msc1767.audio"] as { duration: number; waveform: number[] };
    expect(Math.abs(audio.duration - 2000)).toBeLessThan(100);
    expect(audio.waveform.length).toBeGreaterThanOrEqual(30);
    expect(Math.max(...audio.waveform)).toBeLessThanOrEqual(1024);
    expect(sha256((await here.viewer.download(event.content["url"])).bytes)).toBe(sha256(bytes));
  });

  where("a recording of another kind is made a voice note", async () => {
    const bytes = webmRecording();
    const url = await here.viewer.upload(bytes, "audio/webm");
    await chat.send({
      msgtype: "m.audio",
      body: "Voice message",
      url,
      info: { mimetype: "audio/webm", size: bytes.length, duration: 2000 },
      "org.matrix.msc3245.voice": {},
      "org.matrix.msc1767.audio": {
        duration: 2000,
        waveform: Array.from({ length: 40 }, (_, at) => at * 25),
      },
    });
    const item = await chat.shows("the voice note", ({ kind }) => kind === "voice");
    expect(item).toMatchObject({ seconds: 2, media: { mimetype: expect.stringMatching(/^audio\/ogg/) } });
    expect(item.waveform).toHaveLength(64);
    const heard = Buffer.from(await chat.phone.media(item.id));
    expect(heard.subarray(0, 4).toString()).toBe("OggS");
    expect(heard.includes("OpusHead")).toBe(true);
  });

  where("a video has its length and picture, and a GIF loops, both ways", async () => {
    const bytes = movie();
    const media = { media: base64(bytes), mimetype: "video/mp4" };
    await chat.does("sends", { as: "video", ...media, caption: "moving", seconds: 2 });
    const video = await shown("moving");
    expect(video.content["msgtype"]).toBe("m.video");
    expect(infoOf(video)).toMatchObject({
      w: 160,
      h: 120,
      mimetype: "video/mp4",
      thumbnail_url: expect.stringMatching(/^mxc:/),
    });
    expect(Math.abs(Number(infoOf(video)["duration"]) - 2000)).toBeLessThan(200);
    await chat.does("sends", { as: "gif", ...media, caption: "round and round" });
    expect(infoOf(await shown("round and round"))).toMatchObject({ "fi.mau.gif": true, "fi.mau.loop": true });

    const url = await here.viewer.upload(bytes, "video/mp4");
    const info = { mimetype: "video/mp4", size: bytes.length, w: 160, h: 120, duration: 2000 };
    await chat.send({ msgtype: "m.video", body: "to you", filename: "clip.mp4", url, info });
    const item = await chat.shows("the video", ({ kind }) => kind === "video");
    expect(item).toMatchObject({ caption: "to you", seconds: 2, width: 160, height: 120 });
    await chat.send({ msgtype: "m.video", body: "loop.mp4", url, info: { ...info, "fi.mau.gif": true } });
    const gif = await chat.shows("the GIF", ({ kind }) => kind === "gif");
    expect(sha256(await chat.phone.media(gif.id))).toBe(sha256(bytes));
  });

  test("an image of a kind the network does not take crosses as one it does", async () => {
    const bytes = await picture("webp", 40, 30);
    const url = await here.viewer.upload(bytes, "image/webp");
    const event = await chat.send({
      msgtype: "m.image",
      body: "new.webp",
      url,
      info: { mimetype: "image/webp", size: bytes.length, w: 40, h: 30 },
    });
    const item = await chat.shows("the picture", ({ kind, width }) => kind === "image" && width === 40);
    expect(item.media?.mimetype).toMatch(/^image\/(jpeg|png)$/);
    expect((await chat.phone.media(item.id)).length).toBe(item.media?.size);
    expect(event).not.toBe("");
  });

  test("audio that is no voice note is a file", async () => {
    const bytes = wav();
    const url = await here.viewer.upload(bytes, "audio/wav");
    const info = { mimetype: "audio/wav", size: bytes.length };
    await chat.send({ msgtype: "m.audio", body: "song.wav", url, info });
    const item = await chat.shows(
      "the song",
      ({ kind, media }) => kind === "file" && media?.name === "song.wav",
    );
    expect(item.media?.sha256).toBe(sha256(bytes));
  });

  test("the network's limit is said with its number before anything is uploaded", async () => {
    const limits = { media: { file: { size: 50_000, mimetypes: ["*/*"] } } };
    await here.world.control.call("POST", `/networks/${network}`, { limits });
    await chat.asks(`capabilities ${network}`, /files: up to 49 KiB/);
    const url = await here.viewer.upload(blob(60_000), "application/zip");
    const info = { mimetype: "application/zip", size: 60_000 };
    const event = await chat.send({ msgtype: "m.file", body: "big.zip", url, info });
    const { content } = await chat.notice(/Not delivered.*59 KiB.*49 KiB/s, event);
    expect(String(content["body"])).toMatch(/smaller/);
    const other = await here.viewer.upload(blob(70_000), "application/zip");
    const lie = { msgtype: "m.file", body: "liar.zip", url: other, info: { ...info, size: 10 } };
    await chat.notice(/68 KiB.*49 KiB/s, await chat.send(lie));
    const back = { media: { file: { size: 100 << 20, mimetypes: ["*/*"] } } };
    await here.world.control.call("POST", `/networks/${network}`, { limits: back });
  });

  test("a file over the homeserver's own limit ends in words, and the chat goes on", async () => {
    const media = { as: "file", media: base64(blob(4 << 20)), mimetype: "application/zip", name: "huge.zip" };
    await chat.does("sends", media);
    await chat.event("words with the limit", ({ content }) => /3(?:\.0)? MiB/.test(String(content["body"])));
    await chat.stillWorks();
  });
});
