import { malformed } from "./errors.ts";

/** The padded length is one less than a multiple of this, as libsignal adds a byte of its own. */
const BLOCK = 80;
const END = 0x80;

/** Appends 0x80 and zeros, so that a length tells less about the text. */
export function pad(plaintext: Uint8Array): Uint8Array<ArrayBuffer> {
  const padded = new Uint8Array(Math.ceil((plaintext.length + 2) / BLOCK) * BLOCK - 1);
  padded.set(plaintext);
  padded[plaintext.length] = END;
  return padded;
}

/** The plaintext, as a view. Throws `malformed` where the last byte that is not zero is not 0x80. */
export function unpad(padded: Uint8Array): Uint8Array<ArrayBuffer> {
  const end = padded.findLastIndex((byte) => byte !== 0);
  if (padded[end] !== END) throw malformed("padding has no end");
  return padded.subarray(0, end) as Uint8Array<ArrayBuffer>;
}
