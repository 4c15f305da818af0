import { decodeMessenger } from "./messenger-decode.ts";
import { encodeMessenger } from "./messenger-encode.ts";
import type { Plaintext, PlaintextFormat, TextPlaintext } from "./plaintext-kinds.ts";
import { decodeWhatsapp } from "./whatsapp-decode.ts";
import { encodeWhatsapp } from "./whatsapp-encode.ts";

const formats = {
  whatsapp: { encode: encodeWhatsapp, decode: decodeWhatsapp },
  messenger: { encode: encodeMessenger, decode: decodeMessenger },
} as const;

/** What the Signal session encrypts, before padding. */
export function encodePlaintext(format: PlaintextFormat, plaintext: Plaintext): Uint8Array<ArrayBuffer> {
  return formats[format].encode(plaintext);
}

/** The most frequent of encodePlaintext's kinds. */
export function encodeText(
  format: PlaintextFormat,
  text: Omit<TextPlaintext, "kind">,
): Uint8Array<ArrayBuffer> {
  return encodePlaintext(format, { kind: "text", ...text });
}

/**
 * What a session decrypted, after padding is off. Throws `protobuf` for what is not of the format, for a reaction, edit or
 * revoke without a target, and for a file that could not be fetched and verified.
 */
export function decodePlaintext(format: PlaintextFormat, bytes: Uint8Array): Plaintext {
  return formats[format].decode(bytes);
}
