import type { FileHandle } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import { type Box, boxAt } from "./boxes.ts";
import { bytesAt } from "./bytes-at.ts";

interface Range {
  readonly at: number;
  readonly length: number;
}

/** The longest table in bytes that is read; sensor tracks have shorter ones. */
const LONGEST_TABLE = 4 * 1024 * 1024;
const MOST_SAMPLES = 1_000_000;
const MOST_CHUNKS = 50_000;
/** Samples counted before other work may run. */
const SLICE = 100_000;

/** The ranges of a track's samples in the file (ISO/IEC 14496-12, 8.7), one a chunk; undefined where its tables lack them. */
export async function sampleRanges(
  handle: FileHandle,
  track: Box,
  size: number,
): Promise<readonly Range[] | undefined> {
  const table = await boxAt(handle, track, "mdia/minf/stbl");
  if (!table) return undefined;
  const [sizes, groups, short, long] = await Promise.all([
    tableOf(handle, table, "stsz"),
    tableOf(handle, table, "stsc"),
    tableOf(handle, table, "stco"),
    tableOf(handle, table, "co64"),
  ]);
  const chunks = short ? offsets(short, 4) : long ? offsets(long, 8) : undefined;
  if (!sizes || !groups || !chunks || chunks.length > MOST_CHUNKS) return undefined;
  const perChunk = samplesPerChunk(groups);
  const sizeOf = sampleSizes(sizes);
  const ranges: Range[] = [];
  let sample = 0;
  for (const [index, at] of chunks.entries()) {
    let length = 0;
    for (let left = perChunk(index + 1); left > 0; left -= 1, sample += 1) {
      const one = sizeOf(sample);
      if (one === undefined) break;
      if (sample > MOST_SAMPLES) return undefined;
      if (sample % SLICE === SLICE - 1) await setImmediate();
      length += one;
    }
    if (at + length > size) return undefined;
    if (length > 0) ranges.push({ at, length });
  }
  return ranges;
}

async function tableOf(handle: FileHandle, within: Box, type: string): Promise<Buffer | undefined> {
  const box = await boxAt(handle, within, type);
  if (!box || box.end - box.body > LONGEST_TABLE || box.end - box.body < 8) return undefined;
  return bytesAt(handle, box.body, box.end - box.body);
}

function offsets(table: Buffer, width: 4 | 8): readonly number[] {
  const count = Math.min(table.readUInt32BE(4), Math.floor((table.length - 8) / width), MOST_CHUNKS + 1);
  return Array.from({ length: count }, (_, index) => {
    const at = 8 + index * width;
    return width === 4 ? table.readUInt32BE(at) : Number(table.readBigUInt64BE(at));
  });
}

/** Answers the samples of a chunk; call it in the order of the chunks, which count from 1. */
function samplesPerChunk(table: Buffer): (chunk: number) => number {
  const count = Math.min(table.readUInt32BE(4), Math.floor((table.length - 8) / 12));
  let entry = 0;
  return (chunk) => {
    while (entry + 1 < count && table.readUInt32BE(8 + (entry + 1) * 12) <= chunk) entry += 1;
    return count === 0 ? 0 : table.readUInt32BE(8 + entry * 12 + 4);
  };
}

/** Answers the size of a sample; undefined past the last one. */
function sampleSizes(table: Buffer): (sample: number) => number | undefined {
  if (table.length < 12) return () => undefined;
  const [same, count] = [table.readUInt32BE(4), table.readUInt32BE(8)];
  return (sample) => {
    if (sample >= count) return undefined;
    if (same !== 0) return same;
    const at = 12 + sample * 4;
    return at + 4 > table.length ? undefined : table.readUInt32BE(at);
  };
}
