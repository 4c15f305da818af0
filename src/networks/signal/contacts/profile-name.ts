import { createDecipheriv } from "node:crypto";

const NONCE = 12;
const TAG = 16;
/** The longest name that is taken, in UTF-16 units. */
const LONGEST = 300;

/**
 * The name in a profile: AES-256-GCM by the profile key (nonce, ciphertext, tag) over the given name, a zero byte and
 * the family name, padded with zeros. Undefined where it cannot be opened, or is empty.
 */
export function openProfileName(profileKey: Uint8Array, sealed: Uint8Array): string | undefined {
  if (sealed.length < NONCE + TAG) return undefined;
  try {
    const decipher = createDecipheriv("aes-256-gcm", profileKey, sealed.subarray(0, NONCE), {
      authTagLength: TAG,
    });
    decipher.setAuthTag(sealed.subarray(-TAG));
    const plain = Buffer.concat([decipher.update(sealed.subarray(NONCE, -TAG)), decipher.final()]);
    const [given = "", family = ""] = plain.toString("utf8").split("\0");
    const name = `${given} ${family}`.trim().slice(0, LONGEST);
    return name === "" ? undefined : name;
  } catch {
    return undefined;
  }
}
