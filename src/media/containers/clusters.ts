import { type FileHandle, open } from "node:fs/promises";
import { bytesAt } from "./bytes-at.ts";

/** The Matroska elements (RFC 9559) that state when a block is shown, and their parents. */
export const ID = {
  segment: 0x18538067,
  info: 0x1549a966,
  scale: 0x2ad7b1,
  cluster: 0x1f43b675,
  timestamp: 0xe7,
  block: 0xa3,
  group: 0xa0,
  grouped: 0xa1,
} as const;

const INSIDE: ReadonlySet<number> = new Set([ID.segment, ID.info, ID.cluster, ID.group]);
/** Nanoseconds a timestamp unit. */
const USUAL_SCALE = 1_000_000;

/** The start, in seconds, of the last block of a WebM or Matroska file; for browsers' recordings, which state no length. */
export async function lastBlock(path: string): Promise<number | undefined> {
  await using handle = await open(path, "r");
  const { size } = await handle.stat();
  let scale = USUAL_SCALE;
  let cluster = 0;
  let last: number | undefined;
  for (let at = 0; at < size; ) {
    const element = await elementAt(handle, at);
    if (!element) break;
    const { id, body, length, head } = element;
    if (id === ID.scale) scale = unsigned(head, length) || USUAL_SCALE;
    if (id === ID.timestamp) cluster = unsigned(head, length);
    if (id === ID.block || id === ID.grouped) last = Math.max(last ?? 0, cluster + relative(head));
    at = INSIDE.has(id) ? body : body + length;
  }
  return last === undefined ? undefined : (last * scale) / 1e9;
}

/** The element at an offset; `length` is infinite where the file does not state it, `head` is the content's first bytes. */
export async function elementAt(handle: FileHandle, at: number) {
  const bytes = await bytesAt(handle, at, 24);
  const idLength = Math.clz32((bytes[0] ?? 0) << 24) + 1;
  const sizeLength = Math.clz32((bytes[idLength] ?? 0) << 24) + 1;
  if (idLength > 4 || sizeLength > 8 || bytes.length < idLength + sizeLength) return undefined;
  const id = bytes.readUIntBE(0, idLength);
  const size = bytes.subarray(idLength, idLength + sizeLength);
  const unknown = size.every((byte, index) => byte === (index === 0 ? 0xff >> (sizeLength - 1) : 0xff));
  // The first bits of the size state its width; they are cleared.
  const value = Buffer.from(size);
  value[0] = (value[0] ?? 0) & (0xff >> sizeLength);
  const length = unknown ? Number.POSITIVE_INFINITY : unsigned(value, sizeLength);
  const start = idLength + sizeLength;
  return { id, body: at + start, length, head: bytes.subarray(start) };
}

const unsigned = (bytes: Buffer, length: number): number =>
  bytes.subarray(0, Math.min(length, 8)).reduce((value, byte) => value * 256 + byte, 0);

/** A block's time relative to its cluster: a signed 16-bit number behind the track number. */
function relative(head: Buffer): number {
  const track = Math.clz32((head[0] ?? 0) << 24) + 1;
  return head.length < track + 2 ? 0 : head.readInt16BE(track);
}
