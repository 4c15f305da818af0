import type { FileHandle } from "node:fs/promises";
import { bytesAt } from "./bytes-at.ts";

/** A piece of a new file: a range of the old one, bytes of ours, or one byte repeated. */
export type Piece =
  | { readonly from: number; readonly to: number }
  | Uint8Array
  | { readonly fill: number; readonly length: number };

const BLOCK = 64 * 1024;

/** The pieces, with adjoining ranges of the old file joined. */
export function joinedPieces(pieces: readonly Piece[]): readonly Piece[] {
  const joined: Piece[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    const touches = "from" in piece && last !== undefined && "from" in last && last.to === piece.from;
    if (touches) joined[joined.length - 1] = { from: last.from, to: piece.to };
    else joined.push(piece);
  }
  return joined;
}

/** The bytes of the new file, a block at a time. */
export async function* bytesOf(handle: FileHandle, pieces: readonly Piece[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    if (piece instanceof Uint8Array) yield piece;
    else if ("fill" in piece) yield* filled(piece.fill, piece.length);
    else yield* copied(handle, piece.from, piece.to);
  }
}

function* filled(byte: number, length: number): Generator<Uint8Array> {
  for (let left = length; left > 0; left -= BLOCK) yield new Uint8Array(Math.min(left, BLOCK)).fill(byte);
}

async function* copied(handle: FileHandle, from: number, to: number): AsyncGenerator<Uint8Array> {
  for (let at = from; at < to; ) {
    const block = await bytesAt(handle, at, Math.min(BLOCK, to - at));
    if (block.length === 0) return;
    yield block;
    at += block.length;
  }
}

/** A range of a file and the bytes that replace it. */
export interface Patch {
  readonly at: number;
  readonly piece: Exclude<Piece, { readonly from: number }>;
}

const lengthOf = (piece: Patch["piece"]): number => piece.length;

/** The pieces of the whole file with these patches; of two that overlap the first counts. */
export function patched(size: number, patches: readonly Patch[]): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const { at: place, piece } of patches.toSorted((one, other) => one.at - other.at)) {
    if (place < at || place + lengthOf(piece) > size) continue;
    if (place > at) pieces.push({ from: at, to: place });
    pieces.push(piece);
    at = place + lengthOf(piece);
  }
  if (at < size) pieces.push({ from: at, to: size });
  return pieces;
}
