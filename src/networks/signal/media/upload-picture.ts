import type { Clock } from "../../../core/ports/clock.ts";
import { TransferWatch } from "../../../core/runtime/transfer-watch.ts";
import { hostUnreachable } from "../../download.ts";
import type { Cdn } from "./cdn.ts";
import { askHost, uploadRefused } from "./upload-request.ts";

/** Where a picture may be brought, and in whose name: what the server of groups signed. */
export interface PictureForm {
  /** The picture's path from then on. */
  readonly key: string;
  readonly credential: string;
  readonly acl: string;
  readonly algorithm: string;
  readonly date: string;
  readonly policy: string;
  readonly signature: string;
}

interface UploadPictureParts {
  readonly cdn: Cdn;
  readonly clock: Clock;
  readonly stopping?: AbortSignal | undefined;
}

/** Brings a sealed picture to Signal's host by a form, as a page of the host's own would. Throws BridgeError. */
export async function uploadPicture(
  { cdn, clock, stopping }: UploadPictureParts,
  { key, credential, acl, algorithm, date, policy, signature }: PictureForm,
  sealed: Uint8Array<ArrayBuffer>,
): Promise<void> {
  const fields = {
    key,
    "x-amz-credential": credential,
    acl,
    "x-amz-algorithm": algorithm,
    "x-amz-date": date,
    policy,
    "x-amz-signature": signature,
    "Content-Type": "application/octet-stream",
  };
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  // The host reads nothing that stands behind the file.
  form.append("file", new Blob([sealed]), "file");
  const encoded = new Response(form);
  const bytes = new Uint8Array(await encoded.arrayBuffer());
  const headers = { "content-type": encoded.headers.get("content-type") ?? "" };
  const words = "The group's picture went so slowly to Signal that it was given up.";
  using watch = new TransferWatch({ clock, stopping, words });
  const body = { bytes: once(bytes), length: bytes.length };
  const reply = await askHost(cdn, { method: "POST", url: cdn.pictures, headers, body }, watch);
  if (reply.status === undefined) throw hostUnreachable("Signal", reply.cause);
  if (reply.status >= 300) throw uploadRefused(reply);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
