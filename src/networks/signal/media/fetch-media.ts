import { BridgeError } from "../../../core/model/errors.ts";
import { sizeWords } from "../../../core/model/limits.ts";
import { fileOf, type MediaFile, type MediaTools } from "../../../core/model/media.ts";
import type { Clock } from "../../../core/ports/clock.ts";
import { TransferWatch } from "../../../core/runtime/transfer-watch.ts";
import { anotherFile, download } from "../../download.ts";
import { decryptAttachment, longestDownload } from "./attachment-crypto.ts";
import type { Cdn } from "./cdn.ts";
import { LONGEST_FILE } from "./limits.ts";
import { type AttachmentRef, type ProfilePictureRef, readMediaRef } from "./media-ref.ts";
import { decryptProfilePicture } from "./profile-picture.ts";

const DAY = 86_400_000;
/** Days for which Signal keeps a file. */
const KEPT_DAYS = 45;
const LARGEST_PICTURE = 10 * 1024 * 1024;

interface FetchMediaParts {
  readonly cdn: Cdn;
  readonly tools: Pick<MediaTools, "spool">;
  readonly clock: Clock;
  /** Ends transfers that are under way. */
  readonly stopping?: AbortSignal | undefined;
}

/**
 * Fetches the file of a reference from Signal's hosts and decrypts it into a private file meanwhile; gives it out only
 * when MAC, digest and size are right. Throws BridgeError.
 */
export async function fetchMedia(parts: FetchMediaParts, json: string): Promise<MediaFile> {
  const ref = readMediaRef(json);
  const words = "The file came so slowly from Signal that it was given up.";
  using watch = new TransferWatch({ clock: parts.clock, stopping: parts.stopping, words });
  // Awaited, so that the watch lasts as long as the transfer.
  return await ("profilePicture" in ref
    ? fetchPicture(parts, ref, watch)
    : fetchAttachment(parts, ref, watch));
}

/** A picture of a group's; `open` decrypts it, and answers undefined for another one. Throws BridgeError. */
export async function fetchGroupPicture(
  parts: FetchMediaParts,
  path: string,
  open: (sealed: Uint8Array) => Uint8Array | undefined,
): Promise<MediaFile> {
  const words = "The group's picture came so slowly from Signal that it was given up.";
  using watch = new TransferWatch({ clock: parts.clock, stopping: parts.stopping, words });
  const chunks: Uint8Array[] = [];
  const blob = fetched(parts.cdn, parts.cdn.profilePicture(path), LARGEST_PICTURE, watch);
  for await (const chunk of blob) chunks.push(chunk);
  const picture = open(Buffer.concat(chunks));
  if (!picture) throw anotherFile();
  return parts.tools.spool(fileOf(picture).read(), picture.length);
}

async function fetchAttachment(parts: FetchMediaParts, ref: AttachmentRef, watch: TransferWatch) {
  const { cdn, key, size, uploadedAt } = ref;
  const { tools, clock } = parts;
  if (size > LONGEST_FILE) {
    const words = `The file is said to be ${sizeWords(size)} large, more than Signal lets anybody send.`;
    throw new BridgeError("too-large", { words, certain: true });
  }
  const isOld = uploadedAt !== undefined && clock.now() - uploadedAt > KEPT_DAYS * DAY;
  const expired = isOld
    ? `Signal keeps files for ${KEPT_DAYS} days, and this one is older. Please ask your contact to send it again.`
    : undefined;
  const blob = fetched(parts.cdn, parts.cdn.attachment(cdn, key), longestDownload(size), watch, expired);
  return tools.spool(decryptAttachment(blob, ref), size);
}

async function fetchPicture({ cdn, tools }: FetchMediaParts, ref: ProfilePictureRef, watch: TransferWatch) {
  const blob = fetched(cdn, cdn.profilePicture(ref.profilePicture), LARGEST_PICTURE, watch);
  return tools.spool(decryptProfilePicture(blob, ref.profileKey), LARGEST_PICTURE);
}

function fetched(
  { dispatcher, headers }: Cdn,
  url: URL | undefined,
  longest: number,
  watch: TransferWatch,
  expired?: string,
): AsyncGenerator<Uint8Array> {
  if (!url) {
    const words = "The file is said to be somewhere else than at Signal, so it was not fetched.";
    throw new BridgeError("bad-input", { words, certain: true });
  }
  const what = { url, network: "Signal", longest, watch, headers, dispatcher };
  return download(expired === undefined ? what : { ...what, expired });
}
