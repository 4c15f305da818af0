import { type FileHandle, open } from "node:fs/promises";
import { bytesAt } from "./bytes-at.ts";

/** A chunk of a PNG file (PNG Third Edition, 5.3). Offsets are bytes from the file's start; `end` is after its CRC. */
interface Chunk {
  readonly type: string;
  readonly at: number;
  readonly body: number;
  readonly length: number;
  readonly end: number;
}

const SIGNATURE = 8;
const MOST = 100_000;

/** The chunks of a file, up to `IEND` or the first malformed one. */
export async function* chunksOf(handle: FileHandle, size: number): AsyncGenerator<Chunk> {
  let at = SIGNATURE;
  for (let count = 0; count < MOST && at + 12 <= size; count += 1) {
    const head = await bytesAt(handle, at, 8);
    if (head.length < 8) return;
    const length = head.readUInt32BE(0);
    const type = head.toString("latin1", 4, 8);
    const end = at + length + 12;
    if (end > size || !/^[A-Za-z]{4}$/.test(type)) return;
    yield { type, at, body: at + 8, length, end };
    if (type === "IEND") return;
    at = end;
  }
}

/** The number of frames of an APNG; undefined for another file. */
export async function apngFrames(path: string): Promise<number | undefined> {
  await using handle = await open(path, "r");
  const { size } = await handle.stat();
  for await (const { type, body } of chunksOf(handle, size)) {
    if (type === "IDAT") return undefined;
    if (type !== "acTL") continue;
    const frames = await bytesAt(handle, body, 4);
    return frames.length < 4 ? undefined : frames.readUInt32BE(0);
  }
  return undefined;
}
