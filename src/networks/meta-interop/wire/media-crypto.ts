import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync } from "node:crypto";
import { WireError } from "./errors.ts";

/** What a file's keys are derived for; GIFs are videos, stickers images, voice notes audio. */
export type MediaUse = "image" | "video" | "audio" | "document";

const infos: Readonly<Record<MediaUse, string>> = {
  image: "WhatsApp Image Keys",
  video: "WhatsApp Video Keys",
  audio: "WhatsApp Audio Keys",
  document: "WhatsApp Document Keys",
};

const MAC_LENGTH = 10;
const BLOCK = 16;

/** What a reader checks a file by, 32 bytes each, with its length in bytes before and after encryption. */
export interface MediaDigests {
  readonly fileSha256: Uint8Array;
  /** Of the ciphertext with its MAC. */
  readonly fileEncSha256: Uint8Array;
  readonly fileLength: number;
  readonly encryptedLength: number;
}

interface MediaKeys {
  readonly iv: Uint8Array;
  readonly cipher: Uint8Array;
  readonly mac: Uint8Array;
}

/** HKDF-SHA256 of the 32-byte media key into iv 16, cipher 32, mac 32; the last 32 bytes are not needed. */
function keysOf(mediaKey: Uint8Array, use: MediaUse): MediaKeys {
  const expanded = new Uint8Array(hkdfSync("sha256", mediaKey, new Uint8Array(0), infos[use], 112));
  return { iv: expanded.subarray(0, 16), cipher: expanded.subarray(16, 48), mac: expanded.subarray(48, 80) };
}

/** Bytes of the ciphertext with its MAC, of a file of so many bytes. */
export function encryptedLength(fileLength: number): number {
  return (Math.floor(fileLength / BLOCK) + 1) * BLOCK + MAC_LENGTH;
}

/** Yields AES-256-CBC ciphertext, then the first 10 bytes of HMAC-SHA256 over iv and ciphertext; returns the digests. */
export async function* encryptMedia(
  plaintext: AsyncIterable<Uint8Array>,
  mediaKey: Uint8Array,
  use: MediaUse,
): AsyncGenerator<Uint8Array, MediaDigests> {
  const keys = keysOf(mediaKey, use);
  const cipher = createCipheriv("aes-256-cbc", keys.cipher, keys.iv);
  const mac = createHmac("sha256", keys.mac).update(keys.iv);
  const plainHash = createHash("sha256");
  const encryptedHash = createHash("sha256");
  let fileLength = 0;
  let length = 0;
  const count = (bytes: Uint8Array): Uint8Array => {
    encryptedHash.update(bytes);
    length += bytes.length;
    return bytes;
  };
  for await (const chunk of plaintext) {
    plainHash.update(chunk);
    fileLength += chunk.length;
    const bytes = cipher.update(chunk);
    if (bytes.length === 0) continue;
    mac.update(bytes);
    yield count(bytes);
  }
  const last = cipher.final();
  mac.update(last);
  yield count(Buffer.concat([last, mac.digest().subarray(0, MAC_LENGTH)]));
  return {
    fileSha256: plainHash.digest(),
    fileEncSha256: encryptedHash.digest(),
    fileLength,
    encryptedLength: length,
  };
}

/**
 * Yields plaintext as it comes, unchecked: use nothing of it before the generator has returned. Throws WireError
 * `malformed` where MAC, padding, a hash or the announced length do not hold.
 */
export async function* decryptMedia(
  ciphertext: AsyncIterable<Uint8Array>,
  mediaKey: Uint8Array,
  use: MediaUse,
  expected: Pick<MediaDigests, "fileSha256" | "fileEncSha256" | "fileLength">,
): AsyncGenerator<Uint8Array, void> {
  const keys = keysOf(mediaKey, use);
  const decipher = createDecipheriv("aes-256-cbc", keys.cipher, keys.iv);
  const mac = createHmac("sha256", keys.mac).update(keys.iv);
  const plainHash = createHash("sha256");
  const encryptedHash = createHash("sha256");
  const most = encryptedLength(expected.fileLength);
  let length = 0;
  let plainLength = 0;
  const shown = (bytes: Uint8Array): Uint8Array => {
    plainHash.update(bytes);
    plainLength += bytes.length;
    return bytes;
  };
  // The last bytes are the MAC, and which are the last is known only at the end.
  let held: Uint8Array = new Uint8Array(0);
  for await (const chunk of ciphertext) {
    length += chunk.length;
    if (length > most) throw new WireError("malformed", "a file longer than announced");
    encryptedHash.update(chunk);
    const all = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    const end = Math.max(0, all.length - MAC_LENGTH);
    const body = all.subarray(0, end);
    held = Uint8Array.from(all.subarray(end));
    mac.update(body);
    const bytes = decipher.update(body);
    if (bytes.length > 0) yield shown(bytes);
  }
  const holds =
    held.length === MAC_LENGTH &&
    Buffer.from(held).equals(mac.digest().subarray(0, MAC_LENGTH)) &&
    encryptedHash.digest().equals(expected.fileEncSha256);
  if (!holds) throw new WireError("malformed", "a file whose MAC or hash is another");
  let last: Uint8Array;
  try {
    last = decipher.final();
  } catch {
    throw new WireError("malformed", "a file whose padding is wrong");
  }
  yield shown(last);
  if (plainLength !== expected.fileLength || !plainHash.digest().equals(expected.fileSha256)) {
    throw new WireError("malformed", "a file that is not the one announced");
  }
}
