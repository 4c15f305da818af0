import type { FileHandle } from "node:fs/promises";
import { bytesAt } from "./bytes-at.ts";
import type { Piece } from "./pieces.ts";

const BLOCK = { extension: 0x21, image: 0x2c, end: 0x3b };
const LABEL = { control: 0xf9, application: 0xff };
/** Application extensions with the loop count and the colour profile. */
const SHOWN: ReadonlySet<string> = new Set(["NETSCAPE2.0", "ANIMEXTS1.0", "ICCRGBG1012"]);
const MOST = 200_000;
const WINDOW = 64 * 1024;

/**
 * The pieces of a GIF (89a) without comments, texts, XMP and bytes behind its end; some writers leave out the end mark.
 * Undefined where the file cannot be read.
 */
export async function gifPieces(handle: FileHandle, size: number): Promise<readonly Piece[] | undefined> {
  const head = await bytesAt(handle, 0, 13);
  if (head.length < 13 || !/^GIF8[79]a/.test(head.toString("latin1", 0, 6))) return undefined;
  let at = 13 + tableLength(head[10] ?? 0);
  const pieces: Piece[] = [{ from: 0, to: at }];
  const blocks = new Blocks(handle, size);
  let shown = false;
  for (let count = 0; count < MOST && at < size; count += 1) {
    const start = await blocks.bytes(at, 20);
    if (start[0] === BLOCK.end) return [...pieces, { from: at, to: at + 1 }];
    if (start[0] === BLOCK.image) {
      const end = await blocks.endOfParts(at + 11 + tableLength(start[9] ?? 0));
      // Clients show a truncated picture as far as it goes.
      pieces.push({ from: at, to: end ?? size });
      shown = true;
      at = end ?? size;
    } else if (start[0] === BLOCK.extension) {
      const end = await blocks.endOfParts(at + 2);
      if (end === undefined) return shown ? pieces : undefined;
      const needed = start[1] === LABEL.application && SHOWN.has(start.toString("latin1", 3, 14));
      if (needed || start[1] === LABEL.control) pieces.push({ from: at, to: end });
      at = end;
    } else return undefined;
  }
  return shown && at === size ? pieces : undefined;
}

/** The length in bytes of the colour table that a packed field announces. */
const tableLength = (packed: number): number => ((packed & 0x80) === 0 ? 0 : 3 * 2 ** ((packed & 7) + 1));

/** Serves small reads from a window of the file. */
class Blocks {
  readonly #handle: FileHandle;
  readonly #size: number;
  #at = 0;
  #window: Buffer = Buffer.alloc(0);

  constructor(handle: FileHandle, size: number) {
    this.#handle = handle;
    this.#size = size;
  }

  async bytes(at: number, length: number): Promise<Buffer> {
    const end = Math.min(at + length, this.#size);
    if (at < this.#at || end > this.#at + this.#window.length) {
      this.#window = await bytesAt(this.#handle, at, WINDOW);
      this.#at = at;
    }
    return this.#window.subarray(at - this.#at, end - this.#at);
  }

  /** The offset behind a row of sub-blocks, each with its length first; undefined where the file ends before. */
  async endOfParts(from: number): Promise<number | undefined> {
    for (let at = from; at < this.#size; ) {
      await this.bytes(at, 1);
      for (
        let length = this.#window[at - this.#at];
        length !== undefined;
        length = this.#window[at - this.#at]
      ) {
        at += 1 + length;
        if (length === 0) return at;
      }
    }
    return undefined;
  }
}
