import type { IncomingMessage } from "node:http";

export type Body = { readonly kind: "bytes"; readonly bytes: Buffer } | { readonly kind: "too-long" };

/** A request's body, read no further than the limit. Rejects where the sender goes away. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Body> {
  const announced = Number(request.headers["content-length"] ?? 0);
  if (announced > limit) return { kind: "too-long" };
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limit) return { kind: "too-long" };
    chunks.push(chunk);
  }
  return { kind: "bytes", bytes: chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks) };
}
