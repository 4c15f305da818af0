import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../../src/core/model/errors.ts";
import { Spool } from "../../../src/media/spool.ts";
import { temporaryFolder } from "../../kit/temporary-folder.ts";
import { inPieces, mediaTools, whole } from "./fixtures.ts";

const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));

describe("the spool", () => {
  test("keeps a file private while it is needed, and gives it back as it came, as often as asked", async () => {
    await using it = await mediaTools();
    await using file = await it.spool(bytes);
    expect(file.size).toBe(bytes.length);
    expect(statSync(it.spoolFolder).mode & 0o777).toBe(0o700);
    expect(statSync(file.path).mode & 0o777).toBe(0o600);
    expect((await whole(file)).equals(bytes)).toBe(true);
    expect((await whole(file)).equals(bytes)).toBe(true);
    await file[Symbol.asyncDispose]();
    expect(existsSync(file.path)).toBe(false);
    await file[Symbol.asyncDispose]();
  });

  test("stops at the limit while the bytes come, and keeps nothing", async () => {
    await using it = await mediaTools();
    let asked = 0;
    const endless = async function* () {
      for (;;) {
        asked += 1;
        yield new Uint8Array(1000);
      }
    };
    const error = await it.tools.spool(endless(), 5000).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(BridgeError);
    expect(error).toMatchObject({ reason: "too-large", words: expect.stringMatching(/larger than/) });
    expect(asked).toBe(6);
    expect(readdirSync(it.spoolFolder)).toEqual([]);
    await using exact = await it.spool(bytes, bytes.length);
    expect(exact.size).toBe(bytes.length);
  });

  test("keeps nothing of a stream that fails, and passes its failure on", async () => {
    await using it = await mediaTools();
    const failing = async function* () {
      yield bytes;
      throw new BridgeError("remote-unreachable", { words: "Gone.", certain: true, retryAfter: 0 });
    };
    await expect(it.tools.spool(failing(), Infinity)).rejects.toMatchObject({ reason: "remote-unreachable" });
    expect(readdirSync(it.spoolFolder)).toEqual([]);
  });

  test("takes an empty file", async () => {
    await using it = await mediaTools();
    await using file = await it.spool("");
    expect([file.size, (await whole(file)).length]).toEqual([0, 0]);
  });

  test("starts empty whatever was left there, and leaves nothing", async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, "spool");
    mkdirSync(path);
    writeFileSync(join(path, "left-behind"), "secret");
    {
      await using spool = await Spool.open(path);
      expect(readdirSync(path)).toEqual([]);
      await spool.take(inPieces(bytes), Infinity);
    }
    expect(existsSync(path)).toBe(false);
  });

  test("says what to do where the folder cannot be", async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, "file");
    writeFileSync(path, "");
    await expect(Spool.open(join(path, "spool"))).rejects.toMatchObject({
      reason: "storage",
      words: `The folder ${join(path, "spool")} cannot be used for files on their way (ENOTDIR). Its administrator must name another as media.folder, or let the bridge's user write there.`,
    });
  });
});

test("a QR code is a PNG, also of bytes that are no text", async () => {
  await using it = await mediaTools();
  const { png, width, height } = await it.tools.qrCode(Uint8Array.from({ length: 70 }, (_, n) => 255 - n));
  expect(await it.look(png, "image")).toMatchObject({ mimetype: "image/png", width, height });
  expect(width).toBeGreaterThan(200);
});
