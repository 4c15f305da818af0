import { createDecipheriv } from "node:crypto";
import { anotherFile } from "../../download.ts";

const IV_LENGTH = 12;
const TAG_LENGTH = 16;

/**
 * A profile's picture: an IV of 12 bytes, AES-256-GCM by the profile key, its tag. Yields it as it comes, unchecked: use
 * nothing of it before the generator has returned. Throws BridgeError `bad-input` where it is not by this key.
 */
export async function* decryptProfilePicture(
  ciphertext: AsyncIterable<Uint8Array>,
  profileKey: Uint8Array,
): AsyncGenerator<Uint8Array, void> {
  let decipher: ReturnType<typeof decipherBy> | undefined;
  // The last bytes are the tag, and which are the last is known only at the end.
  let held: Uint8Array = new Uint8Array(0);
  for await (const chunk of ciphertext) {
    const all = Buffer.concat([held, chunk]);
    const start = decipher ? 0 : IV_LENGTH;
    const end = all.length - TAG_LENGTH;
    if (end < start) {
      held = all;
      continue;
    }
    decipher ??= decipherBy(profileKey, all.subarray(0, IV_LENGTH));
    held = all.subarray(end);
    const bytes = decipher.update(all.subarray(start, end));
    if (bytes.length > 0) yield bytes;
  }
  if (!decipher) throw anotherFile();
  try {
    decipher.setAuthTag(held).final();
  } catch (cause) {
    throw anotherFile(cause);
  }
}

const decipherBy = (key: Uint8Array, iv: Uint8Array) =>
  createDecipheriv("aes-256-gcm", key, iv, { authTagLength: TAG_LENGTH });
