import { createCipheriv, createDecipheriv, createHash, createHmac, timingSafeEqual } from "node:crypto";
import { anotherFile, largerThanSaid } from "../../download.ts";

/**
 * Files at Signal's hosts: an IV of 16 bytes, AES-256-CBC, and HMAC-SHA256 over both, of the file followed by zeros. Its
 * key has 64 bytes, 32 for each; its digest is SHA-256 of the whole.
 */

const IV_LENGTH = 16;
const MAC_LENGTH = 32;
const BLOCK = 16;
/** Bytes of the shortest file after padding, and how much longer each next length is. */
const SHORTEST = 541;
const STEP = 1.05;
const ZEROS = new Uint8Array(64 * 1024);

/** Bytes to which a file of so many is padded, so that its length tells little. */
export function paddedLength(size: number): number {
  const steps = Math.ceil(Math.log(size) / Math.log(STEP));
  return Math.max(SHORTEST, size, Math.floor(STEP ** steps));
}

/** Bytes of what the host gets, of a file of so many bytes. */
export function uploadLength(size: number): number {
  return encryptedLength(paddedLength(size));
}

/** Bytes that a host may have at most for a file of so many; others may pad it one step further than we do. */
export function longestDownload(size: number): number {
  return encryptedLength(Math.ceil(paddedLength(size) * STEP));
}

function encryptedLength(padded: number): number {
  return IV_LENGTH + (Math.floor(padded / BLOCK) + 1) * BLOCK + MAC_LENGTH;
}

interface Secrets {
  /** 64 bytes. */
  readonly key: Uint8Array;
  /** 16 bytes. */
  readonly iv: Uint8Array;
}

/** Yields what the host gets, the same for the same secrets; returns its digest. `size` is the file's in bytes. */
export async function* encryptAttachment(
  plaintext: AsyncIterable<Uint8Array>,
  size: number,
  { key, iv }: Secrets,
): AsyncGenerator<Uint8Array, Uint8Array> {
  const cipher = createCipheriv("aes-256-cbc", key.subarray(0, 32), iv);
  const mac = createHmac("sha256", key.subarray(32));
  const hash = createHash("sha256");
  const sealed = (bytes: Uint8Array): Uint8Array => {
    mac.update(bytes);
    hash.update(bytes);
    return bytes;
  };
  yield sealed(iv);
  for await (const chunk of padded(plaintext, size)) {
    const bytes = cipher.update(chunk);
    if (bytes.length > 0) yield sealed(bytes);
  }
  yield sealed(cipher.final());
  const proof = mac.digest();
  hash.update(proof);
  yield proof;
  return new Uint8Array(hash.digest());
}

async function* padded(plaintext: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  let length = 0;
  for await (const chunk of plaintext) {
    length += chunk.length;
    yield chunk;
  }
  if (length !== size) throw new Error("a file has another length than it is said to have");
  for (let left = paddedLength(size) - size; left > 0; left -= ZEROS.length)
    yield ZEROS.subarray(0, Math.min(left, ZEROS.length));
}

export interface ExpectedFile {
  /** 64 bytes. */
  readonly encryptionKey: Uint8Array;
  /** 32 bytes. */
  readonly digest: Uint8Array;
  /** Bytes of the file itself. */
  readonly size: number;
}

/**
 * Yields the file as it comes, unchecked: use nothing of it before the generator has returned. Throws BridgeError
 * `bad-input` where MAC, digest or length do not hold.
 */
export async function* decryptAttachment(
  ciphertext: AsyncIterable<Uint8Array>,
  { encryptionKey, digest, size }: ExpectedFile,
): AsyncGenerator<Uint8Array, void> {
  const mac = createHmac("sha256", encryptionKey.subarray(32));
  const hash = createHash("sha256");
  const most = longestDownload(size);
  let decipher: ReturnType<typeof createDecipheriv> | undefined;
  let length = 0;
  let left = size;
  // Whatever follows is padding: Android's app of before 2024 filled it with what its buffer had.
  const shown = (bytes: Uint8Array): Uint8Array => {
    const own = bytes.subarray(0, left);
    left -= own.length;
    return own;
  };
  // The last bytes are the MAC, and which are the last is known only at the end.
  let held: Uint8Array = new Uint8Array(0);
  for await (const chunk of ciphertext) {
    length += chunk.length;
    if (length > most) throw largerThanSaid();
    hash.update(chunk);
    const all = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    const start = decipher ? 0 : IV_LENGTH;
    const end = all.length - MAC_LENGTH;
    if (end < start) {
      held = Uint8Array.from(all);
      continue;
    }
    decipher ??= createDecipheriv("aes-256-cbc", encryptionKey.subarray(0, 32), all.subarray(0, IV_LENGTH));
    mac.update(all.subarray(0, end));
    held = Uint8Array.from(all.subarray(end));
    const bytes = shown(decipher.update(all.subarray(start, end)));
    if (bytes.length > 0) yield bytes;
  }
  const whole = decipher && timingSafeEqual(held, mac.digest()) && hash.digest().equals(digest);
  if (!decipher || !whole) throw anotherFile();
  yield shown(ended(decipher));
  if (left > 0) throw anotherFile();
}

function ended(decipher: ReturnType<typeof createDecipheriv>): Uint8Array {
  try {
    return decipher.final();
  } catch (cause) {
    throw anotherFile(cause);
  }
}
