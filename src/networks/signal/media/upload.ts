import { randomBytes } from "node:crypto";
import type { Net } from "@signalapp/libsignal-client";
import type { MediaFile } from "../../../core/model/media.ts";
import type { Clock } from "../../../core/ports/clock.ts";
import { TransferWatch } from "../../../core/runtime/transfer-watch.ts";
import { brokenOff, hostUnreachable } from "../../download.ts";
import type { AttachmentPointer } from "../wire/attachment.ts";
import { encryptAttachment, uploadLength } from "./attachment-crypto.ts";
import type { Cdn } from "./cdn.ts";
import { type UploadSource, type UploadTarget, uploadResumably } from "./resumable-upload.ts";
import { askHost, uploadRefused } from "./upload-request.ts";

export interface UploadParts {
  readonly cdn: Cdn;
  readonly clock: Clock;
  /** Asks the server where a file of so many bytes, encrypted, may be brought. Throws BridgeError. */
  readonly uploadForm: (length: number) => Promise<Net.UploadForm>;
  /** Ends transfers that are under way. */
  readonly stopping?: AbortSignal | undefined;
}

/** Where a file is, as a message has to say. */
export type Uploaded = Pick<AttachmentPointer, "cdn" | "size" | "uploadedAt"> &
  Required<Pick<AttachmentPointer, "cdnKey" | "key" | "digest">>;

/** Encrypts a file, under a key of its own, while it is brought to one of Signal's hosts. Throws BridgeError. */
export async function upload(
  { cdn, clock, uploadForm, stopping }: UploadParts,
  file: Pick<MediaFile, "size" | "read">,
): Promise<Uploaded> {
  const secrets = { key: new Uint8Array(randomBytes(64)), iv: new Uint8Array(randomBytes(16)) };
  let digest: Uint8Array | undefined;
  const source: UploadSource = {
    length: uploadLength(file.size),
    async *bytes() {
      digest = yield* encryptAttachment(file.read(), file.size, secrets);
    },
  };
  const { cdn: number, key: cdnKey, signedUploadUrl: url, headers } = await uploadForm(source.length);
  const words = "The file went so slowly to Signal that it was given up.";
  using watch = new TransferWatch({ clock, stopping, words });
  const target = { key: cdnKey, url, headers };
  await (number === RESUMABLE
    ? uploadResumably(target, source, { cdn, clock, watch })
    : uploadAtOnce(target, source, cdn, watch));
  if (!digest) {
    // The host had it all when the connection broke.
    for await (const _ of source.bytes());
  }
  if (!digest) throw new Error("a file was uploaded without its digest");
  return { cdn: number, cdnKey, key: secrets.key, digest, size: file.size, uploadedAt: clock.now() };
}

/** The number of the host that speaks tus. */
const RESUMABLE = 3;

/** To host 2, which is asked for a place, and gets all bytes there in one request. */
async function uploadAtOnce(
  { url, headers }: UploadTarget,
  source: UploadSource,
  cdn: Cdn,
  watch: TransferWatch,
): Promise<void> {
  const type = { "content-type": "application/octet-stream" };
  const asked = { ...Object.fromEntries(headers), ...type };
  const begun = await askHost(cdn, { method: "POST", url: url.href, headers: asked }, watch);
  if (begun.status === undefined) throw hostUnreachable("Signal", begun.cause);
  const place = begun.header("location");
  if (begun.status >= 300 || place === undefined || !URL.canParse(place, url.href))
    throw uploadRefused(begun);
  const body = { bytes: source.bytes(), length: source.length };
  const reply = await askHost(
    cdn,
    { method: "PUT", url: new URL(place, url).href, headers: type, body },
    watch,
  );
  if (reply.status === undefined) throw brokenOff("The file broke off on its way to Signal.", reply.cause);
  if (reply.status >= 300) throw uploadRefused(reply);
}
