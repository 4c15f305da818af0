import { type Dispatcher, request } from "undici";
import { BridgeError } from "../../../core/model/errors.ts";

/** The host of the storage service, which has the groups too. */
export interface StorageHost {
  /** The address, without a slash at the end. */
  readonly address: string;
  /** Trusts the service's certificate. */
  readonly dispatcher: Dispatcher;
  readonly userAgent: string;
  /** Ends requests that are under way. */
  readonly stopping?: AbortSignal | undefined;
}

interface StorageRequest {
  readonly method: "GET" | "PUT" | "PATCH";
  readonly path: string;
  readonly authorization: string;
  /** A protobuf. */
  readonly body?: Uint8Array | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface StorageAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
}

/** Milliseconds for a whole answer. */
const TIMEOUT = 30_000;
/** Bytes of an answer; a read of some hundred records is some hundred kilobytes, and so is a large group. */
const MOST_BYTES = 32 * 1024 * 1024;

export const basic = (username: string, password: string): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;

/** One request of a service at the storage host, whatever it is answered. Throws BridgeError where there is no answer. */
export async function requestStorage(
  { address, dispatcher, userAgent, stopping }: StorageHost,
  { method, path, authorization, body, headers = {} }: StorageRequest,
): Promise<StorageAnswer> {
  try {
    const answer = await request(`${address}${path}`, {
      method,
      dispatcher,
      headers: {
        authorization,
        "user-agent": userAgent,
        "x-signal-agent": userAgent,
        ...(body && { "content-type": "application/x-protobuf" }),
        ...headers,
      },
      ...(body && { body }),
      signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT), ...(stopping ? [stopping] : [])]),
    });
    return { status: answer.statusCode, headers: answer.headers, body: await capped(answer.body) };
  } catch (cause) {
    stopping?.throwIfAborted();
    throw cause instanceof BridgeError ? cause : storageUnreachable(cause);
  }
}

async function capped(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MOST_BYTES) throw storageUnreachable(new Error("an answer longer than any right one"));
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export const storageUnreachable = (cause: unknown): BridgeError =>
  new BridgeError("remote-unreachable", {
    words: "Signal's storage service cannot be reached at the moment. Try again in a few minutes.",
    certain: false,
    retryAfter: 0,
    cause,
  });
