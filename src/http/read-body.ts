import type { IncomingMessage } from "node:http";

/** The whole body, or undefined when it is longer than `limit` bytes. Rejects when the sender goes away. */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  if (Number(request.headers["content-length"] ?? 0) > limit) return Promise.resolve(undefined);
  const { promise, resolve, reject } = Promise.withResolvers<Buffer | undefined>();
  const chunks: Buffer[] = [];
  let size = 0;
  request.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > limit) {
      request.pause();
      chunks.length = 0;
      resolve(undefined);
    } else chunks.push(chunk);
  });
  request.once("end", () => {
    const [only] = chunks;
    resolve(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks));
  });
  request.once("error", reject);
  request.once("close", () => reject(new Error("The sender went away.")));
  return promise;
}
