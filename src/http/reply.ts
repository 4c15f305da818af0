import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import type { Clock } from "../core/ports/clock.ts";
import type { HttpReply } from "../core/ports/http-route.ts";
import { type Pace, TransferWatch } from "../core/runtime/transfer-watch.ts";

/** The slowest pace at which a client may read an answer; low, as no chat waits for it and lines may be shared. */
const SLOWEST_READING: Pace = { span: 60_000, least: 4 * 1024, most: 3_600_000 };
const CHUNK = 64 * 1024;

export const errorReply = (status: number, error: string): HttpReply => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ error }),
});

/**
 * Sends an answer as fast as the client reads it; a client below {@link SLOWEST_READING} is cut off. A stream that fails
 * ends the connection, so that the client knows that the body is incomplete.
 */
export async function reply(
  response: ServerResponse,
  { status, headers, body }: HttpReply,
  clock: Pick<Clock, "after">,
): Promise<void> {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  if (response.headersSent || response.destroyed) {
    if (!(bytes instanceof Uint8Array)) await abandon(bytes);
    return;
  }
  const head = { "x-content-type-options": "nosniff", ...headers };
  if (bytes instanceof Uint8Array) {
    response.writeHead(status, { ...head, "content-length": bytes.length });
    if (response.req.method === "HEAD") response.end();
    else await pour(slices(bytes), response, clock);
    return;
  }
  // Node checks the length: a client would read the rest of a wrong body as part of the next answer.
  response.strictContentLength = true;
  response.writeHead(status, head);
  if (response.req.method === "HEAD") {
    response.end();
    await abandon(bytes);
    return;
  }
  try {
    await pour(bytes, response, clock);
  } catch (error) {
    response.destroy();
    throw error;
  }
}

/** Aborts when an answer is sent, or its client does not wait for it any more. */
export function closing(response: ServerResponse): AbortSignal {
  const closed = new AbortController();
  response.once("close", () => closed.abort());
  if (response.destroyed) closed.abort();
  return closed.signal;
}

function* slices(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += CHUNK) yield bytes.subarray(at, at + CHUNK);
}

async function pour(
  stream: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  response: ServerResponse,
  clock: Pick<Clock, "after">,
): Promise<void> {
  using watch = new TransferWatch({ clock, pace: SLOWEST_READING, words: "The reader is too slow." });
  watch.signal.addEventListener("abort", () => response.destroy());
  watch.expectBytes();
  for await (const chunk of stream) {
    if (response.destroyed) return;
    if (!response.write(chunk)) await next(response, "drain");
    watch.count(chunk.length);
  }
  if (response.destroyed) return;
  response.end();
  await next(response, "finish");
}

/** Resolves at the event, or when the client has gone. */
function next(response: ServerResponse, event: "drain" | "finish"): Promise<void> {
  const isOver = event === "drain" ? !response.writableNeedDrain : response.writableFinished;
  if (response.destroyed || isOver) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      response.off(event, done).off("close", done);
      resolve();
    };
    response.once(event, done).once("close", done);
  });
}

/** Ends a stream that is not read, so that it closes its file. */
async function abandon(stream: AsyncIterable<Uint8Array>): Promise<void> {
  if (stream instanceof Readable) stream.destroy();
  await stream[Symbol.asyncIterator]().return?.();
}
