import { deflateSync } from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { wav } from "../../kit/sample-files.ts";
import { movieFile, mp3, oggOpus, webm } from "../../kit/sample-recordings.ts";
import { mediaTools, pngOf } from "./fixtures.ts";

const phone = { width: 1080, height: 1920 };

describe("without ffmpeg, length and size are read from the file", () => {
  test.each([
    ["Opus in Ogg", oggOpus(3), "audio/ogg", 3],
    ["WAV", wav(), "audio/wav", 1],
    ["MP3", mp3(2), "audio/mpeg", 2],
    ["M4A", movieFile("M4A ", { seconds: 4 }), "audio/mp4", 4],
    ["WebM", webm({ told: 5, blocks: [0, 4] }), "audio/webm", 5],
    ["WebM that a browser recorded", webm({ blocks: [0, 1, 7] }), "audio/webm", 7],
  ])("of a recording as %s", async (_, bytes, mimetype, seconds) => {
    await using it = await mediaTools("");
    for (const kind of ["voice", "audio"] as const) {
      const found = await it.look(bytes, kind);
      expect(found.mimetype).toBe(mimetype);
      expect(found.seconds).toBeCloseTo(seconds, 1);
    }
  });

  test.each([
    ["MP4", movieFile("isom", { seconds: 6, picture: phone }), "video/mp4", 6],
    ["MOV", movieFile("qt  ", { seconds: 7, picture: phone }), "video/quicktime", 7],
    ["3GP", movieFile("3gp4", { seconds: 8, picture: phone }), "video/3gpp", 8],
    ["WebM", webm({ told: 9, blocks: [0, 8], picture: phone }), "video/webm", 9],
    ["WebM that a browser recorded", webm({ blocks: [0, 8], picture: phone }), "video/webm", 8],
  ])("of a video as %s", async (_, bytes, mimetype, seconds) => {
    await using it = await mediaTools("");
    expect(await it.look(bytes, "video")).toEqual({ mimetype, seconds, ...phone });
  });

  test("a video of a phone held upright is as high as it is shown", async () => {
    await using it = await mediaTools("");
    const film = movieFile("isom", { seconds: 1, picture: { width: 1920, height: 1080, turned: true } });
    expect(await it.look(film, "video")).toMatchObject({ width: 1080, height: 1920 });
  });

  test("a video without sound is no recording, and what is no video has neither", async () => {
    await using it = await mediaTools("");
    const film = movieFile("isom", { seconds: 2, picture: phone });
    expect(await it.look(film, "voice")).toEqual({ mimetype: "audio/mp4" });
    const png = pngOf(4, 4, deflateSync(Buffer.alloc(4 * 5)));
    expect(await it.look(png, "video")).not.toHaveProperty("seconds");
  });

  test("lengths nobody can mean are not believed", async () => {
    await using it = await mediaTools("");
    for (const seconds of [0, 4_000_000]) {
      const film = movieFile("isom", { seconds, picture: phone });
      expect(await it.look(film, "video")).toEqual({ mimetype: "video/mp4", ...phone });
    }
  });
});

test("damaged recordings are described as far as they can be, and hold nobody up", async () => {
  await using it = await mediaTools("");
  const whole = [
    oggOpus(3),
    mp3(1),
    wav(),
    webm({ told: 5, blocks: [0, 4], picture: phone }),
    movieFile("isom", { seconds: 6, picture: phone }),
  ];
  const damaged = fc
    .tuple(
      fc.constantFrom(...whole),
      fc.double({ min: 0.2, max: 1, noNaN: true }),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 20 }),
    )
    .map(([bytes, part, changes]) => {
      const cut = Uint8Array.from(bytes.subarray(0, Math.ceil(bytes.length * part)));
      for (const [at, value] of changes) if (cut.length > 64) cut[12 + (at % (cut.length - 12))] = value;
      return cut;
    });
  await fc.assert(
    fc.asyncProperty(damaged, fc.constantFrom("video" as const, "voice" as const), async (bytes, kind) => {
      const { seconds = 1, width = 1, height = 1 } = await it.look(bytes, kind);
      expect([seconds, width, height].every((value) => value > 0 && Number.isFinite(value))).toBe(true);
    }),
    { numRuns: 40 },
  );
});
