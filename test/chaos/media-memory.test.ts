import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type TemporaryFolder, temporaryFolder } from "../kit/temporary-folder.ts";
import { deflatedZeros, pngOf, written } from "../unit/media/fixtures.ts";

const MEGABYTE = 1024 * 1024;
let folder: TemporaryFolder;
let warm: string;
beforeAll(() => {
  folder = temporaryFolder();
  warm = written(folder.path, "warm.png", pngOf(8, 8, deflateSync(Buffer.alloc(8 * 9))));
});
afterAll(() => folder[Symbol.dispose]());

/** Passes files through the tools in a process of their own. */
function watched(...files: readonly string[]): { grown: number; found: readonly object[] } {
  const script = new URL("peak-memory.ts", import.meta.url).pathname;
  const out = execFileSync(process.execPath, [script, folder.path, warm, ...files], { encoding: "utf8" });
  return JSON.parse(out);
}

/** A file of 100 MB that begins as told and goes on as noise. */
function large(name: string, beginning: Uint8Array): string {
  const path = join(folder.path, name);
  const noise = randomBytes(MEGABYTE);
  const file = openSync(path, "w");
  writeSync(file, beginning);
  for (let written = 0; written < 100; written += 1) writeSync(file, noise);
  closeSync(file);
  return path;
}

describe("memory", () => {
  test("a file of 100 MB, spooled, looked at and read, adds less than 40 MB", () => {
    const { grown, found } = watched("file", large("noise", Buffer.alloc(0)));
    expect(found).toEqual([{ mimetype: "application/octet-stream", read: 100 * MEGABYTE, thumbnail: false }]);
    expect(grown).toBeLessThan(40);
  });

  test("an image of 100 MB adds less than 40 MB", () => {
    const [width, height] = [8000, 13_000];
    const rows = Buffer.alloc((width + 1) * height);
    for (let at = 0; at < rows.length; at += 4096) rows[at + 1] = at % 256;
    const image = pngOf(width, height, deflateSync(rows, { level: 0 }));
    const { grown, found } = watched("image", written(folder.path, "image", image));
    expect(found).toMatchObject([{ mimetype: "image/png", width, height, thumbnail: true }]);
    expect(grown).toBeLessThan(40);
  });

  test("bombs add less than 300 MB", () => {
    const zeros = deflatedZeros(200_000_000);
    const files = {
      claims: pngOf(60_000, 60_000, zeros),
      overfull: pngOf(10, 10, zeros),
      remark: pngOf(8, 8, deflateSync(Buffer.alloc(8 * 9)), [
        "zTXt",
        Buffer.concat([Buffer.from("Comment\0\0", "latin1"), zeros]),
      ]),
      profile: pngOf(8, 8, deflateSync(Buffer.alloc(8 * 9)), [
        "iCCP",
        Buffer.concat([Buffer.from("icc\0\0", "latin1"), zeros]),
      ]),
      wide: pngOf(29_000, 4000, deflatedZeros(29_001 * 4000)),
    };
    const paths = Object.entries(files).map(([name, bytes]) => written(folder.path, name, bytes));
    const { grown, found } = watched(...paths.flatMap((path) => ["image", path]));
    expect(found).toHaveLength(5);
    expect(found[0]).toMatchObject({ mimetype: "application/octet-stream", thumbnail: false });
    expect(grown).toBeLessThan(300);
  });
});
