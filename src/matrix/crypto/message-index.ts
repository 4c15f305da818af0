import { fieldOf } from "../http/json.ts";

/** Where in which session an event was encrypted. */
export interface SessionPlace {
  readonly session: string;
  /** The message index, from 0. */
  readonly position: number;
}

const VERSION = 3;
/** The tag of the message index (Megolm, "Message format"). */
const INDEX = 0x08;
/** More than any session has messages. */
const LONGEST = 5;

/** The place of an `m.room.encrypted` event's content in its Megolm session; undefined where it names none. */
export function placeOf(content: unknown): SessionPlace | undefined {
  const session = fieldOf(content, "session_id");
  const ciphertext = fieldOf(content, "ciphertext");
  if (typeof session !== "string" || typeof ciphertext !== "string") return undefined;
  const bytes = Buffer.from(ciphertext.slice(0, 16), "base64");
  if (bytes[0] !== VERSION || bytes[1] !== INDEX) return undefined;
  let position = 0;
  for (let at = 0; at < LONGEST; at += 1) {
    const byte = bytes[2 + at];
    if (byte === undefined) return undefined;
    position += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) return { session, position };
  }
  return undefined;
}
