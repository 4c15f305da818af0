import { type Dispatcher, request } from "undici";
import { BridgeError } from "../core/model/errors.ts";
import { type TransferWatch, watched } from "../core/runtime/transfer-watch.ts";

const HEADERS_TIMEOUT = 20_000;

interface Download {
  readonly url: URL;
  /** The network's name. */
  readonly network: string;
  /** More bytes than these are not taken. */
  readonly longest: number;
  readonly watch: TransferWatch;
  readonly headers?: Readonly<Record<string, string>>;
  /** Carries the request; undici's own without. */
  readonly dispatcher?: Dispatcher;
  /** The words for a file that the host no longer has, where there is more to say than that. */
  readonly expired?: string;
}

/**
 * Yields the bytes of a file at a network's host as they come. No redirect is followed. Throws BridgeError: where the
 * host cannot be reached, refuses, announces more than `longest`, or breaks off; and the watch's own.
 */
export async function* download(what: Download): AsyncGenerator<Uint8Array> {
  const { network, watch } = what;
  let isComing = false;
  try {
    const body = await answered(what);
    isComing = true;
    yield* watched(body, watch);
  } catch (cause) {
    if (watch.signal.aborted) throw watch.signal.reason;
    if (cause instanceof BridgeError) throw cause;
    throw isComing
      ? brokenOff(`The file broke off on its way from ${network}.`, cause)
      : hostUnreachable(network, cause);
  }
}

async function answered(what: Download): Promise<AsyncIterable<Uint8Array>> {
  const { url, longest, watch, headers = {}, dispatcher } = what;
  const options = { headers, headersTimeout: HEADERS_TIMEOUT, signal: watch.signal };
  const answer = await request(url, dispatcher ? { ...options, dispatcher } : options);
  const { statusCode, body } = answer;
  const isLonger = Number(answer.headers["content-length"] ?? 0) > longest;
  if (statusCode === 200 && !isLonger) return body;
  // The body of a refusal is not read, and must not keep its connection open.
  body.on("error", () => undefined).destroy();
  throw statusCode === 200 ? largerThanSaid() : refused(statusCode, what);
}

function refused(status: number, { network, expired }: Download): BridgeError {
  if (status === 404 || status === 410) {
    const words = expired ?? `${network} no longer has the file. Please ask your contact to send it again.`;
    return new BridgeError("gone", { words, certain: true });
  }
  if (status >= 500 || status === 429 || status === 408) return hostUnreachable(network);
  return new BridgeError("remote-refused", {
    words: `${network} did not hand out the file (error ${status}). Please ask your contact to send it again.`,
    certain: true,
  });
}

/** The error of a host of files that does not answer, or cannot answer at the moment. */
export function hostUnreachable(network: string, cause?: unknown, retryAfter = 2_000): BridgeError {
  return new BridgeError("remote-unreachable", {
    words: `The place where ${network} keeps files cannot be reached at the moment. It is tried again.`,
    certain: true,
    retryAfter,
    cause,
  });
}

/** A failed try and no outage: a file that breaks off each time must not hold its chat for ever. */
export function brokenOff(words: string, cause?: unknown): BridgeError {
  return new BridgeError("too-slow", { words, certain: false, retryAfter: 0, cause });
}

/** The error of a file that has more bytes than its message announced. */
export function largerThanSaid(): BridgeError {
  return new BridgeError("bad-input", { words: "The file is larger than its sender said.", certain: true });
}

/** The error of a file that is not the one its message announced. */
export function anotherFile(cause?: unknown): BridgeError {
  return new BridgeError("bad-input", {
    words: "The file is not the one that was sent: it is damaged, or was exchanged on the way.",
    certain: true,
    cause,
  });
}
