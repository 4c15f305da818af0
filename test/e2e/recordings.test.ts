import { readFileSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type TemporaryFolder, temporaryFolder } from "../kit/temporary-folder.ts";
import { hasFfmpeg, made, mediaTools } from "../unit/media/fixtures.ts";

const withFfmpeg = hasFfmpeg ? describe : describe.skip;

const tone = (seconds: number) => ["-f", "lavfi", "-i", `sine=frequency=440:duration=${seconds}`];
const pattern = (seconds: number, size: string) => [
  "-f",
  "lavfi",
  "-i",
  `testsrc=d=${seconds}:s=${size}:r=10`,
];
/** The first page of a recording, as far as it is looked at. */
const OGG = `OggS\u0000\u0002${"\u0000".repeat(20)}\u0001\u0013OpusHead\u0001\u0001${"\u0000".repeat(90)}`;
const quick = ["-preset", "ultrafast", "-pix_fmt", "yuv420p"];

withFfmpeg("with ffmpeg", () => {
  let folder: TemporaryFolder;
  beforeAll(() => {
    folder = temporaryFolder();
  });
  afterAll(() => folder[Symbol.dispose]());

  const make = (name: string, ...args: readonly string[]) => readFileSync(made(folder.path, name, ...args));

  test("a video has its size, length, first frame and blurhash", async () => {
    await using it = await mediaTools();
    const film = make("film.mp4", ...pattern(2, "1600x900"), ...tone(2), ...quick);
    const found = await it.look(film, "video");
    expect(found).toMatchObject({ mimetype: "video/mp4", width: 1600, height: 900 });
    expect(found.thumbnail).toMatchObject({ width: 800, height: 450 });
    expect(found.seconds).toBeCloseTo(2, 0);
    expect(found.blurhash).toHaveLength(28);
  });

  test("a video that is shown turned is measured turned", async () => {
    await using it = await mediaTools();
    const flat = made(folder.path, "flat.mp4", ...pattern(1, "320x200"), ...quick);
    const turned = make("turned.mp4", "-i", flat, "-c", "copy", "-metadata:s:v:0", "rotate=90");
    const found = await it.look(turned, "gif");
    expect(found).toMatchObject({ width: 200, height: 320, thumbnail: { width: 200, height: 320 } });
  });

  test.each([
    ["note.ogg", "audio/ogg", ["-c:a", "libopus"]],
    ["note.m4a", "audio/mp4", []],
    ["note.mp3", "audio/mpeg", []],
    ["note.wav", "audio/wav", []],
    ["note.webm", "audio/webm", ["-c:a", "libopus"]],
  ] as const)("a recording %s has its length and loudness", async (name, mimetype, codec) => {
    await using it = await mediaTools();
    const quiet = ["-af", "volume='if(lt(t,1),0.05,1)':eval=frame"];
    const found = await it.look(make(name, ...tone(2), ...quiet, ...codec), "voice");
    expect(found.mimetype).toBe(mimetype);
    expect(found.seconds).toBeCloseTo(2, 0);
    expect(found.waveform).toHaveLength(64);
    const waveform = found.waveform ?? [];
    expect(Math.max(...waveform)).toBe(100);
    expect(Math.max(...waveform.slice(4, 26))).toBeLessThan(20);
    expect(Math.min(...waveform.slice(38, 60))).toBeGreaterThan(60);
  });

  test("silence is flat, and a recording of no length has no loudness", async () => {
    await using it = await mediaTools();
    const silence = make("silence.wav", "-f", "lavfi", "-i", "anullsrc=d=1:r=8000");
    expect((await it.look(silence, "voice")).waveform).toEqual(Array.from({ length: 64 }, () => 0));
    expect(await it.look(silence.subarray(0, 44), "voice")).toEqual({ mimetype: "audio/wav" });
  });

  test("music has its length", async () => {
    await using it = await mediaTools();
    const found = await it.look(make("song.mp3", ...tone(3)), "audio");
    expect(found).toEqual({ mimetype: "audio/mpeg", seconds: found.seconds });
    expect(found.seconds).toBeCloseTo(3, 0);
  });

  test("a recording becomes a voice note: ogg, opus, one channel", async () => {
    await using it = await mediaTools();
    const stereo = make("stereo.mp3", ...tone(2), "-ac", "2", "-metadata", "title=canary");
    await using file = await it.spool(stereo);
    await using note = await it.tools.toVoiceNote(file);
    const bytes = readFileSync(note?.path ?? "");
    expect(note?.size).toBe(bytes.length);
    const head = bytes.indexOf("OpusHead");
    expect(bytes.subarray(0, 4).toString()).toBe("OggS");
    expect([head, bytes[head + 9]]).toEqual([28, 1]);
    expect(bytes.includes("canary")).toBe(false);
    const found = note && (await it.tools.inspect(note, "voice"));
    expect(found?.mimetype).toBe("audio/ogg");
    expect(found?.seconds).toBeCloseTo(2, 0);
  });

  test("or, for networks that take it, AAC in a stream, one channel", async () => {
    await using it = await mediaTools();
    const stereo = make("stereo.mp3", ...tone(2), "-ac", "2", "-metadata", "title=canary");
    await using file = await it.spool(stereo);
    await using note = await it.tools.toVoiceNote(file, "aac");
    const bytes = readFileSync(note?.path ?? "");
    // ADTS: 12 bits of sync word; AAC LC (1), 44,100 Hz (4), one channel.
    expect(bytes.readUInt16BE(0) >> 4).toBe(0xfff);
    const [profile, rate] = [(bytes[2] ?? 0) >> 6, ((bytes[2] ?? 0) >> 2) & 15];
    const channels = (((bytes[2] ?? 0) & 1) << 2) | ((bytes[3] ?? 0) >> 6);
    expect({ profile, rate, channels }).toEqual({ profile: 1, rate: 4, channels: 1 });
    expect(bytes.includes("canary")).toBe(false);
    const found = note && (await it.tools.inspect(note, "voice"));
    expect(found?.mimetype).toBe("audio/aac");
    expect(found?.seconds).toBeCloseTo(2, 0);
  });

  test("what is no recording becomes no voice note, and nothing is left of the try", async () => {
    await using it = await mediaTools();
    const silent = make("silent.mp4", ...pattern(1, "64x64"), ...quick);
    for (const bytes of [silent, "OggS garbage", "<svg/>", ""]) {
      await using file = await it.spool(bytes);
      expect(await it.tools.toVoiceNote(file)).toBeUndefined();
    }
  });

  test("a GIF that moves becomes a video, one that stands still does not", async () => {
    await using it = await mediaTools();
    const still = make("still.gif", ...pattern(1, "64x48"), "-frames:v", "1");
    const moving = make("moving.gif", ...pattern(1, "101x75"));
    for (const bytes of [still, moving.subarray(0, 30), "GIF89a<script>", "<svg/>"]) {
      await using file = await it.spool(bytes);
      expect(await it.tools.toLoop(file)).toBeUndefined();
    }
    await using file = await it.spool(moving);
    await using film = await it.tools.toLoop(file);
    const found = film && (await it.tools.inspect(film, "gif"));
    expect(found).toMatchObject({ mimetype: "video/mp4", width: 100, height: 74 });
    expect(found?.seconds).toBeCloseTo(1, 0);
  });

  test("a video cut off, or of a playlist naming other files, is not described", async () => {
    await using it = await mediaTools();
    const film = make("cut.mp4", ...pattern(1, "320x200"), ...quick);
    expect(await it.look(film.subarray(0, 2000), "video")).toEqual({ mimetype: "video/mp4" });
    const playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n";
    expect(await it.look(playlist, "video")).toEqual({ mimetype: "text/plain" });
    const concat = "ffconcat version 1.0\nfile /etc/passwd\n";
    expect(await it.look(concat, "video")).toEqual({ mimetype: "text/plain" });
  });
});

test("disposing ends what runs", async () => {
  using programs = temporaryFolder();
  const started = join(programs.path, "started");
  for (const name of ["ffmpeg", "ffprobe"]) {
    const script = `#!/bin/sh\n: > ${started}\nexec sleep 60\n`;
    writeFileSync(join(programs.path, name), script, { mode: 0o755 });
  }
  const { promise: runs, resolve: seen } = Promise.withResolvers<void>();
  const watcher = watch(programs.path, (_, name) => {
    if (name === "started") seen();
  });
  const it = await mediaTools(programs.path);
  const looked = it.look(OGG, "voice");
  await runs;
  watcher.close();
  await it[Symbol.asyncDispose]();
  expect(await looked).toEqual({ mimetype: "audio/ogg" });
});

describe("without ffmpeg", () => {
  const mp4 = `\u0000\u0000\u0000\u0018ftypmp42\u0000\u0000\u0000\u0000mp42isom${"\u0000".repeat(90)}`;

  test("recordings and videos are told by type alone, and nothing is converted", async () => {
    await using it = await mediaTools("");
    expect(await it.look(OGG, "voice")).toEqual({ mimetype: "audio/ogg" });
    expect(await it.look(mp4, "video")).toEqual({ mimetype: "video/mp4" });
    expect(await it.look(mp4, "voice")).toEqual({ mimetype: "audio/mp4" });
    await using file = await it.spool(OGG);
    expect(await it.tools.toVoiceNote(file)).toBeUndefined();
    expect(await it.tools.toLoop(file)).toBeUndefined();
    expect(it.logged).toEqual([expect.stringContaining("ffmpeg was not found")]);
  });

  test("a relative search path finds nothing: no program is started from where files are", async () => {
    await using it = await mediaTools(".:bin:");
    expect(it.logged).toHaveLength(1);
  });
});
