import type { Capabilities } from "../../../core/model/capabilities.ts";
import { BridgeError } from "../../../core/model/errors.ts";
import { sizeWords } from "../../../core/model/limits.ts";
import type { MediaFile, MediaTools } from "../../../core/model/media.ts";
import type { Clock } from "../../../core/ports/clock.ts";
import { TransferWatch } from "../../../core/runtime/transfer-watch.ts";
import { anotherFile, download } from "../../download.ts";
import { type MediaRef, readMediaRef } from "../convert/media-ref.ts";
import { WireError } from "../wire/errors.ts";
import { decryptMedia, encryptedLength } from "../wire/media-crypto.ts";

/** Files up to this size in bytes are always fetched, whatever limits the network grants us for sending. */
const MIN_LIMIT = 100 * 1024 * 1024;

interface FetchMediaParts {
  readonly network: string;
  /** The gatekeeper's media address; nothing is fetched from elsewhere. */
  readonly mediaUrl: string;
  readonly granted: Capabilities;
  readonly tools: MediaTools;
  readonly clock: Clock;
  /** Ends transfers that are under way. */
  readonly stopping?: AbortSignal | undefined;
}

/**
 * Fetches a contact's file and decrypts it into a private file meanwhile; gives it out only when MAC, hashes and length
 * are right. Throws BridgeError.
 */
export async function fetchMedia(parts: FetchMediaParts, json: string): Promise<MediaFile> {
  const { network, mediaUrl, granted, tools, clock, stopping } = parts;
  const ref = readMediaRef(json);
  const url = addressOf(ref, mediaUrl);
  if (!url) {
    const words = `The file is said to be somewhere else than at ${network}, so it was not fetched.`;
    throw new BridgeError("bad-input", { words, certain: true });
  }
  const longest = Math.max(MIN_LIMIT, ...Object.values(granted.media).map(({ bytes }) => bytes));
  if (ref.length > longest) {
    throw new BridgeError("too-large", {
      words: `The file is said to be ${sizeWords(ref.length)} large, more than ${network} lets anybody send.`,
      certain: true,
    });
  }
  const words = `The file came so slowly from ${network} that it was given up.`;
  using watch = new TransferWatch({ clock, stopping, words });
  try {
    const ciphertext = download({ url, network, longest: encryptedLength(ref.length), watch });
    return await tools.spool(decryptMedia(ciphertext, ref.key, ref.use, digestsOf(ref)), ref.length);
  } catch (error) {
    throw error instanceof WireError ? anotherFile(error) : error;
  }
}

function digestsOf({ plain, encrypted, length }: MediaRef) {
  return { fileSha256: plain, fileEncSha256: encrypted, fileLength: length };
}

/** The file's URL; undefined where it is not under the gatekeeper's media address. */
function addressOf({ path }: MediaRef, mediaUrl: string): URL | undefined {
  const base = mediaUrl.replace(/\/+$/, "");
  const whole = path.startsWith("/") ? base + path : path;
  if (!whole.startsWith(`${base}/`) || !URL.canParse(whole)) return undefined;
  const [url, under] = [new URL(whole), new URL(`${base}/`)];
  return url.origin === under.origin && url.pathname.startsWith(under.pathname) ? url : undefined;
}
