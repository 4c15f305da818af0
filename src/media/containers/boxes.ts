import type { FileHandle } from "node:fs/promises";
import { bytesAt } from "./bytes-at.ts";

/** A box of an ISO base media file (ISO/IEC 14496-12). Offsets are bytes from the file's start. */
export interface Box {
  readonly type: string;
  /** The offsets of its header, of its content, and of the next box. */
  readonly at: number;
  readonly body: number;
  readonly end: number;
}

/** The most boxes that are read; a video for streaming has two a fragment. */
export const MOST_BOXES = 100_000;
/** Bytes read at once, so that small boxes in a row take one read. */
const WINDOW = 2_048;

/** The boxes between two offsets, up to the first malformed one, or {@link MOST_BOXES}. */
export async function* boxesIn(handle: FileHandle, from: number, to: number): AsyncGenerator<Box> {
  let count = 0;
  let read: { readonly at: number; readonly bytes: Buffer } = { at: 0, bytes: Buffer.alloc(0) };
  for (let at = from; at + 8 <= to; count += 1) {
    if (at + 16 > read.at + read.bytes.length) read = { at, bytes: await bytesAt(handle, at, WINDOW) };
    const head = read.bytes.subarray(at - read.at, at - read.at + 16);
    if (head.length < 8 || count === MOST_BOXES) return;
    const type = head.toString("latin1", 4, 8);
    const short = head.readUInt32BE(0);
    if (short === 1 && head.length < 16) return;
    const header = short === 1 ? 16 : 8;
    const size = short === 1 ? Number(head.readBigUInt64BE(8)) : short;
    const end = size === 0 ? to : at + size;
    if (end < at + header || end > to) return;
    yield { type, at, body: at + header, end };
    at = end;
  }
}

/** The first box at a path such as `mdia/hdlr` inside another box. */
export async function boxAt(
  handle: FileHandle,
  within: Pick<Box, "body" | "end">,
  path: string,
): Promise<Box | undefined> {
  let found: Pick<Box, "body" | "end"> = within;
  for (const type of path.split("/")) {
    const inner = await firstOf(handle, found, type);
    if (!inner) return undefined;
    found = inner;
  }
  return found as Box;
}

async function firstOf(handle: FileHandle, { body, end }: Pick<Box, "body" | "end">, type: string) {
  for await (const box of boxesIn(handle, body, end)) if (box.type === type) return box;
  return undefined;
}
