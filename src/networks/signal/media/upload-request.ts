import { Readable } from "node:stream";
import { errors, request } from "undici";
import { BridgeError } from "../../../core/model/errors.ts";
import { type TransferWatch, watched } from "../../../core/runtime/transfer-watch.ts";
import { hostUnreachable } from "../../download.ts";
import type { Cdn } from "./cdn.ts";

/** Milliseconds that a host may take to answer once it has all bytes. */
const ANSWER_TIMEOUT = 60_000;

interface UploadRequest {
  readonly method: "POST" | "PUT" | "PATCH" | "HEAD";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: { readonly bytes: AsyncIterable<Uint8Array>; readonly length: number };
}

/** The connection broke before an answer came: the host may have some of the file, or all. */
export interface Broken {
  readonly status: undefined;
  readonly cause: unknown;
}

export interface UploadReply {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
}

/** Asks a host that takes a file. Throws the watch's error, and what reading the file throws. */
export async function askHost(
  { dispatcher, headers: own }: Pick<Cdn, "dispatcher" | "headers">,
  { method, url, headers, body }: UploadRequest,
  watch: TransferWatch,
): Promise<UploadReply | Broken> {
  let failure: { readonly error: unknown } | undefined;
  async function* sent(bytes: AsyncIterable<Uint8Array>) {
    try {
      yield* watched(bytes, watch);
    } catch (error) {
      failure = { error };
      throw error;
    }
    watch.expectEndWithin(ANSWER_TIMEOUT);
  }
  const length = { "content-length": `${body?.length ?? 0}` };
  try {
    const answer = await request(url, {
      method,
      dispatcher,
      signal: watch.signal,
      headersTimeout: ANSWER_TIMEOUT,
      headers: { ...own, ...headers, ...(method === "HEAD" ? {} : length) },
      body: body ? Readable.from(sent(body.bytes), { objectMode: false }) : null,
    });
    // What it says beside its head is not needed, and must not keep its connection open.
    answer.body.on("error", () => undefined).destroy();
    return {
      status: answer.statusCode,
      header(name) {
        const value = answer.headers[name];
        return typeof value === "string" ? value : undefined;
      },
    };
  } catch (cause) {
    if (watch.signal.aborted) throw watch.signal.reason;
    if (failure) throw failure.error;
    if (cause instanceof errors.InvalidArgumentError) throw cause;
    return { status: undefined, cause };
  }
}

/** The error of a host that did not take a file. A form for an upload may have expired, so that another one may help. */
export function uploadRefused({ status, header }: UploadReply): BridgeError {
  if (status >= 500 || status === 408 || status === 429) {
    const seconds = Number(header("retry-after"));
    return hostUnreachable("Signal", undefined, seconds > 0 ? seconds * 1_000 : undefined);
  }
  if (status === 413) {
    const words = "The file is larger than Signal takes.";
    return new BridgeError("too-large", { words, certain: true });
  }
  return new BridgeError("remote-refused", {
    words: `Signal did not take the file (error ${status}).`,
    certain: true,
    retryAfter: 0,
  });
}
