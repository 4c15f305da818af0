import type { FileHandle } from "node:fs/promises";
import { elementAt, ID } from "./clusters.ts";
import { areSignatures } from "./encoder-signature.ts";
import { type Patch, type Piece, patched } from "./pieces.ts";

/** The elements of RFC 9559 that hold metadata. */
const METADATA: ReadonlySet<number> = new Set([0x1941a469, 0x1043a770, 0x4461, 0x7ba9, 0x7384]);
const TAGS = 0x1254c367;
const VOID = 0xec;
const MOST = 200_000;

/**
 * The pieces of a WebM or Matroska file whose tags, attachments, chapters, title and date are overwritten by `Void`
 * elements in place. Undefined where the file cannot be read.
 */
export async function matroskaPieces(
  handle: FileHandle,
  size: number,
): Promise<readonly Piece[] | undefined> {
  const patches: Patch[] = [];
  let count = 0;
  let at = 0;
  for (; at < size && count < MOST; count += 1) {
    const element = await elementAt(handle, at);
    if (!element) return undefined;
    const { id, body, length } = element;
    const end = Math.min(body + length, size);
    const tagged = id === TAGS && !(await areSignatures(handle, at, end));
    if (tagged || METADATA.has(id)) patches.push(...voided(at, end));
    if (id === VOID && end > body) patches.push({ at: body, piece: { fill: 0, length: end - body } });
    // A cluster of unknown length ends where the next one begins.
    const within =
      id === ID.segment || id === ID.info || (id === ID.cluster && length === Number.POSITIVE_INFINITY);
    at = within ? body : end;
  }
  return at < size ? undefined : patched(size, patches);
}

function voided(from: number, to: number): readonly Patch[] {
  const whole = to - from;
  const long = whole > 128;
  const head = Buffer.alloc(long ? 9 : 2);
  head[0] = VOID;
  if (long) head.writeBigUInt64BE(BigInt(whole - 9) | (1n << 56n), 1);
  else head[1] = 0x80 | (whole - 2);
  return [
    { at: from, piece: head },
    { at: from + head.length, piece: { fill: 0, length: whole - head.length } },
  ];
}
