import { WireError } from "./errors.ts";

/** A buffer that grows up to a limit and is used again; `finish` copies out what was written since `start`. */
export class ByteWriter {
  readonly #limit: number;
  #buffer = Buffer.allocUnsafeSlow(4096);
  #at = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  start(): void {
    this.#at = 0;
  }

  byte(value: number): void {
    this.#room(1);
    this.#buffer[this.#at++] = value;
  }

  bytes2(first: number, second: number): void {
    this.#room(2);
    this.#buffer[this.#at++] = first;
    this.#buffer[this.#at++] = second;
  }

  uint16(value: number): void {
    this.bytes2(value >>> 8, value & 0xff);
  }

  uint32(value: number): void {
    this.uint16(value >>> 16);
    this.uint16(value & 0xffff);
  }

  bytes(value: Uint8Array): void {
    this.#room(value.length);
    this.#buffer.set(value, this.#at);
    this.#at += value.length;
  }

  /** `size` is the length in UTF-8; where it equals the string's own, every character is one byte. */
  text(value: string, size: number): void {
    this.#room(size);
    if (size !== value.length) this.#buffer.write(value, this.#at, size, "utf8");
    else if (size > 24) this.#buffer.write(value, this.#at, size, "latin1");
    else for (let i = 0; i < size; i += 1) this.#buffer[this.#at + i] = value.charCodeAt(i);
    this.#at += size;
  }

  finish(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#buffer.subarray(0, this.#at));
  }

  #room(more: number): void {
    const needed = this.#at + more;
    if (needed <= this.#buffer.length) return;
    if (needed > this.#limit) throw new WireError("too-long", `a stanza over ${this.#limit} bytes`);
    const grown = Buffer.allocUnsafeSlow(Math.min(this.#limit, Math.max(needed, this.#buffer.length * 2)));
    grown.set(this.#buffer.subarray(0, this.#at));
    this.#buffer = grown;
  }
}
