import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import type { Inspected, MediaFile, MediaKind, MediaTools } from "../../../src/core/model/media.ts";
import { openMediaTools } from "../../../src/media/tools.ts";
import { temporaryFolder } from "../../kit/temporary-folder.ts";

export interface ToolsUnderTest extends AsyncDisposable {
  readonly folder: string;
  readonly spoolFolder: string;
  readonly tools: MediaTools;
  readonly logged: readonly string[];
  spool(bytes: Uint8Array | string, limit?: number): Promise<MediaFile>;
  look(bytes: Uint8Array | string, kind: MediaKind): Promise<Inspected>;
}

const PATH: string = process.env["PATH"] ?? "";

/** Whether this machine has ffmpeg; tests of what needs it are skipped where it is not. */
export const hasFfmpeg: boolean = runs("ffmpeg") && runs("ffprobe");

function runs(program: string): boolean {
  try {
    execFileSync(program, ["-version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

export async function mediaTools(
  searchPath = PATH,
  settings: { readonly keepMetadata?: boolean } = {},
): Promise<ToolsUnderTest> {
  const temporary = temporaryFolder();
  const spoolFolder = join(temporary.path, "spool");
  const logged: string[] = [];
  const note = (message: string): void => void logged.push(message);
  const log = { error: note, warn: note, info: note, debug() {} };
  const tools = await openMediaTools({ folder: spoolFolder, searchPath, log, ...settings });
  const spool = (bytes: Uint8Array | string, limit = Infinity) =>
    tools.spool(inPieces(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes), limit);
  return {
    folder: temporary.path,
    spoolFolder,
    tools,
    logged,
    spool,
    async look(bytes, kind) {
      await using file = await spool(bytes);
      return await tools.inspect(file, kind);
    },
    async [Symbol.asyncDispose]() {
      await tools[Symbol.asyncDispose]();
      temporary[Symbol.dispose]();
    },
  };
}

export async function* inPieces(bytes: Uint8Array, size = 10_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** What a file yields when it is read. */
export async function whole(file: Pick<MediaFile, "read">): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of file.read()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const chunk = (type: string, data: Uint8Array): Buffer => {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
};

/** A grey PNG that claims a size, whatever is in it. */
export function pngOf(
  width: number,
  height: number,
  pixels: Uint8Array,
  ...more: readonly (readonly [type: string, data: Uint8Array])[]
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const extra = more.map(([type, data]) => chunk(type, data));
  const image = chunk("IDAT", pixels);
  return Buffer.concat([signature, chunk("IHDR", header), ...extra, image, chunk("IEND", Buffer.alloc(0))]);
}

/** A file as it is when its metadata was taken out. */
export async function bared(it: ToolsUnderTest, bytes: Uint8Array): Promise<Buffer | "clean" | undefined> {
  await using file = await it.spool(bytes);
  const found = await it.tools.withoutMetadata(file);
  if (found === undefined || found === "clean") return found;
  await using bare = found;
  const kept = readFileSync(bare.path);
  if (bare.size !== kept.length) throw new Error("its size is not that of its bytes");
  return kept;
}

/** A picture as an APNG that shows it twice. */
export function apngOf(png: Uint8Array): Buffer {
  const bytes = Buffer.from(png);
  const [before, images, after]: [Buffer[], Buffer[], Buffer[]] = [[], [], []];
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString("latin1", at + 4, at + 8);
    const whole = bytes.subarray(at, at + length + 12);
    if (type === "IDAT") images.push(bytes.subarray(at + 8, at + 8 + length));
    else (images.length === 0 ? before : after).push(whole);
    at += length + 12;
  }
  const pixels = Buffer.concat(images);
  const u32 = (...values: number[]) =>
    Buffer.concat(values.map((value) => Buffer.from([value >>> 24, value >>> 16, value >>> 8, value])));
  const control = (number: number) =>
    chunk(
      "fcTL",
      Buffer.concat([u32(number), bytes.subarray(16, 24), u32(0, 0), Buffer.from([0, 1, 0, 4, 0, 0])]),
    );
  return Buffer.concat([
    bytes.subarray(0, 8),
    ...before,
    chunk("acTL", u32(2, 0)),
    control(0),
    chunk("IDAT", pixels),
    control(1),
    chunk("fdAT", Buffer.concat([u32(2), pixels])),
    ...after,
  ]);
}

/** Very many zeros, deflated to a thousandth. */
export const deflatedZeros = (bytes: number): Buffer => deflateSync(Buffer.alloc(bytes), { level: 6 });

/** A file ffmpeg makes of its own test sources. */
export function made(folder: string, name: string, ...args: readonly string[]): string {
  const path = join(folder, name);
  execFileSync("ffmpeg", ["-nostdin", "-v", "error", "-y", ...args, path]);
  return path;
}

export function written(folder: string, name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}
