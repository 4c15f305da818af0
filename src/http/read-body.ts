import type { IncomingMessage } from "node:http";

/** The whole body, or undefined when it is longer than `limit` bytes. Rejects when the sender goes away. */
export function readBody(request: IncomingMessage, limit: number): Promise<Uint8Array | undefined> {
  if (Number(request.headers["content-length"] ?? 0) > limit) return Promise.resolve(undefined);
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array | undefined>();
  const chunks: Uint8Array[] = [];
  let size = 0;
  request.on("data", (chunk: Uint8Array) => {
    size += chunk.length;
    if (size > limit) {
      request.pause();
      chunks.length = 0;
      resolve(undefined);
    } else chunks.push(chunk);
  });
  request.once("end", () => resolve(Buffer.concat(chunks)));
  request.once("error", reject);
  request.once("close", () => reject(new Error("The sender went away.")));
  return promise;
}
