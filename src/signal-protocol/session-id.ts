import { Buffer } from "node:buffer";

const CURRENT_SESSION = 1;
const ALICE_BASE_KEY = 13;

/**
 * Identifies a session: the base key of whoever started it (`alice_base_key` of libsignal's SessionStructure), in hex.
 * Undefined where the record has no current session.
 */
export function sessionId(record: Uint8Array): string | undefined {
  const current = lengthDelimited(record, CURRENT_SESSION);
  const key = current && lengthDelimited(current, ALICE_BASE_KEY);
  return key && key.length > 0 ? Buffer.from(key).toString("hex") : undefined;
}

/** The first length-delimited field of that number in a protobuf message. */
function lengthDelimited(message: Uint8Array, wanted: number): Uint8Array | undefined {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; at < message.length; scale *= 128) {
      const byte = message[at++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (at < message.length) {
    const key = varint();
    const type = key & 7;
    if (type === 2) {
      const length = varint();
      if (Math.floor(key / 8) === wanted) return message.subarray(at, at + length);
      at += length;
    } else if (type === 0) varint();
    else if (type === 1) at += 8;
    else if (type === 5) at += 4;
    else return undefined;
  }
  return undefined;
}
