import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { BridgeError } from "../../core/model/errors.ts";
import type { FileKey, MediaFile, SealedFile } from "../../core/model/media.ts";
import { type CipherParts, cipherOf, fileKeyOf } from "../events/encrypted-file.ts";

type Bytes = Pick<MediaFile, "size" | "read">;

/** AES-CTR as files of encrypted rooms have it (spec: Sending encrypted attachments); the ciphertext is as long as the file. */
const ALGORITHM = "aes-256-ctr";

/**
 * The file as it goes into an encrypted room: by `former` where that was made for these very bytes, else by a new key, as
 * no key may serve two files.
 */
export async function sealFile(file: Bytes, former?: FileKey): Promise<SealedFile> {
  const known = former === undefined ? undefined : cipherOf(former);
  if (former !== undefined && known && (await hashOf(file, known)) === known.sha256)
    return { ...encrypted(file, known), key: former };
  const key = randomBytes(32);
  // The counter, the second half, begins at zero, so that it never wraps.
  const iv = Buffer.concat([randomBytes(8), Buffer.alloc(8)]);
  const made: CipherParts = { key, iv, sha256: await hashOf(file, { key, iv }) };
  return { ...encrypted(file, made), key: fileKeyOf(made) };
}

/**
 * What a ciphertext says. It ends with BridgeError where the key is malformed or the hash differs, so that nothing of it may
 * be used before its end.
 */
export async function* openSealed(
  ciphertext: AsyncIterable<Uint8Array>,
  by: FileKey,
): AsyncGenerator<Uint8Array> {
  const parts = cipherOf(by);
  if (parts === undefined)
    throw unreadable("The key that came with the file is incomplete. Please send it again.");
  const decipher = createDecipheriv(ALGORITHM, parts.key, parts.iv);
  const hash = createHash("sha256");
  for await (const chunk of ciphertext) {
    hash.update(chunk);
    yield decipher.update(chunk);
  }
  if (hash.digest("base64") !== parts.sha256)
    throw unreadable("The file is not the one that was encrypted. Please send it again.");
}

function encrypted(file: Bytes, parts: CipherParts): Bytes {
  return { size: file.size, read: () => ciphertextOf(file, parts) };
}

async function hashOf(file: Bytes, parts: Pick<CipherParts, "key" | "iv">): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of ciphertextOf(file, parts)) hash.update(chunk);
  return hash.digest("base64");
}

async function* ciphertextOf(
  file: Bytes,
  { key, iv }: Pick<CipherParts, "key" | "iv">,
): AsyncGenerator<Uint8Array> {
  const cipher = createCipheriv(ALGORITHM, key, iv);
  for await (const chunk of file.read()) yield cipher.update(chunk);
}

const unreadable = (words: string): BridgeError => new BridgeError("unreadable", { words, certain: true });
