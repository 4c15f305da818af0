import { BridgeError } from "../../core/model/errors.ts";

/** Bytes; what is asked for here is a few hundred. */
const MOST = 64 * 1024;

/** A whole answer as text. Throws BridgeError where it is longer than any right one. */
export async function cappedText(body: AsyncIterable<Uint8Array> | null): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > MOST) {
      const words = "The homeserver's answer is longer than any right one.";
      throw new BridgeError("homeserver-unreachable", { words, certain: true });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
