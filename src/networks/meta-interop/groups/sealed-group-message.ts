import type { Node } from "../wire/node.ts";
import { decodeStanza } from "../wire/stanza-decode.ts";
import { encodeStanza } from "../wire/stanza-encode.ts";

/** Other than the version of a message for one person (session/sealed-message.ts). */
const VERSION = 2;

/** The stored form of a message to a group: the whole stanza, which has a ciphertext for each who lacked the key. */
export const writeSealedGroup = (message: Node): Uint8Array =>
  Buffer.concat([Uint8Array.of(VERSION), encodeStanza(message)]);

/** Undefined for another version's, whose message is encrypted anew. */
export function readSealedGroup(sealed: Uint8Array): Node | undefined {
  if (sealed[0] !== VERSION) return undefined;
  try {
    return decodeStanza(sealed.subarray(1));
  } catch {
    return undefined;
  }
}
