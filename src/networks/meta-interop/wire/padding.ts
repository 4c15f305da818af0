import { randomInt } from "node:crypto";
import { malformed } from "./errors.ts";

const longest = 15;

/** Appends 1 to 15 bytes, each of which says how many they are, so that a length tells less about the text. */
export function pad(plaintext: Uint8Array): Uint8Array<ArrayBuffer> {
  const count = randomInt(1, longest + 1);
  const padded = new Uint8Array(plaintext.length + count);
  padded.set(plaintext);
  return padded.fill(count, plaintext.length);
}

/** The plaintext, as a view. Throws `malformed` unless the last byte counts 1 to 15 bytes of its own value. */
export function unpad(padded: Uint8Array): Uint8Array<ArrayBuffer> {
  const count = padded.at(-1) ?? 0;
  const end = padded.length - count;
  if (count < 1 || count > longest || end < 0) throw malformed("padding is not 1 to 15 bytes");
  for (let at = end; at < padded.length; at += 1) {
    if (padded[at] !== count) throw malformed("padding bytes differ");
  }
  return padded.subarray(0, end) as Uint8Array<ArrayBuffer>;
}
