import { request } from "undici";
import type { Capabilities } from "../../../core/model/capabilities.ts";
import { BridgeError } from "../../../core/model/errors.ts";
import { sizeWords } from "../../../core/model/limits.ts";
import type { MediaFile, MediaTools } from "../../../core/model/media.ts";
import type { Clock } from "../../../core/ports/clock.ts";
import { TransferWatch, watched } from "../../../core/runtime/transfer-watch.ts";
import { type MediaRef, readMediaRef } from "../convert/media-ref.ts";
import { WireError } from "../wire/errors.ts";
import { decryptMedia, encryptedLength } from "../wire/media-crypto.ts";

const HEADERS_TIMEOUT = 20_000;
/** What is taken whatever the network says it lets us send. */
const ALWAYS = 100 * 1024 * 1024;

interface FetchMediaOptions {
  readonly network: string;
  /** The gatekeeper's own media host, the only one that is asked. */
  readonly mediaUrl: string;
  readonly granted: Capabilities;
  readonly tools: MediaTools;
  readonly clock: Clock;
  /** Ends what is under way. */
  readonly stopping?: AbortSignal | undefined;
}

/**
 * Fetches a contact's file, decrypts it into a private file while it comes, and gives it out only when MAC, hashes and
 * length hold. Throws BridgeError.
 */
export async function fetchMedia(options: FetchMediaOptions, json: string): Promise<MediaFile> {
  const { network, mediaUrl, granted, tools, clock, stopping } = options;
  const ref = readMediaRef(json);
  const url = addressOf(ref, mediaUrl);
  if (!url) throw lied(`The file is said to be somewhere else than at ${network}, so it was not fetched.`);
  const most = Math.max(ALWAYS, ...Object.values(granted.media).map(({ bytes }) => bytes));
  if (ref.length > most) {
    throw new BridgeError("too-large", {
      words: `The file is said to be ${sizeWords(ref.length)} large, more than ${network} lets anybody send.`,
      certain: true,
    });
  }
  const words = `The file came so slowly from ${network} that it was given up.`;
  using watch = new TransferWatch({ clock, stopping, words });
  try {
    const ciphertext = download(url, network, encryptedLength(ref.length), watch);
    return await tools.spool(decryptMedia(ciphertext, ref.key, ref.use, digestsOf(ref)), ref.length);
  } catch (error) {
    if (error instanceof WireError) {
      throw lied("The file is not the one that was sent: it is damaged, or was exchanged on the way.", error);
    }
    throw error;
  }
}

function digestsOf({ plain, encrypted, length }: MediaRef) {
  return { fileSha256: plain, fileEncSha256: encrypted, fileLength: length };
}

/** Undefined where it leads away from the gatekeeper's media host, or above its path. */
function addressOf({ path }: MediaRef, mediaUrl: string): URL | undefined {
  const base = mediaUrl.replace(/\/+$/, "");
  const whole = path.startsWith("/") ? base + path : path;
  if (!whole.startsWith(`${base}/`) || !URL.canParse(whole)) return undefined;
  const [url, under] = [new URL(whole), new URL(`${base}/`)];
  return url.origin === under.origin && url.pathname.startsWith(under.pathname) ? url : undefined;
}

async function* download(
  url: URL,
  network: string,
  most: number,
  watch: TransferWatch,
): AsyncGenerator<Uint8Array> {
  try {
    const { statusCode, headers, body } = await request(url, {
      headersTimeout: HEADERS_TIMEOUT,
      signal: watch.signal,
    });
    const isLonger = Number(headers["content-length"] ?? 0) > most;
    if (statusCode !== 200 || isLonger) {
      // An error's text is of no interest, and an open body would hold its connection.
      body.on("error", () => undefined).destroy();
      throw statusCode === 200
        ? lied("The file is larger than its sender said.")
        : refused(statusCode, network);
    }
    yield* watched(body, watch);
  } catch (cause) {
    if (watch.signal.aborted) throw watch.signal.reason;
    if (cause instanceof BridgeError) throw cause;
    throw down(network, cause);
  }
}

function refused(status: number, network: string): BridgeError {
  if (status === 404 || status === 410) {
    return new BridgeError("gone", {
      words: `${network} no longer has the file. Please ask your contact to send it again.`,
      certain: true,
    });
  }
  if (status >= 500 || status === 429 || status === 408) return down(network, undefined);
  return new BridgeError("remote-refused", {
    words: `${network} did not hand out the file (error ${status}). Please ask your contact to send it again.`,
    certain: true,
  });
}

function down(network: string, cause: unknown): BridgeError {
  return new BridgeError("remote-unreachable", {
    words: `The place where ${network} keeps files cannot be reached at the moment. It is tried again.`,
    certain: true,
    retryAfter: 2_000,
    cause,
  });
}

function lied(words: string, cause?: unknown): BridgeError {
  return new BridgeError("bad-input", { words, certain: true, cause });
}
