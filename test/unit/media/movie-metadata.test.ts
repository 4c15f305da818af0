import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { movie, webmRecording } from "../../kit/sample-files.ts";
import { box, movieFile, u32, webm } from "../../kit/sample-recordings.ts";
import { bared, hasFfmpeg, made, mediaTools } from "./fixtures.ts";

const CANARY = "canary-52.0907N";
const latin = (words: string): Buffer => Buffer.from(words, "latin1");

describe("what a camera notes in a video is taken out, and nothing in it moves", () => {
  test("places, dates, names, and what programs hang on", async () => {
    await using it = await mediaTools("");
    const size = { width: 64, height: 48 };
    const plain = movieFile("isom", { seconds: 2, picture: size });
    const inside = [
      box("udta", box("\u00a9xyz", latin(CANARY))),
      box("meta", u32(0), latin(CANARY)),
      box("uuid", latin(CANARY)),
    ];
    const after = [box("uuid", latin(CANARY)), box("skip", latin(CANARY)), latin(CANARY)];
    const noted = movieFile("isom", { seconds: 2, picture: size, inside, after, made: 3_900_000_000 });
    const bare = (await bared(it, noted)) as Buffer;
    expect(bare.length).toBe(noted.length);
    expect(bare.includes(CANARY)).toBe(false);
    expect(bare.includes(u32(3_900_000_000))).toBe(false);
    expect(bare.indexOf("mdat")).toBe(Buffer.from(noted).indexOf("mdat"));
    expect(await it.look(bare, "video")).toEqual(await it.look(plain, "video"));
  });

  test("a track of places is gone, with its samples", async () => {
    await using it = await mediaTools("");
    const samples = latin(`${CANARY}${CANARY}`);
    const film = (at: number) => {
      const table = box(
        "stbl",
        box("stsc", u32(0, 1, 1, 1, 1)),
        box("stsz", u32(0, CANARY.length, 2)),
        box("stco", u32(0, 2, at, at + CANARY.length)),
      );
      const handler = box("hdlr", u32(0, 0), latin("meta"), Buffer.alloc(13));
      const track = box("trak", box("mdia", handler, box("minf", table)));
      const inside = [track];
      return Buffer.from(movieFile("isom", { seconds: 2, inside, after: [box("mdat", samples)] }));
    };
    const bytes = film(film(0).indexOf(CANARY));
    const bare = (await bared(it, bytes)) as Buffer;
    expect(bare.length).toBe(bytes.length);
    expect(bare.includes(CANARY)).toBe(false);
  });

  test("a WebM says nothing but what it shows", async () => {
    await using it = await mediaTools("");
    const size = { width: 64, height: 48 };
    const noted = Buffer.from(webm({ told: 3, blocks: [0, 2], picture: size, tag: CANARY.repeat(12) }));
    const bare = (await bared(it, noted)) as Buffer;
    expect([bare.length, bare.includes(CANARY)]).toEqual([noted.length, false]);
    expect(await it.look(bare, "video")).toEqual({ mimetype: "video/webm", seconds: 3, ...size });
    expect(await bared(it, webm({ blocks: [0] }))).toBe("clean");
  });

  test("of a film that was cut short, what is there stays", async () => {
    await using it = await mediaTools("");
    const frames = latin("frames ".repeat(20));
    const whole = Buffer.from(movieFile("isom", { seconds: 2, after: [box("mdat", frames)] }));
    for (const cut of [whole.subarray(0, -40), Buffer.concat([whole, box("moof", frames).subarray(0, -9)])]) {
      expect(await bared(it, cut)).toBe("clean");
    }
    const inside = [box("udta", latin(CANARY))];
    const noted = Buffer.from(movieFile("isom", { seconds: 2, inside, after: [box("mdat", frames)] }));
    const bare = (await bared(it, noted.subarray(0, -40))) as Buffer;
    expect(bare.includes(CANARY)).toBe(false);
    expect(bare.subarray(-100)).toEqual(whole.subarray(0, -40).subarray(-100));
  });

  test("a film of very many fragments keeps all of them, and one of too many is not touched", async () => {
    await using it = await mediaTools("");
    const fragments = (count: number) =>
      Array.from({ length: count }, () => [box("moof"), box("mdat", latin("frame"))]).flat();
    const film = (count: number) => movieFile("isom", { seconds: 2, after: fragments(count) });
    expect(await bared(it, film(6_000))).toBe("clean");
    const many = Buffer.concat(Array.from({ length: 100_000 }, () => box("wide")));
    expect(await bared(it, movieFile("isom", { seconds: 2, after: [many] }))).toBeUndefined();
  });

  (hasFfmpeg ? test : test.skip)("of a real one the picture is the same", async () => {
    await using it = await mediaTools();
    const path = made(
      it.folder,
      "plain.mp4",
      "-f",
      "lavfi",
      "-i",
      "testsrc=duration=1:size=64x48:rate=5",
      "-c:v",
      "libx264",
      "-pix_fmt",
      "yuv420p",
    );
    const notes = ["-metadata", `title=${CANARY}`, "-metadata", "creation_time=2026-01-02T03:04:05Z"];
    const noted = readFileSync(made(it.folder, "noted.mp4", "-i", path, "-c", "copy", ...notes));
    expect(noted.includes(CANARY)).toBe(true);
    const bare = (await bared(it, noted)) as Buffer;
    expect(bare.includes(CANARY)).toBe(false);
    expect(await it.look(bare, "video")).toEqual(await it.look(noted, "video"));
    for (const bytes of [movie(), readFileSync(path), webmRecording()]) {
      const same = await bared(it, bytes);
      expect(same === "clean" || same?.equals(bytes)).toBe(true);
    }
  });
});
