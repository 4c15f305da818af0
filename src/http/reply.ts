import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import type { HttpReply } from "../core/network.ts";

/** Milliseconds a reader may take nothing before it is taken for gone. */
const PATIENCE = 60_000;

export const problem = (status: number, error: string): HttpReply => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ error }),
});

/**
 * Sends an answer; a stream no faster than it is read, and never a byte after its reader is gone. A stream that
 * fails on the way ends the connection, so that the reader knows the body is not whole.
 */
export async function reply(response: ServerResponse, { status, headers, body }: HttpReply): Promise<void> {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  if (response.headersSent || response.destroyed) {
    if (!(bytes instanceof Uint8Array)) await abandon(bytes);
    return;
  }
  const head = { "x-content-type-options": "nosniff", ...headers };
  if (bytes instanceof Uint8Array) {
    response.writeHead(status, { ...head, "content-length": bytes.length });
    response.end(response.req.method === "HEAD" ? undefined : bytes);
    return;
  }
  // A body shorter or longer than was announced would be taken for part of the next answer.
  response.strictContentLength = true;
  response.writeHead(status, head);
  if (response.req.method === "HEAD") {
    response.end();
    await abandon(bytes);
    return;
  }
  try {
    await pour(bytes, response);
    response.end();
  } catch (error) {
    response.destroy();
    throw error;
  }
}

async function pour(stream: AsyncIterable<Uint8Array>, response: ServerResponse): Promise<void> {
  for await (const chunk of stream) {
    if (response.destroyed) return;
    if (!response.write(chunk)) await drained(response);
  }
}

/** Resolves when more can be written, or nobody reads any more. */
function drained(response: ServerResponse): Promise<void> {
  if (response.destroyed || !response.writableNeedDrain) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => response.destroy(), PATIENCE);
    const done = (): void => {
      clearTimeout(timer);
      response.off("drain", done).off("close", done);
      resolve();
    };
    response.once("drain", done).once("close", done);
  });
}

/** Lets a stream nobody will read close what it holds. */
async function abandon(stream: AsyncIterable<Uint8Array>): Promise<void> {
  if (stream instanceof Readable) stream.destroy();
  await stream[Symbol.asyncIterator]().return?.();
}
