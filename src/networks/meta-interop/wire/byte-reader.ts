import { malformed } from "./errors.ts";

/** The string cache. A slot keeps the last word that hashed to it, so the memory is bounded. */
const words: (string | undefined)[] = Array.from({ length: 512 });
const lastWord = words.length - 1;
const longestWord = 16;

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Walks over bytes it does not own. Every read past the end throws `malformed`. */
export class ByteReader {
  readonly #bytes: Buffer<ArrayBuffer>;
  #at: number;

  constructor(bytes: Uint8Array, from: number) {
    this.#bytes = Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
    this.#at = from;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  byte(): number {
    const value = this.#bytes[this.#at];
    if (value === undefined) throw truncated();
    this.#at += 1;
    return value;
  }

  uint16(): number {
    return this.byte() * 0x100 + this.byte();
  }

  uint32(): number {
    return this.uint16() * 0x1_0000 + this.uint16();
  }

  /** A view of the next `size` bytes. */
  bytes(size: number): Uint8Array<ArrayBuffer> {
    const from = this.#take(size);
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + from, size);
  }

  /** UTF-8 of `size` bytes. Throws `malformed` for any other bytes. */
  text(size: number): string {
    const from = this.#take(size);
    const end = from + size;
    let hash = size;
    for (let at = from; at < end; at += 1) {
      const byte = this.#bytes[at] ?? 0;
      if (byte >= 0x80) return this.#wideText(from, end);
      hash = (hash * 31 + byte) | 0;
    }
    return size > longestWord
      ? this.#bytes.toString("latin1", from, end)
      : this.#word(from, end, hash & lastWord);
  }

  /** Reads from the string cache: tags and attributes repeat, and making a string costs more than finding it. */
  #word(from: number, end: number, slot: number): string {
    const cached = words[slot];
    if (cached !== undefined && cached.length === end - from && this.#equals(cached, from)) return cached;
    const word = this.#bytes.toString("latin1", from, end);
    words[slot] = word;
    return word;
  }

  #equals(word: string, from: number): boolean {
    for (let i = 0; i < word.length; i += 1) {
      if (word.charCodeAt(i) !== this.#bytes[from + i]) return false;
    }
    return true;
  }

  #wideText(from: number, end: number): string {
    try {
      return strict.decode(this.#bytes.subarray(from, end));
    } catch (cause) {
      throw malformed("a text is not UTF-8", { cause });
    }
  }

  #take(size: number): number {
    if (size > this.left) throw truncated();
    const from = this.#at;
    this.#at += size;
    return from;
  }
}

const truncated = (): Error => malformed("the stanza ends too early");
